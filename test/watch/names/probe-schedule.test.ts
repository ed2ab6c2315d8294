/** When which names are looked at, by a clock that stands still until the test advances it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Observation } from '../../../src/netns/identity/observe.ts';
import { ProbeSchedule } from '../../../src/watch/names/probe-schedule.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SEEN_FILE } from './observations.ts';
import { takeNames } from './take-names.ts';

/** How long names are held back, longer than any test goes on. */
const TIMEOUT = 1_000_000;
const FIRST_BACKUP = 20;
const SWEEP_PIECE = 200;

const LINK: Observation = {
  kind: 'file',
  reason: 'dangling-symlink',
  symlink: true,
  fresh: false,
  mountId: 0,
};

interface Stage {
  clock: FakeClock;
  table: NameStates;
  schedule: ProbeSchedule;
  /** How often the watcher was woken. */
  woken: () => number;
  /** The names that are to be looked at now, and that have been, in so many milliseconds. */
  take: (took?: number) => string[];
  /** Names that wait, that are settled. */
  pending: (...names: string[]) => WatchedName[];
  settled: (...names: string[]) => WatchedName[];
}

/** Of a kernel that does not list mounts. */
const NO_LIST = { available: false, arrived: 0, size: 0, locate: () => {}, verify: () => 0 };

function stage(timeout: number = TIMEOUT): Stage {
  const clock = new FakeClock();
  const table = new NameStates('/d', timeout);
  let woken = 0;
  const schedule = new ProbeSchedule(clock, table, NO_LIST, () => woken++);
  return {
    clock,
    table,
    schedule,
    woken: () => woken,
    take: (took = 0) => takeNames(schedule, clock, took),
    pending: (...names) => names.map((name) => table.appear(name, clock.now())),
    settled: (...names) =>
      names.map((name) => {
        table.adopt(name, SEEN_FILE);
        return table.records.get(name) as WatchedName;
      }),
  };
}

/** A timer may be left, and a deadline, of what waited: they wake in vain, and none comes after. */
function assertQuiet(clock: FakeClock, schedule: ProbeSchedule): void {
  for (let wakes = 0; clock.timers > 0; wakes++) {
    assert.ok(wakes < 2);
    clock.advance(clock.next - clock.now());
    assert.deepEqual(schedule.take(), []);
    schedule.sleep();
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

test('has no timer and nothing due while no name is unresolved', () => {
  const { clock, schedule, settled } = stage();
  settled('a', 'b');
  schedule.sleep();
  assert.equal(clock.timers, 0);
  clock.advance(10_000);
  assert.equal(schedule.due, false);
});

test('looks at a dirty name at once, after the unresolved ones, and once', () => {
  const { clock, schedule, take, pending, settled } = stage();
  const [b] = settled('b', 'c');
  pending('a');
  schedule.look(b as WatchedName);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a', 'b']);
  assert.equal(schedule.due, false);
  clock.pass(FIRST_BACKUP - 1);
  assert.equal(schedule.due, false);
});

test('looks at all names a moment after mounts changed', () => {
  const { clock, schedule, woken, take, settled } = stage();
  settled('a', 'b');
  schedule.mountsUnlisted();
  assert.deepEqual(take(), []);
  schedule.sleep();
  clock.advance(1);
  assert.equal(woken(), 1);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a', 'b']);
  assert.equal(schedule.due, false);
});

test('looks at unresolved names when mounts change, and at all a while later: these may explain it', () => {
  const { clock, schedule, take, pending, settled } = stage();
  settled('a', 'b');
  pending('c');
  schedule.mountsUnlisted();
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['c']);
  assert.equal(schedule.due, false);
  clock.advance(49);
  // The backup.
  assert.deepEqual(take(), ['c']);
  clock.advance(1);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a', 'b', 'c']);
  assert.equal(schedule.due, false);
});

test('looks at names that were reported without a namespace within a second, unless they are too many', () => {
  const { clock, table, schedule, take, settled } = stage(0);
  const tell = (name: string): void => {
    const record = table.appear(name, clock.now());
    assert.equal(table.observe(record, SEEN_FILE, clock.now())?.type, 'created');
  };
  const atOnce = (): string[] => {
    schedule.mountsUnlisted();
    return take();
  };
  settled('old');
  tell('a');
  clock.pass(999);
  tell('b');
  assert.deepEqual(atOnce(), ['a', 'b']);
  clock.pass(1);
  assert.deepEqual(atOnce(), ['b']);
  assert.deepEqual(
    [...table.expected].map(({ name }) => name),
    ['b'],
  );
  const few = numbered(31);
  for (const name of few) tell(name);
  assert.deepEqual(atOnce(), ['b', ...few]);
  tell('one too many');
  assert.deepEqual(atOnce(), []);
  // The sweep.
  clock.pass(50);
  assert.deepEqual(take(), ['old', 'a', 'b', ...few, 'one too many']);
  // As they come and go, there are few again.
  while (table.vanish('b') !== undefined);
  assert.deepEqual(atOnce(), [...few, 'one too many']);
});

test('is due when mounts change, although no name waits: the path may lead elsewhere', () => {
  const { schedule, take } = stage();
  schedule.mountsUnlisted();
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), []);
  assert.equal(schedule.due, false);
});

