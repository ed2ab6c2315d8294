/**
 * Every decoder of netlink on ten million damaged datagrams, which takes a minute. NLINK_FUZZ_SEED
 * sets the seed, or `random`; NLINK_FUZZ_ROUNDS how many.
 */
import { test } from 'node:test';
import { fuzzSeed } from '../support/random.ts';
import { assertBoth, fuzz } from './fuzzer.ts';

const ROUNDS = Number(process.env['NLINK_FUZZ_ROUNDS'] ?? 10_000_000);
/** A file of tests has four minutes. */
const TIME = 180_000;

test('damaged datagrams, for a long time: results or ERR_NLINK_MALFORMED', (t) => {
  const seed = fuzzSeed();
  t.diagnostic(`NLINK_FUZZ_SEED=${seed}`);
  const result = fuzz(seed, ROUNDS, TIME);
  t.diagnostic(JSON.stringify(result));
  assertBoth(result);
});
