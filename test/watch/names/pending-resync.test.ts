/** When `resynced` is due after a loss. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { PendingResync } from '../../../src/watch/names/pending-resync.ts';

type Step =
  | ['begin']
  | ['scanned', now: number]
  /** The event is due, or is not. */
  | ['due' | 'waits', blockers: number, now: number];

const rows: [title: string, readyTimeout: number, steps: Step[]][] = [
  [
    'no loss: never',
    1000,
    [
      ['waits', 0, 0],
      ['scanned', 0],
      ['waits', 0, 9999],
    ],
  ],
  ['nothing is held back: at once', 1000, [['begin'], ['scanned', 0], ['due', 0, 0]]],
  [
    'names are held back: once the last is resolved',
    1000,
    [['begin'], ['scanned', 0], ['waits', 2, 1], ['waits', 1, 9999], ['due', 0, 9999]],
  ],
  [
    'a readyTimeout of two seconds: waits for all names',
    2000,
    [['begin'], ['scanned', 0], ['waits', 1, 1e6], ['due', 0, 1e6]],
  ],
  [
    'a longer one: two seconds after the scan at most',
    2001,
    [['begin'], ['scanned', 10], ['waits', 1, 2009], ['due', 1, 2010]],
  ],
  ['a longer one, all names resolved: before that', 60_000, [['begin'], ['scanned', 10], ['due', 0, 11]]],
  ['not scanned yet: no deadline', 60_000, [['begin'], ['waits', 1, 1e6]]],
  [
    'scanned again: the deadline moves',
    60_000,
    [['begin'], ['scanned', 0], ['scanned', 1000], ['waits', 1, 2999], ['due', 1, 3000]],
  ],
  [
    'two losses before it is due: one event',
    1000,
    [['begin'], ['begin'], ['scanned', 0], ['due', 0, 0], ['waits', 0, 1]],
  ],
  [
    'lost again after the scan: the old deadline does not count',
    60_000,
    [['begin'], ['scanned', 0], ['begin'], ['waits', 1, 5000], ['scanned', 5000], ['due', 1, 7000]],
  ],
  [
    'a loss after the event: another event',
    1000,
    [['begin'], ['scanned', 0], ['due', 0, 0], ['begin'], ['scanned', 1], ['due', 0, 1]],
  ],
];

for (const [title, readyTimeout, steps] of rows) {
  test(title, () => {
    const resync = new PendingResync(readyTimeout);
    let count = 0;
    for (const step of steps) {
      if (step[0] === 'begin') resync.begin('overflow');
      else if (step[0] === 'scanned') resync.scanned(step[1]);
      else {
        const isDue = step[0] === 'due';
        const event = resync.finish(step[1], step[2]);
        assert.deepEqual(event, isDue ? { type: 'resynced', reason: 'overflow' } : undefined, String(step));
        assert.equal(resync.count, (count += isDue ? 1 : 0));
        if (isDue) assert.equal(resync.open, false);
      }
    }
  });
}
