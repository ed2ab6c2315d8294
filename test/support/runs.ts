/**
 * How often the tests do what they do many times: as written with the slow ones
 * (`scripts/test.js --slow`, which sets NLINK_TEST_SLOW), half of that otherwise, and a tenth where the
 * same tests run again on another version of Node (`--brief`, which sets NLINK_TEST_BRIEF).
 */
export const isBrief: boolean = process.env['NLINK_TEST_BRIEF'] === '1';
const isSlow: boolean = process.env['NLINK_TEST_SLOW'] === '1';

export function runs(full: number): number {
  if (isBrief) return Math.ceil(full / 10);
  return isSlow ? full : Math.ceil(full / 2);
}

/** As {@link runs}, for models on random scenarios: NLINK_MODEL_RUNS sets how many. */
export const modelRuns = (full: number): number => Number(process.env['NLINK_MODEL_RUNS'] ?? runs(full));
