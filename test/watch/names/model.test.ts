/**
 * A watcher against a simulated kernel, whose other processes act before any system call that the
 * watcher makes: its events must add up to what is there. NLINK_MODEL_RUNS sets how many scenarios
 * each, NLINK_MODEL_SEED the seed, or `random`.
 */
import { test } from 'node:test';
import * as fc from 'fast-check';
import { modelRuns } from '../../support/runs.ts';
import { play, scenarios } from './simulation/scenario.ts';

const RUNS = modelRuns(2000);
/** The same scenarios each time, unless asked: what fails here fails for everybody. */
const seed = process.env['NLINK_MODEL_SEED'] ?? '20261123';

/** What is lost while the sign of an overflow still waits to be read leaves no other sign. */
const crowded = scenarios(false).map((scenario) => {
  const settings = { ...scenario.settings, queueLimit: 2, batchSize: 32 };
  return { ...scenario, settings };
});

for (const [title, arbitrary] of [
  ['names come and go', scenarios(false)],
  ['the directory too', scenarios(true)],
  ['a short queue overflows while it is read record by record', crowded],
] as const) {
  test(`model: ${title}`, async () => {
    const property = fc.asyncProperty(arbitrary, async (scenario) => {
      await play(scenario);
    });
    const details = await fc.check(property, {
      numRuns: RUNS,
      ...(seed === 'random' ? {} : { seed: Number(seed) }),
    });
    if (!details.failed) return;
    const cause = details.errorInstance as Error;
    throw new Error(`${await fc.asyncDefaultReportMessage(details)}\n${cause.stack}`);
  });
}