test('leaves no timer when a sweep is over', () => {
  const { clock, schedule, take, settled } = stage();
  settled('a');
  schedule.mountsUnlisted();
  take();
  clock.advance(1);
  take();
  schedule.sleep();
  assert.equal(clock.timers, 0);
  clock.advance(10_000);
  assert.equal(schedule.due, false);
});

test('sweeps many names in pieces, with a moment for others between them', () => {
  const { clock, schedule, take, settled } = stage();
  const names = numbered(2 * SWEEP_PIECE + 50);
  settled(...names);
  schedule.mountsUnlisted();
  take();
  const swept: string[][] = [];
  for (let piece = 0; piece < 3; piece++) {
    clock.advance(1);
    assert.equal(schedule.due, true);
    swept.push(take());
    assert.equal(schedule.due, false);
  }
  assert.deepEqual(
    swept.map(({ length }) => length),
    [SWEEP_PIECE, SWEEP_PIECE, 50],
  );
  assert.deepEqual(swept.flat(), names);
});

test('looks at names of another queue before the next piece of a sweep', () => {
  const { clock, schedule, take, pending, settled } = stage();
  settled(...numbered(SWEEP_PIECE + 1));
  schedule.mountsUnlisted();
  take();
  clock.advance(1);
  assert.equal(take().length, SWEEP_PIECE);
  const [fresh] = pending('x');
  schedule.look(fresh as WatchedName);
  clock.advance(1);
  assert.deepEqual(take(), ['x']);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), [`n${SWEEP_PIECE}`, 'x']);
});

test('rests between sweeps by the time that the last one took, and does not forget the next', () => {
  const { clock, schedule, take, settled } = stage();
  settled(...numbered(100));
  schedule.mountsUnlisted();
  take();
  clock.advance(1);
  assert.equal(take(3).length, 100);
  // 50 times as long.
  schedule.mountsUnlisted();
  take();
  schedule.sleep();
  clock.advance(149);
  assert.equal(schedule.due, false);
  clock.advance(1);
  assert.equal(schedule.due, true);
  assert.equal(take().length, 100);
});

test('sweeps again when mounts change during a sweep', () => {
  const { clock, schedule, take, settled } = stage();
  settled(...numbered(SWEEP_PIECE + 1));
  schedule.mountsUnlisted();
  take();
  clock.advance(1);
  assert.equal(take().length, SWEEP_PIECE);
  schedule.mountsUnlisted();
  take();
  clock.advance(1);
  assert.equal(take().length, 1);
  schedule.sleep();
  assert.equal(clock.timers, 1);
  clock.advance(1000);
  assert.equal(take().length, SWEEP_PIECE);
  clock.advance(1);
  assert.equal(take().length, 1);
  schedule.sleep();
  assert.equal(clock.timers, 0);
});

