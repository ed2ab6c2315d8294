/** When processes are looked at: after one was started, again and again, and all of them rarely. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ScanSchedule } from '../../../src/watch/unified/scan-schedule.ts';
import type { Thoroughness } from '../../../src/watch/unified/scan-schedule.ts';
import { modelRuns } from '../../support/runs.ts';
import { FakeClock } from '../support/fake-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

class Place {
  readonly clock = new FakeClock();
  /** The process that was started last. */
  latest: number | null = 1;
  /** Whether namespaces are listed that nobody knows. */
  listed = false;
  /** How long a look takes. */
  cost = 0;
  /** What of that was spent on it; null: all. */
  spent: number | null = null;
  /** When it was looked, and how thoroughly. */
  readonly looks: { at: number; thoroughness: Thoroughness }[] = [];
  readonly schedule = new ScanSchedule(
    this.clock,
    { latest: () => this.latest, anyListed: () => this.listed },
    (thoroughness) => {
      this.looks.push({ at: this.clock.now(), thoroughness });
      this.clock.pass(this.cost);
      if (this.spent === null) this.schedule.scanned(thoroughness);
      else this.schedule.scanned(thoroughness, this.spent);
    },
  );

  constructor(cost = 0) {
    this.schedule.begin();
    this.clock.pass(cost);
    this.schedule.scanned('all');
    this.cost = cost;
  }

  /** What is looked at while time passes. */
  during(milliseconds: number): Thoroughness[] {
    const before = this.looks.length;
    this.clock.advance(milliseconds);
    return this.looks.slice(before).map(({ thoroughness }) => thoroughness);
  }
}

test('after a start in a time of quiet it is looked within a second, then at doubling pauses', () => {
  const place = new Place();
  place.during(MINUTE / 2);
  const before = place.looks.length;
  place.latest = 2;
  const started = place.clock.now();
  place.during(20 * SECOND);
  const times = place.looks
    .slice(before)
    .filter(({ thoroughness }) => thoroughness === 'changes')
    .map(({ at }) => at - started);
  assert((times[0] as number) <= SECOND);
  const pauses = times.slice(1).map((at, index) => at - (times[index] as number));
  assert.deepEqual(pauses.slice(0, 3), [500, 1000, 2000]);
  assert((pauses[3] as number) >= 4000 && (pauses[3] as number) <= 5000);
});

test('at rest all are looked at once a minute, and nothing else', () => {
  const place = new Place();
  place.during(2 * MINUTE);
  assert.deepEqual(
    place.during(10 * MINUTE),
    Array.from({ length: 10 }, () => 'all'),
  );
});

// Fails if the time for which a consumer lags counts as spent on processes.
test('what a look waits for does not make the next ones rare', () => {
  const place = new Place();
  place.spent = 1;
  place.cost = 2 * SECOND;
  place.latest = 2;
  place.during(10 * SECOND);
  place.latest = 3;
  assert.deepEqual(place.during(3 * SECOND), ['changes']);
  place.during(2 * MINUTE);
  assert(place.during(2 * MINUTE).filter((one) => one === 'all').length >= 1);
});

test('where it takes long, it is looked less often', () => {
  const place = new Place(100);
  let starts = 1;
  const time = 100 * SECOND;
  for (let at = 0; at < time; at += 250) {
    place.latest = ++starts;
    place.during(250);
  }
  // Twenty times as long in between, so about a twentieth of the time.
  assert(place.looks.length <= time / (20 * 100));
  assert(place.looks.length >= time / (23 * 100));
  const all = place.looks.filter(({ thoroughness }) => thoroughness === 'all');
  assert.equal(all.length, 0, 'all of them two thousand times as long apart');
});

test('where nobody can tell whether a process was started, once a second', () => {
  const place = new Place();
  place.latest = null;
  const looks = place.during(10 * SECOND);
  assert(looks.length >= 7 && looks.length <= 10, String(looks.length));
});

