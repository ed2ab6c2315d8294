/** When the watcher is woken for records, by a clock that the test advances. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { ReadinessHandle } from '../../../src/sys/readiness.ts';
import { WakeupCoalescer } from '../../../src/watch/stream/wakeup-coalescer.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A source of records, each of which makes it readable. */
class Source implements ReadinessHandle {
  /** Records read. */
  read = 0;
  isPaused = false;
  isClosed = false;
  #waiting = 0;
  #listener: () => void = () => {};

  onReadable(listener: () => void): ReadinessHandle {
    this.#listener = listener;
    return this;
  }

  /** As many records come at once, and the event loop goes round. */
  bring(count: number): void {
    this.#waiting += count;
    this.turn();
  }

  /** The event loop goes round: calls the listener if there is something to read. */
  turn(): void {
    if (!this.isPaused && !this.isClosed && this.#waiting > 0) this.#listener();
  }

  /** The watcher reads what is there. */
  take(): void {
    this.read += this.#waiting;
    this.#waiting = 0;
  }

  resume(): void {
    this.isPaused = false;
  }

  pause(): void {
    this.isPaused = true;
  }

  ref(): void {}
  callOnce(): void {}
  unref(): void {}

  close(): void {
    this.isClosed = true;
  }
}

interface Stage {
  clock: FakeClock;
  source: Source;
  coalescer: WakeupCoalescer;
  /** How often the watcher was woken. */
  woken: () => number;
}

function stage(coalesce = true): Stage {
  const clock = new FakeClock();
  const source = new Source();
  let woken = 0;
  const coalescer = new WakeupCoalescer(
    source,
    clock,
    () => source.read,
    () => {
      woken++;
      source.take();
    },
    coalesce,
  );
  return { clock, source, coalescer, woken: () => woken };
}

type Step = ['bring' | 'advance' | 'pauseFor', number] | ['pause' | 'resume' | 'close' | 'turn'];

const rows: [title: string, steps: Step[], woken: number, timers: number][] = [
  ['a record that comes alone wakes at once', [['bring', 1]], 1, 0],
  [
    'records far apart wake each time',
    [
      ['bring', 1],
      ['advance', 1],
      ['bring', 1],
    ],
    2,
    0,
  ],
  ['16 records within a window wake each time', repeat(16, ['bring', 1]), 16, 0],
  ['the next one waits for the end of a window', repeat(18, ['bring', 1]), 16, 1],
  ['the end of the window wakes once for all', [...repeat(40, ['bring', 1]), ['advance', 1]], 17, 0],
  [
    'a burst in one read counts as well',
    [
      ['bring', 16],
      ['bring', 1],
      ['bring', 1],
    ],
    1,
    1,
  ],
  [
    'a new window begins when the last is over',
    [
      ['bring', 16],
      ['advance', 1],
      ['bring', 1],
    ],
    2,
    0,
  ],
  [
    'after the end of a window it listens again',
    [...repeat(18, ['bring', 1]), ['advance', 1], ['bring', 1]],
    18,
    0,
  ],
  ['paused: no wake for records', [['pause'], ['bring', 5]], 0, 0],
  ['resumed: wakes for what came meanwhile', [['pause'], ['bring', 5], ['resume'], ['turn']], 1, 0],
  [
    'paused in a window: its end wakes all the same',
    [...repeat(18, ['bring', 1]), ['pause'], ['advance', 1]],
    17,
    0,
  ],
  [
    'pauseFor: no wake for records',
    [
      ['pauseFor', 50],
      ['bring', 5],
      ['advance', 49],
    ],
    0,
    1,
  ],
  [
    'pauseFor: its end wakes, records or not',
    [
      ['pauseFor', 50],
      ['advance', 50],
    ],
    1,
    0,
  ],
  ['pauseFor, and resume: the pause goes on', [['pauseFor', 50], ['bring', 1], ['resume'], ['turn']], 0, 1],
  [
    'pauseFor in a window takes its place',
    [...repeat(18, ['bring', 1]), ['pauseFor', 50], ['advance', 49]],
    16,
    1,
  ],
  [
    'closed: neither records nor timers wake',
    [['pauseFor', 50], ['close'], ['bring', 1], ['advance', 50]],
    0,
    0,
  ],
];

function repeat(times: number, step: Step): Step[] {
  return Array.from({ length: times }, () => step);
}

function run({ clock, source, coalescer }: Stage, steps: readonly Step[]): void {
  for (const [action, amount = 0] of steps) {
    if (action === 'bring') source.bring(amount);
    else if (action === 'advance') clock.advance(amount);
    else if (action === 'pauseFor') coalescer.pauseFor(amount);
    else if (action === 'turn') source.turn();
    else coalescer[action]();
  }
}

for (const [title, steps, woken, timers] of rows) {
  test(title, () => {
    const on = stage();
    run(on, steps);
    assert.equal(on.woken(), woken);
    assert.equal(on.clock.timers, timers);
  });
}

test('without coalescing every record wakes', () => {
  const on = stage(false);
  run(on, repeat(100, ['bring', 1]));
  assert.equal(on.woken(), 100);
});

test('pausing is true for as long as pauseFor said, and in no window', () => {
  const on = stage();
  run(on, repeat(18, ['bring', 1]));
  assert.equal(on.coalescer.pausing, false);
  on.coalescer.pauseFor(10);
  assert.equal(on.coalescer.pausing, true);
  on.clock.advance(9);
  assert.equal(on.coalescer.pausing, true);
  on.clock.advance(1);
  assert.equal(on.coalescer.pausing, false);
});
