/**
 * How often the tests do what they do many times: as written, or a tenth of that where the same
 * tests run again on another version of Node (`scripts/test.js --brief`, which sets
 * NLINK_TEST_BRIEF).
 */
export const isBrief: boolean = process.env['NLINK_TEST_BRIEF'] === '1';

export const runs = (full: number): number => (isBrief ? Math.ceil(full / 10) : full);

/** As {@link runs}, for models on random scenarios: NLINK_MODEL_RUNS sets how many. */
export const modelRuns = (full: number): number => Number(process.env['NLINK_MODEL_RUNS'] ?? runs(full));
