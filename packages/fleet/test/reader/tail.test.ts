/** Events in one row of numbers: whatever was pushed, packed and dropped, those that are asked for come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { event } from '../../../../test/page/support/wire.ts';
import type { WireEvent } from '../../src/core.ts';
import { Tail } from '../../src/reader/tail.ts';

/** One of some hundred characters: about fifty of them are packed to a block. */
const eventOf = (seq: number): WireEvent => event('found', { time: String(seq), path: 'x'.repeat(200) });
const numbersOf = (events: readonly WireEvent[]): number[] => events.map(({ time }) => Number(time));
const from = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);

const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 120 }) }),
  // From a little before the first one to a little beyond the last. Doubles would mostly be next to 0.
  fc.record({ kind: fc.constant('drop' as const), percent: fc.integer({ min: -10, max: 110 }) }),
);

test('those after each number, over blocks that are packed, and after some were dropped', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (steps, start) => {
      const tail = new Tail(start);
      let [first, last] = [start, start - 1];
      for (const one of steps) {
        if (one.kind === 'push') {
          tail.push(from(last + 1, last + one.count).map(eventOf));
          last += one.count;
        } else {
          const to = Math.round(first - 1 + (one.percent / 100) * (last - first + 1));
          tail.dropTo(to);
          last = Math.max(last, to);
          first = Math.max(first, to + 1);
        }
        assert.deepEqual([tail.first, tail.last, tail.isEmpty], [first, last, last < first]);
        for (const seq of [first - 2, first - 1, first, Math.floor((first + last) / 2), last - 1, last])
          assert.deepEqual(numbersOf(tail.after(seq)), from(Math.max(first, seq + 1), last), `after ${seq}`);
        if (tail.isEmpty) assert.equal(tail.size, 0);
      }
    }),
  );
});
