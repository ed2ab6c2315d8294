import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostNames } from '../../../src/cli/output/host-names.ts';

const host = (id: string, name: string): { id: string; key: string; name: string } => ({
  id,
  key: id.split('~')[0] as string,
  name,
});

test('a part of the key follows a name that several have, as long as they have it', () => {
  const [one, two] = [host('1234567890', 'node'), host('abcdefghij', 'node')];
  const names = new HostNames([one]);
  assert.equal(names.of(one), 'node');
  names.know(two);
  names.know(two);
  assert.deepEqual([names.of(one), names.of(two)], ['node~12345678', 'node~abcdefgh']);
  const second = host('abcdefghij~00000001000000aa', 'node');
  names.know(second);
  assert.equal(names.of(second), 'node~000000aa');
  names.forget(second);
  names.know({ ...two, name: 'other' });
  assert.deepEqual([names.of(one), names.of({ ...two, name: 'other' })], ['node', 'other']);
  names.forget(one);
  names.forget(one);
  names.know({ ...two, name: 'node' });
  assert.equal(names.of(two), 'node');
  assert.equal(names.of(host('1', 'a\u001b[31m')), '"a\\x1b[31m"');
});
