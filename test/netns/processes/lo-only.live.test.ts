/** Namespaces of processes, with and without an interface; nothing is kept of them. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { loOnly } from '../../../src/netns/processes/lo-only.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { ip, spawnHolder } from '../../support/netns.ts';

test('a namespace with nothing but lo, with one more, and one that is gone', async (t) => {
  const alone = await spawnHolder(t);
  await withoutLeak(async () => {
    assert.equal(loOnly(alone.pid), true);
    ip('link', 'add', 'other', 'netns', String(alone.pid), 'type', 'veth');
    assert.equal(loOnly(alone.pid), false);
  });
  await alone.end();
  assert.equal(loOnly(alone.pid), null);
});
