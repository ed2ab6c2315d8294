/** The phases of a sweep, over one whose pieces are the test's. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { SweepQueue } from '../../../src/watch/names/sweep-queue.ts';

interface Stage {
  queue: SweepQueue;
  /** `begin`, and the number of each piece. */
  calls: (string | number)[];
}

/** Of so many pieces; it rests ten times as long as it takes, and 5 ms at least. */
function stage(pieces: number): Stage {
  const calls: (string | number)[] = [];
  let piece = 0;
  const sweep = {
    begin() {
      piece = 0;
      calls.push('begin');
    },
    piece() {
      calls.push(++piece);
      return piece < pieces;
    },
  };
  return { queue: new SweepQueue(sweep, 10, 5), calls };
}

const none = (): void => {};

test('none: never due; requested: due at the earlier time', () => {
  const { queue } = stage(1);
  assert.equal(queue.dueAt, Infinity);
  queue.request(100);
  queue.request(200);
  assert.equal(queue.dueAt, 100);
  queue.request(50);
  assert.equal(queue.dueAt, 50);
});

test('takes its pieces a moment apart, and rests by the time of all', () => {
  const { queue, calls } = stage(3);
  queue.request(100);
  for (const now of [101, 103, 106]) {
    queue.take(none);
    queue.spent(1, now);
    assert.equal(queue.dueAt, now === 106 ? Infinity : now + 1);
  }
  assert.deepEqual(calls, ['begin', 1, 2, 3]);
  queue.request(107);
  assert.equal(queue.dueAt, 106 + 30);
});

test('requested while it runs: another sweep follows when the rest is over', () => {
  const { queue, calls } = stage(2);
  queue.request(0);
  queue.take(none);
  queue.spent(1, 1);
  queue.request(1);
  queue.take(none);
  queue.spent(1, 3);
  assert.equal(queue.dueAt, 3 + 20);
  queue.take(none);
  assert.deepEqual(calls, ['begin', 1, 2, 'begin', 1]);
});

test('rests a least time, and does not believe that an interrupted piece took as long', () => {
  const { queue } = stage(1);
  for (const [took, rest] of [
    [0, 5],
    [60_000, 2000],
    [0.1, 5],
  ] as const) {
    queue.take(none);
    queue.spent(took, 0);
    queue.request(0);
    assert.equal(queue.dueAt, rest);
    queue.dueAt = Infinity;
  }
});
