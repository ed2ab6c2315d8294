/** When which names are looked at, by a clock that stands still until the test advances it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Observation } from '../../../src/netns/identity/observe.ts';
import { ProbeSchedule } from '../../../src/watch/names/probe-schedule.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** How long names are held back, longer than any test goes on. */
const TIMEOUT = 1_000_000;
const FIRST_BACKUP = 20;
const SWEEP_PIECE = 200;

const FILE: Observation = {
  kind: 'file',
  reason: 'not-a-namespace',
  symlink: false,
  fresh: true,
  changed: 0n,
};
const LINK: Observation = { ...FILE, reason: 'dangling-symlink', symlink: true, fresh: false };

interface Stage {
  clock: FakeClock;
  table: NameStates;
  schedule: ProbeSchedule;
  /** How often the watcher was woken. */
  woken: () => number;
  /** The names that are to be looked at now. */
  take: () => string[];
  /** Names that wait, that are settled. */
  pending: (...names: string[]) => WatchedName[];
  settled: (...names: string[]) => WatchedName[];
}

function stage(timeout: number = TIMEOUT): Stage {
  const clock = new FakeClock();
  const table = new NameStates('/d', timeout);
  let woken = 0;
  const schedule = new ProbeSchedule(clock, table, () => woken++);
  return {
    clock,
    table,
    schedule,
    woken: () => woken,
    take: () => [...schedule.take()].map(({ name }) => name),
    pending: (...names) => names.map((name) => table.appear(name, clock.now())),
    settled: (...names) =>
      names.map((name) => {
        table.adopt(name, FILE);
        return table.records.get(name) as WatchedName;
      }),
  };
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
  schedule.markDirty(b as WatchedName);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a', 'b']);
  assert.equal(schedule.due, false);
  clock.pass(FIRST_BACKUP - 1);
  assert.equal(schedule.due, false);
});

test('does not look at a dirty name that vanished, or came again, meanwhile', () => {
  const { schedule, table, take, settled } = stage();
  const [a] = settled('a');
  schedule.markDirty(a as WatchedName);
  while (table.vanish('a') !== undefined);
  settled('a');
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), []);
});

test('looks at unresolved names when mounts change, and at all a moment later', () => {
  const { clock, schedule, woken, take, pending, settled } = stage();
  settled('a', 'b');
  pending('c');
  schedule.mountsChanged();
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['c']);
  assert.equal(schedule.due, false);
  schedule.sleep();
  clock.advance(1);
  assert.equal(woken(), 1);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a', 'b', 'c']);
  assert.equal(schedule.due, false);
});

test('looks at names that were reported without a namespace within a second, unless they are too many', () => {
  const { clock, table, schedule, take, settled } = stage(0);
  const tell = (name: string): void => {
    const record = table.appear(name, clock.now());
    assert.equal(table.observe(record, FILE, clock.now())?.type, 'created');
  };
  const atOnce = (): string[] => {
    schedule.mountsChanged();
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
  // The sweep, which was due by now, and which they held up.
  assert.deepEqual(atOnce(), ['old', 'a', 'b', ...few, 'one too many']);
  // As they come and go, there are few again.
  while (table.vanish('b') !== undefined);
  assert.deepEqual(atOnce(), [...few, 'one too many']);
});

test('is due when mounts change, although no name waits: the path may lead elsewhere', () => {
  const { schedule, take } = stage();
  schedule.mountsChanged();
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), []);
  assert.equal(schedule.due, false);
});

test('leaves no timer when a sweep is over', () => {
  const { clock, schedule, take, settled } = stage();
  settled('a');
  schedule.mountsChanged();
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
  schedule.mountsChanged();
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
  schedule.mountsChanged();
  take();
  clock.advance(1);
  assert.equal(take().length, SWEEP_PIECE);
  const [fresh] = pending('x');
  schedule.markDirty(fresh as WatchedName);
  clock.advance(1);
  assert.deepEqual(take(), ['x']);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), [`n${SWEEP_PIECE}`, 'x']);
});

test('rests between sweeps by the number of names, and does not forget the next', () => {
  const { clock, schedule, take, settled } = stage();
  settled(...numbered(100));
  schedule.mountsChanged();
  take();
  clock.advance(1);
  assert.equal(take().length, 100);
  // 100 names, 0.15 ms each.
  schedule.mountsChanged();
  take();
  schedule.sleep();
  clock.advance(14);
  assert.equal(schedule.due, false);
  clock.advance(1);
  assert.equal(schedule.due, true);
  assert.equal(take().length, 100);
});

test('sweeps again when mounts change during a sweep', () => {
  const { clock, schedule, take, settled } = stage();
  settled(...numbered(SWEEP_PIECE + 1));
  schedule.mountsChanged();
  take();
  clock.advance(1);
  assert.equal(take().length, SWEEP_PIECE);
  schedule.mountsChanged();
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
  assert.notEqual(table.observe(a as WatchedName, FILE, Infinity), undefined);
  schedule.sleep();
  assert.equal(clock.timers, 0);
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
  assert.ok(clock.next - clock.now() >= FIRST_BACKUP);
});

test('keeps the earliest of several deadlines', () => {
  const { clock, schedule, table, pending, take } = stage(15);
  pending('a');
  clock.pass(10);
  pending('b');
  schedule.sleep();
  assert.equal(clock.next - clock.now(), 5);
  clock.advance(5);
  assert.deepEqual(take(), ['a', 'b']);
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
  while (table.vanish('link') !== undefined);
  schedule.sleep();
  assert.equal(clock.timers, 0);
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
  schedule.mountsChanged();
  assert.equal(take().length, 400);
  // 400 names, 0.05 ms each.
  for (let passed = 0; passed < 20; passed++) {
    schedule.mountsChanged();
    assert.ok(take().length <= SWEEP_PIECE, `after ${passed} ms`);
    clock.pass(1);
  }
  schedule.mountsChanged();
  assert.equal(take().length, 400);
});

test('looks at a new name although a backlog rests', () => {
  const { clock, schedule, take, pending } = stage();
  pending(...numbered(400));
  schedule.mountsChanged();
  take();
  const [fresh] = pending('x');
  schedule.markDirty(fresh as WatchedName);
  clock.pass(1);
  assert.deepEqual(take(), ['x']);
});
