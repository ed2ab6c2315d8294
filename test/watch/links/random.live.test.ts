/**
 * Random operations on links between the test's namespace and eight others and more, some of which
 * have no name: at each pause what watchers show is what a full read shows. NLINK_MODEL_RUNS sets
 * how many pauses, NLINK_FUZZ_SEED the seed, or `random`.
 */
import '../../support/pid-namespace.ts';
import { test } from 'node:test';
import { fuzzSeed } from '../../support/random.ts';
import { modelRuns } from '../../support/runs.ts';
import { playElsewhere, playHere } from './support/link-player.ts';
import { holdsAtEachPause } from './support/random-links.ts';

test('links of all namespaces, after random operations', async (t) => {
  await holdsAtEachPause(t, modelRuns(10), fuzzSeed(), playHere);
});

test('links of all namespaces, while another process changes them', async (t) => {
  await holdsAtEachPause(t, modelRuns(10), fuzzSeed(), playElsewhere);
});
