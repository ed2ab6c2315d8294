/** In which order names are asked for an nsid, and which ones. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NamespaceRecord } from '../../../src/watch/unified/namespace-record.ts';
import type { NameRecord } from '../../../src/watch/unified/namespace-record.ts';
import { UnresolvedNames } from '../../../src/watch/unified/unresolved-names.ts';
import { identity, located } from './named-kernel.ts';

const name = (order: number): NameRecord => ({
  ...located(`n${order}`),
  record: new NamespaceRecord(identity(order), 'namespace'),
  observed: identity(order),
  order,
});

/** Names 1 to `count`, of which those in `skipped` have an nsid or are gone. */
function names(count: number, skipped: readonly number[]): UnresolvedNames {
  const skip = new Set(skipped);
  const all = new UnresolvedNames(({ order }) => !skip.has(order));
  for (let order = 1; order <= count; order++) all.add(name(order), count);
  return all;
}

const rows: [what: string, count: number, skipped: number[], near: number, orders: number[]][] = [
  ['no names', 0, [], 0, []],
  ['the newest first', 3, [], 0, [3, 2, 1]],
  ['the newest is skipped', 3, [3], 0, [2, 1]],
  ['one in the middle is skipped', 4, [2], 0, [4, 3, 1]],
  ['all are skipped', 3, [1, 2, 3], 0, []],
  ['after the first, its neighbours: those that follow, then those before', 4, [], 1, [2, 3, 4, 1]],
  ['near the last', 4, [4], 4, [3, 2, 1]],
  ['near one that is skipped', 5, [3], 3, [4, 5, 2, 1]],
  ['near one that is not the last', 5, [], 2, [3, 4, 5, 2, 1]],
  ['the oldest two after eight of the newest', 12, [9], 0, [12, 11, 10, 8, 7, 6, 5, 4, 1, 2, 3]],
  ['near a name beyond all', 3, [], 9, [3, 2, 1]],
  [
    'eight neighbours on each side, then the newest',
    20,
    [],
    10,
    [11, 12, 13, 14, 15, 16, 17, 18, 10, 9, 8, 7, 6, 5, 4, 3, 20, 19, 2, 1],
  ],
];

for (const [what, count, skipped, near, orders] of rows)
  test(what, () => {
    const found = [...names(count, skipped).newestFirst(near)].map(({ order }) => order);
    assert.deepEqual(found, orders);
  });

test('starts again with the names that are there, in order', () => {
  const all = names(5, [4]);
  all.reset([name(7), name(4), name(6)]);
  assert.deepEqual(
    [...all.newestFirst(0)].map(({ order }) => order),
    [7, 6],
  );
});

test('drops names that are skipped when there are too many of them', () => {
  let asked = 0;
  const all = new UnresolvedNames(({ order }) => {
    asked++;
    return order === 1 || order > 1000;
  });
  for (let order = 1; order <= 1001; order++) all.add(name(order), 2);
  assert.deepEqual(
    [...all.newestFirst(0)].map(({ order }) => order),
    [1001, 1],
  );
  asked = 0;
  void [...all.newestFirst(0)];
  assert.ok(asked < 100, `${asked} of 1001 names are looked at`);
});
