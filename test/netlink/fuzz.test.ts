/**
 * Every decoder of netlink on damaged datagrams: a quick run; fuzz.slow.test.ts is the long one.
 * NLINK_FUZZ_SEED sets the seed, or `random`.
 */
import { test } from 'node:test';
import { fuzzSeed } from '../support/random.ts';
import { assertBoth, fuzz } from './fuzzer.ts';

test('damaged datagrams: results or ERR_NLINK_MALFORMED', (t) => {
  const seed = fuzzSeed();
  t.diagnostic(`NLINK_FUZZ_SEED=${seed}`);
  const result = fuzz(seed, 200_000, 30_000);
  t.diagnostic(JSON.stringify(result));
  assertBoth(result);
});
