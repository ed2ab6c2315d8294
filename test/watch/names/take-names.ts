/** What the owner of a probe schedule does with the names that are due, for tests of the schedule. */
import type { ProbeSchedule } from '../../../src/watch/names/probe-schedule.ts';
import type { FakeClock } from '../support/fake-clock.ts';

/** The names that are to be looked at now, and that have been, in so many milliseconds. */
export function takeNames(schedule: ProbeSchedule, clock: FakeClock, took: number): string[] {
  const names = schedule.take().map((record) => {
    record.isDue = false;
    return record.name;
  });
  clock.pass(took);
  schedule.looked();
  return names;
}
