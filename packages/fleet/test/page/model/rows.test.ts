/** Where the boxes of hosts are: none over another, none left out, in their order. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf, heightOf, rowAt, rowsOf } from '../../../src/page/model/rows.ts';
import type { ListHost } from '../../../src/page/model/rows.ts';

const host = (height: number | null = null, hits = 0): ListHost => ({ id: '', height, hits });

test('folded ones are side by side; an open one has a row of its own, and breaks theirs', () => {
  const rows = rowsOf([host(), host(), host(), host(300), host(), host(null, 2)], 2);
  assert.deepEqual(
    rows.map(({ from, to }) => `${from}-${to}`),
    ['0-2', '2-3', '3-4', '4-6'],
  );
  assert.equal(rows[2]?.height, 300);
  assert.ok((rows[3]?.height ?? 0) > (rows[0]?.height ?? 0), 'what was found has room');
  assert.deepEqual(rowsOf([], 3), []);
  assert.equal(heightOf([]), 0);
});

test('there is at least one column, however narrow it is', () => {
  assert.deepEqual([0, 200, 548, 1400].map(columnsOf), [1, 1, 2, 5]);
});

test('rows hold every host once, in order, and touch nowhere; each is found by its place', () => {
  const hosts = fc.array(
    fc.record({
      id: fc.constant(''),
      height: fc.option(fc.integer({ min: 50, max: 900 })),
      hits: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(hosts, fc.integer({ min: 1, max: 6 }), (all, columns) => {
      const rows = rowsOf(all, columns);
      let [next, bottom] = [0, -1];
      for (const [at, { from, to, top, height }] of rows.entries()) {
        assert.equal(from, next);
        assert.ok(to > from && to - from <= columns);
        assert.ok(top > bottom);
        assert.equal(rowAt(rows, top), at);
        assert.equal(rowAt(rows, top + height), at);
        const isOpen = all.slice(from, to).some(({ height: one }) => one !== null);
        assert.ok(!isOpen || to - from === 1);
        [next, bottom] = [to, top + height];
      }
      assert.equal(next, all.length);
      assert.equal(heightOf(rows), Math.max(0, bottom));
    }),
  );
});
