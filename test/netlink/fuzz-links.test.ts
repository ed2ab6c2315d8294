/**
 * The decoders of links and addresses on damaged payloads: a quick run; fuzz-links.slow.test.ts is
 * the long one. NLINK_FUZZ_SEED sets the seed, or `random`.
 */
import { test } from 'node:test';
import { fuzzSeed } from '../support/random.ts';
import { assertFuzzed, fuzzLinks } from './links-fuzzer.ts';

test('damaged payloads of links and addresses: results or ERR_NLINK_MALFORMED', (t) => {
  const seed = fuzzSeed();
  const tally = fuzzLinks(seed, 20_000);
  t.diagnostic(`NLINK_FUZZ_SEED=${seed} ${JSON.stringify(tally)}`);
  assertFuzzed(tally, 20_000);
});
