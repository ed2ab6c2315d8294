/** Addresses for a search: when they are asked for, and whose they are. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { AddressBook, mayBeAddress } from '../../../src/page/model/addresses.ts';
import { Replay } from '../../../src/replay/replay.ts';
import { identity, link, linkRow, named, row, snapshot } from '../support/wire.ts';

test('what may be an address', () => {
  for (const query of ['10.', '192.0.2.1', 'blue 10.0', 'fe80:', '::1', '2001:db8::', 'ip:1', '02:42:ac'])
    assert.ok(mayBeAddress(query), query);
  for (const query of ['', 'blue', '10', 'ip:', 'kind:veth', 'nsid:7', 'pid:12', 'eth0', '4026532178'])
    assert.ok(!mayBeAddress(query), query);
});

test('they are asked for when they are searched for, and seldom', async () => {
  const replay = new Replay();
  const blue = { namespace: identity(7), number: 3 };
  const host = { namespace: null, number: null, own: true };
  const other = { namespace: null, number: 4 };
  replay.snapshot(snapshot([row(host), row({ ...blue, ...named('blue'), ready: true }), row(other)], []), 0);
  const rows = [
    { ...linkRow(blue, link(2, 'eth0')), addresses: ['10.0.0.2/24'] },
    { ...linkRow(host, link(1, 'lo')), addresses: ['127.0.0.1/8'] },
    { ...linkRow(other, link(5, 'x')), addresses: [] },
    { ...linkRow({ number: 9 }, link(5, 'x')), addresses: ['10.9.9.9/8'] },
    { ...linkRow(other, link(6, 'y')), addresses: null },
  ];
  let now = 0;
  const asked: string[] = [];
  let told = 0;
  const io = {
    now: () => now,
    rows: async (path: string) => {
      asked.push(path);
      return asked.length === 2 ? null : { rows, tag: null };
    },
  };
  const book = new AddressBook(io, () => told++);
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  assert.equal(book.for('blue', replay.model), undefined);
  assert.equal(book.for('10.0', replay.model), undefined);
  assert.equal(book.for('10.0.0', replay.model), undefined);
  await settled();
  assert.deepEqual([asked, told], [['/v1/links?addresses'], 1]);
  const known = book.for('10.0.0', replay.model);
  assert.deepEqual(
    [...(known ?? [])],
    [
      ['id:7/2', ['10.0.0.2/24']],
      ['own/1', ['127.0.0.1/8']],
      ['number:4/5', []],
    ],
  );
  now = 5000;
  assert.equal(book.for('10.0.0', replay.model), known, 'as they were, until there is an answer');
  await settled();
  assert.equal(book.for('10.0.0', replay.model), known, 'there was none');
  assert.deepEqual([asked.length, told], [2, 1]);
});
