/**
 * What makes watchers quick in tests of hundreds of cases: a clock that runs faster than time does,
 * and no search of other mount namespaces. And a clock that runs slower, for watchers that are to
 * wait for the second step of somebody who may stand still after the first.
 */
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { Clock } from '../../../src/watch/stream/clock.ts';
import type { Diagnosis } from '../../../src/watch/names/propagation-check.ts';

/** How much faster, or slower. */
const HASTE = 40;

export const hastyClock: Clock = {
  now: () => systemClock.now() * HASTE,
  after: (milliseconds, callback) => systemClock.after(milliseconds / HASTE, callback),
};

export const patientClock: Clock = {
  now: () => systemClock.now() / HASTE,
  after: (milliseconds, callback) => systemClock.after(milliseconds * HASTE, callback),
};

/** Asking takes a second, and in the sandbox there is nothing to be found. */
export const noDiagnosis: Diagnosis = { diagnose: () => Promise.resolve(new Map()) };
