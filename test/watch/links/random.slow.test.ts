/** As random.live.test.ts, at some hundred pauses. */
import '../../support/pid-namespace.ts';
import { test } from 'node:test';
import { fuzzSeed } from '../../support/random.ts';
import { modelRuns } from '../../support/runs.ts';
import { playElsewhere, playHere } from './support/link-player.ts';
import { holdsAtEachPause } from './support/random-links.ts';

/** Each twice at 25 pauses, at each of which two graphs are compared. */
const SEEDS = 10;
const PAUSES = 25;

for (let seed = fuzzSeed() + 1; seed <= fuzzSeed() + SEEDS; seed++)
  for (const [who, play] of [
    ['this process', playHere],
    ['another one', playElsewhere],
  ] as const)
    test(`links of all namespaces, after random operations of ${who}, seed ${seed}`, async (t) => {
      await holdsAtEachPause(t, modelRuns(PAUSES), seed, play);
    });
