/** What hints of new processes come to: a scan at once, if one is where no scan has been. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { HintedNamespaces } from '../../../src/watch/unified/hinted-namespaces.ts';
import type { StartHints } from '../../../src/watch/unified/process-io.ts';
import { FakeClock } from '../support/fake-clock.ts';

class ToldHints implements StartHints {
  readonly waiting: (number[] | 'overflow' | Error)[] = [];
  paused = false;
  closed = false;
  #wake: () => unknown = () => {};

  start(wake: () => unknown): ToldHints {
    this.#wake = wake;
    return this;
  }

  take(): number[] | 'overflow' | undefined {
    const taken = this.waiting.shift();
    if (taken instanceof Error) throw taken;
    return taken;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wakeIfAny();
  }

  ref(): void {}
  unref(): void {}

  close(): void {
    this.closed = true;
  }

  tell(...hints: (number[] | 'overflow' | Error)[]): void {
    this.waiting.push(...hints);
    this.wakeIfAny();
  }

  wakeIfAny(): void {
    if (!this.paused && !this.closed && this.waiting.length > 0) this.#wake();
  }
}

class Place {
  readonly clock = new FakeClock();
  readonly hints = new ToldHints();
  readonly told: string[] = [];
  /** Where each process is. */
  readonly processes = new Map([
    [1, 10],
    [2, 10],
    [3, 11],
  ]);
  looks = 0;
  readonly watched = new HintedNamespaces(
    {
      openHints: () => this.hints,
      scanner: {
        namespaces: new Map([
          [10, { inode: 10, own: false, stayed: true, count: 2, pids: [1, 2], threads: [] }],
        ]),
        inodeOf: (pid) => {
          this.looks++;
          return this.processes.get(pid) ?? null;
        },
        scan: async () => ({ appeared: [], vanished: [] }),
        looks: 0,
        unseen: { processes: 0, hidden: false, outside: false },
      },
    },
    this.clock,
    { heard: () => this.told.push('heard'), hint: () => this.told.push('hint') },
  );

  constructor() {
    this.watched.open();
    this.watched.start();
  }
}

test('one in a known namespace, or that has ended, is no reason to scan; one in another is', () => {
  const { hints, told, clock } = new Place();
  hints.tell([1, 2, 99]);
  assert.deepEqual(told, ['heard']);
  clock.advance(20);
  hints.tell([1, 3]);
  assert.deepEqual(told, ['heard', 'heard', 'hint']);
});

test('what was lost may have been anything: a reason to scan', () => {
  const { hints, told } = new Place();
  hints.tell('overflow');
  assert.deepEqual(told, ['heard', 'hint']);
});

test('hints are taken in batches, with a pause between two', () => {
  const { hints, told, clock } = new Place();
  hints.tell([1]);
  assert.equal(hints.paused, true);
  hints.tell([1], [2], [3]);
  assert.equal(told.length, 1);
  clock.advance(19);
  assert.equal(told.length, 1);
  clock.advance(1);
  assert.deepEqual(told, ['heard', 'heard', 'heard', 'heard', 'hint']);
});

// Fails if a flood of processes keeps the event loop.
test('no more than some are taken at once, however many wait', () => {
  const { hints, clock } = new Place();
  hints.tell(...Array.from({ length: 100 }, () => [1]));
  assert(hints.waiting.length > 90);
  for (let rounds = 0; rounds < 50; rounds++) clock.advance(20);
  assert.equal(hints.waiting.length, 0);
});

test('halted: nothing is taken, also when the pause is over; then all is', () => {
  const { hints, told, clock, watched } = new Place();
  hints.tell([1]);
  watched.pause();
  clock.advance(100);
  hints.tell([3]);
  assert.deepEqual(told, ['heard']);
  watched.resume();
  assert.deepEqual(told, ['heard', 'heard', 'hint']);
});

test('what cannot be read any more is given up, and the scans go on', () => {
  const { hints, watched, clock } = new Place();
  assert.equal(watched.listening, true);
  hints.tell(new Error('EBADF'));
  assert.deepEqual([watched.listening, hints.closed, clock.timers], [false, true, 0]);
});

test('closed while it rests: no timer is left', () => {
  const { hints, watched, clock } = new Place();
  hints.tell([1]);
  watched.close();
  watched.close();
  assert.deepEqual([hints.closed, clock.timers], [true, 0]);
});
