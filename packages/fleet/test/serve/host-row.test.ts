/** What of a host is told as a change, and what is told with each look. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FleetHost } from '../../src/index.ts';
import { hostRow, looksOf } from '../../src/serve/host-row.ts';

const HOST: FleetHost = {
  id: 'one',
  key: 'one',
  epoch: '00000001000000aa',
  name: 'node-1',
  state: 'live',
  since: 1_000_000,
  heard: 3000,
  interval: 15_000,
  shard: '0',
  seq: 7,
  counts: { namespaces: 1, names: 2, links: 3 },
  versions: { nlink: '1', node: '2', kernel: '3' },
  target: null,
  unavailable: [],
  skew: 100,
  duplicate: false,
  picture: 'current',
  malformed: 0,
};

const CHANGES: Partial<FleetHost>[] = [
  { epoch: '00000001000000bb' },
  { name: 'node-2' },
  { state: 'late' },
  { since: 2_000_000 },
  { interval: 10_000 },
  { shard: 'a' },
  { counts: { ...HOST.counts, namespaces: 9 } },
  { counts: { ...HOST.counts, names: 9 } },
  { counts: { ...HOST.counts, links: null } },
  { versions: { ...HOST.versions, nlink: '9' } },
  { versions: { ...HOST.versions, node: '9' } },
  { versions: { ...HOST.versions, kernel: '9' } },
  { target: 'a:1' },
  { unavailable: ['links'] },
  { skew: 60_000 },
  { skew: null },
  { duplicate: true },
  { picture: 'stale' },
  { malformed: 1 },
];

test('each of these is a change', () => {
  for (const change of CHANGES)
    assert.notEqual(looksOf({ ...HOST, ...change }), looksOf(HOST), JSON.stringify(change));
  // What is not here is compared by nobody.
  const fields = new Set([...CHANGES.flatMap((change) => Object.keys(change)), 'id', 'key', 'heard', 'seq']);
  assert.deepEqual(new Set(Object.keys(HOST)), fields);
});

test('when it was heard, its last number, and a clock that is a little off are none', () => {
  assert.equal(looksOf({ ...HOST, heard: 9000, seq: 8, skew: 900 }), looksOf(HOST));
});

test('a row has every field, and times instead of ages', () => {
  const row = hostRow(HOST, 10_000_000);
  assert.deepEqual(row, { ...HOST, since: '1970-01-01T00:16:40.000Z', heard: '1970-01-01T02:46:37.000Z' });
});