test('looks at unresolved names after 20 ms, then twice as long each time, up to a second', () => {
  const { clock, schedule, woken, take, pending } = stage();
  pending('a');
  const waits: number[] = [];
  for (let look = 0; look < 8; look++) {
    schedule.sleep();
    assert.equal(clock.timers, 1);
    waits.push(clock.next - clock.now());
    clock.advance(clock.next - clock.now());
    assert.equal(woken(), look + 1);
    assert.deepEqual(take(), ['a']);
  }
  assert.deepEqual(waits, [20, 40, 80, 160, 320, 640, 1000, 1000]);
});

test('starts at 20 ms again once no name is unresolved', () => {
  const { clock, schedule, table, take, pending } = stage();
  const [a] = pending('a');
  for (let look = 0; look < 3; look++) {
    schedule.sleep();
    clock.advance(clock.next - clock.now());
    take();
  }
  schedule.sleep();
  assert.notEqual(table.observe(a as WatchedName, SEEN_FILE, Infinity), undefined);
  assertQuiet(clock, schedule);
  pending('b');
  schedule.sleep();
  assert.equal(clock.next - clock.now(), FIRST_BACKUP);
});

test('keeps a deadline to the millisecond, and does not look at once again after it', () => {
  const { clock, schedule, take, pending } = stage(5);
  pending('a');
  schedule.sleep();
  assert.equal(clock.next - clock.now(), 5);
  clock.advance(5);
  assert.deepEqual(take(), ['a']);
  // Not believed yet: records of it wait.
  assert.equal(schedule.due, false);
  schedule.sleep();
  assert.equal(clock.next - clock.now(), FIRST_BACKUP - 5);
});

test('keeps the earliest of several deadlines', () => {
  const { clock, schedule, table, pending, take } = stage(15);
  pending('a');
  clock.pass(10);
  pending('b');
  schedule.sleep();
  assert.equal(clock.next - clock.now(), 5);
  clock.advance(5);
  assert.deepEqual(take(), ['a']);
  while (table.vanish('a') !== undefined);
  schedule.sleep();
  assert.equal(clock.next - clock.now(), 10);
});

test('looks at links each half second, as long as there are some', () => {
  const { clock, schedule, table, take, settled } = stage();
  settled('a');
  table.adopt('link', LINK);
  for (let look = 0; look < 3; look++) {
    schedule.sleep();
    assert.equal(clock.next - clock.now(), 500);
    clock.advance(500);
    assert.equal(schedule.due, true);
    assert.deepEqual(take(), ['link']);
    assert.equal(schedule.due, false);
  }
  schedule.sleep();
  while (table.vanish('link') !== undefined);
  assertQuiet(clock, schedule);
});

test('sets the timer again only if the next look is another one; close stops it', () => {
  const { clock, schedule, woken, pending } = stage();
  pending('a');
  schedule.sleep();
  const { next } = clock;
  clock.pass(3);
  schedule.sleep();
  assert.equal(clock.next, next);
  assert.equal(clock.timers, 1);
  schedule.close();
  assert.equal(clock.timers, 0);
  clock.advance(10_000);
  assert.equal(woken(), 0);
  // The next sleep starts it again.
  schedule.sleep();
  assert.equal(clock.timers, 1);
});

test('looks at a backlog at once, and then rests however often mounts change', () => {
  const { clock, schedule, take, pending } = stage();
  const names = numbered(400);
  pending(...names);
  schedule.mountsUnlisted();
  assert.equal(take().length, 400);
  // 400 names, 0.05 ms each.
  for (let passed = 0; passed < 20; passed++) {
    schedule.mountsUnlisted();
    assert.ok(take().length <= SWEEP_PIECE, `after ${passed} ms`);
    clock.pass(1);
  }
  schedule.mountsUnlisted();
  assert.equal(take().length, 400);
});

test('looks at a new name although a backlog rests', () => {
  const { clock, schedule, take, pending } = stage();
  pending(...numbered(400));
  schedule.mountsUnlisted();
  take();
  const [fresh] = pending('x');
  schedule.look(fresh as WatchedName);
  clock.pass(1);
  assert.deepEqual(take(), ['x']);
});