test('paused, it does not look; resumed, it makes up for it; closed, it never looks again', () => {
  const place = new Place();
  place.schedule.pause();
  place.latest = 2;
  assert.deepEqual(place.during(MINUTE), []);
  assert.equal(place.clock.timers, 0);
  place.schedule.resume();
  assert.equal(place.during(SECOND).length, 1);
  place.schedule.close();
  place.latest = 3;
  assert.deepEqual(place.during(10 * MINUTE), []);
  assert.equal(place.clock.timers, 0);
});

test('paused while it looks: it goes on once that is resumed', () => {
  const clock = new FakeClock();
  let scans = 0;
  const schedule = new ScanSchedule(clock, { latest: () => scans, anyListed: () => false }, () => scans++);
  schedule.begin();
  schedule.pause();
  schedule.scanned('all');
  assert.equal(clock.timers, 0);
  schedule.resume();
  clock.advance(SECOND);
  assert.equal(scans, 1, 'the one that has begun is still going on');
  schedule.scanned('changes');
  clock.advance(SECOND);
  assert.equal(scans, 2);
});

test('a hint: at once, and once for several; while it looks, when that is over', () => {
  const place = new Place();
  place.during(10 * SECOND);
  const before = place.looks.length;
  place.schedule.hint();
  place.schedule.hint();
  place.during(0);
  assert.equal(place.looks.length, before + 1);
  const clock = new FakeClock();
  let scans = 0;
  const schedule: ScanSchedule = new ScanSchedule(
    clock,
    { latest: () => 1, anyListed: () => false },
    () => scans++,
  );
  schedule.begin();
  schedule.hint();
  clock.advance(SECOND);
  assert.equal(scans, 0);
  schedule.scanned('changes');
  clock.advance(20 * SECOND);
  assert.equal(scans, 1);
});

test('hints while it takes long: no more than its share of the time', () => {
  const place = new Place(100);
  const time = 100 * SECOND;
  for (let at = 0; at < time; at += 50) {
    place.schedule.hint();
    place.during(50);
  }
  assert(place.looks.length <= time / (20 * 100), String(place.looks.length));
});

test('where hints come, starts are a lesser reason to look; they may cease', () => {
  const place = new Place();
  /** A process is started four times a second. */
  const starts = (seconds: number, areHeard: boolean): number => {
    const before = place.looks.length;
    for (let at = 0; at < 4 * seconds; at++) {
      if (areHeard) place.schedule.heard();
      place.latest = (place.latest as number) + 1;
      place.during(250);
    }
    return place.looks.length - before;
  };
  assert(starts(10, false) >= 36);
  assert(starts(10, true) <= 11);
  assert(starts(10, false) >= 36);
});

// Fails if what could not be looked at waits for a pause that has doubled again and again.
test('something had run out: it is looked again soon', () => {
  const place = new Place();
  place.during(30 * SECOND);
  place.schedule.repeat();
  assert.equal(place.during(SECOND).length, 1);
});

test('a list with namespaces that nobody knows is a hint', () => {
  const place = new Place();
  place.during(30 * SECOND);
  const before = place.looks.length;
  place.listed = true;
  place.clock.advance(SECOND);
  assert(place.looks.length > before);
});

// Whatever happens: no process is started without a look soon after, and no look is at work twice.
test('model: each start is followed by a look, whatever it takes', () => {
  const steps = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 3000 }),
      start: fc.boolean(),
      cost: fc.constantFrom(0, 1, 20),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const place = new Place();
      for (const { wait, start, cost } of all) {
        place.cost = cost;
        const began = place.clock.now();
        if (start) place.latest = (place.latest as number) + 1;
        place.during(wait);
        const looks = place.looks.filter(({ at }) => at > began);
        if (start && wait > SECOND + 250 + 21 * 20 + cost) assert(looks.length > 0, 'nobody looked');
        assert(looks.length <= 1 + wait / 250, 'more often than four times a second');
        assert(place.clock.timers <= 1);
      }
    }),
    { numRuns: modelRuns(300) },
  );
});
