/** When which names are looked at where the kernel lists mounts; else see probe-schedule.test.ts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { ProbeSchedule } from '../../../src/watch/names/probe-schedule.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SEEN_FILE } from './observations.ts';
import { takeNames } from './take-names.ts';

interface Stage {
  clock: FakeClock;
  table: NameStates;
  schedule: ProbeSchedule;
  mounts: { arrived: number; size: number; asked: number[]; moved: WatchedName[]; located: WatchedName[] };
  /** The names that are looked at now, in so many milliseconds. */
  take: (took?: number) => string[];
  settled: (...names: string[]) => WatchedName[];
}

/** Mounts that arrived are on `located`; those that a sweep finds have moved from and to `moved`. */
function stage(): Stage {
  const clock = new FakeClock();
  const table = new NameStates('/d', 1000);
  const mounts = {
    available: true,
    arrived: 0,
    size: 0,
    /** From where a sweep asked for mount points. */
    asked: [] as number[],
    moved: [] as WatchedName[],
    located: [] as WatchedName[],
    locate() {
      mounts.arrived = 0;
      for (const record of mounts.located) schedule.look(record);
    },
    verify(from: number, most: number) {
      mounts.asked.push(from);
      if (from === 0) for (const record of mounts.moved) schedule.look(record);
      return Math.min(most, mounts.size - from);
    },
  };
  const schedule: ProbeSchedule = new ProbeSchedule(clock, table, mounts, () => {});
  return {
    clock,
    table,
    schedule,
    mounts,
    take: (took = 0) => takeNames(schedule, clock, took),
    settled: (...names) => names.map((name) => table.adopt(name, SEEN_FILE)),
  };
}

test('looks at no name when the list says nothing of one', () => {
  const { clock, schedule, mounts, take, settled } = stage();
  settled('a', 'b');
  mounts.size = 2;
  for (const explained of [true, false]) {
    schedule.mountsChanged();
    schedule.mountsListed(explained);
    assert.equal(schedule.due, false);
    clock.advance(5000);
    assert.deepEqual(take(), []);
    assert.equal(schedule.due, false);
  }
});

test('looks at what the list names at once, and once', () => {
  const { schedule, take, settled } = stage();
  const [a] = settled('a', 'b');
  schedule.look(a as WatchedName);
  schedule.look(a as WatchedName);
  assert.equal(schedule.anyDirty, true);
  schedule.mountsListed(true);
  assert.deepEqual(take(), ['a']);
  assert.deepEqual([schedule.anyDirty, schedule.due], [false, false]);
});

test('asks on which names mounts arrived only if no name was named or waits', () => {
  const { schedule, table, mounts, take, settled, clock } = stage();
  const [a] = settled('a');
  mounts.located = [a as WatchedName];
  mounts.arrived = 1;
  table.appear('new', clock.now());
  schedule.mountsListed(true);
  assert.deepEqual(take(), ['new']);
  assert.equal(mounts.arrived, 1, 'the look may have shown it');
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a']);
  assert.equal(schedule.due, false);
});

test('looks at names that wait before those that were named, unless they are many', () => {
  const { schedule, table, mounts, take, clock } = stage();
  for (const name of ['p', 'q', 'r']) table.appear(name, clock.now());
  schedule.look(table.appear('x', clock.now()));
  mounts.arrived = 2;
  schedule.mountsListed(true);
  assert.deepEqual(take(), ['p', 'q', 'r', 'x']);
  schedule.look(table.appear('y', clock.now()));
  assert.deepEqual(take(), ['p', 'q', 'r', 'x', 'y']);
  for (let more = 0; more < 40; more++) table.appear(`more ${more}`, clock.now());
  schedule.look(table.appear('z', clock.now()));
  schedule.mountsListed(true);
  assert.deepEqual(take(), ['z']);
});

test('a timer backs up the list for names that wait, and their deadlines are kept', () => {
  const { schedule, table, take, clock } = stage();
  table.appear('a', clock.now());
  schedule.sleep();
  for (const delay of [100, 100, 100, 160, 320]) {
    assert.equal(clock.next - clock.now(), delay);
    clock.advance(delay);
    assert.deepEqual(take(), ['a']);
    schedule.sleep();
  }
});

for (const [explained, delay] of [
  [false, 1],
  [true, 1000],
] as const) {
  test(`asks whether mounts were moved ${delay} ms after a change (explained: ${explained})`, () => {
    const { clock, schedule, mounts, take, settled } = stage();
    const [a] = settled('a', 'b');
    mounts.size = 450;
    mounts.moved = [a as WatchedName];
    schedule.mountsListed(explained);
    schedule.sleep();
    assert.equal(clock.next - clock.now(), delay);
    clock.advance(delay);
    assert.deepEqual(take(), ['a']);
    for (let piece = 0; piece < 2; piece++) {
      clock.advance(1);
      assert.deepEqual(take(), []);
    }
    assert.deepEqual(mounts.asked, [0, 200, 400]);
    clock.advance(10_000);
    assert.equal(schedule.due, false);
  });
}

test('rests a thousand times as long as it took to ask, but two seconds for a piece at most', () => {
  const { clock, schedule, mounts, take } = stage();
  mounts.size = 2;
  for (const [took, rest] of [
    [0.5, 500],
    [1.5, 1500],
    [60_000, 2000],
  ] as const) {
    schedule.mountsListed(false);
    clock.advance(1);
    take(took);
    const asked = mounts.asked.length;
    schedule.mountsListed(false);
    schedule.sleep();
    clock.advance(rest - 1);
    assert.equal(schedule.due, false);
    clock.advance(1);
    take();
    assert.equal(mounts.asked.length, asked + 1);
    clock.advance(1);
  }
});

test('the path is established anew: looks at names that wait at once, then at all', () => {
  const { clock, schedule, table, take, settled } = stage();
  settled('a', 'b');
  table.appear('new', clock.now());
  schedule.lookAtAll();
  assert.deepEqual(take(), ['new']);
  assert.equal(schedule.due, true);
  assert.deepEqual(take(), ['a', 'b', 'new']);
  clock.advance(10);
  assert.equal(schedule.due, false);
});

test('there is no list any more: names are looked at', () => {
  const { clock, schedule, table, take, settled } = stage();
  settled('a');
  table.appear('new', clock.now());
  schedule.mountsUnlisted();
  clock.advance(50);
  assert.deepEqual(take(), ['a', 'new']);
});
