/**
 * The decoders of links and addresses on a million damaged payloads each. NLINK_FUZZ_SEED sets the
 * seed, or `random`; NLINK_FUZZ_ROUNDS how many.
 */
import { test } from 'node:test';
import { fuzzSeed } from '../support/random.ts';
import { assertFuzzed, fuzzLinks } from './links-fuzzer.ts';

const ROUNDS = Number(process.env['NLINK_FUZZ_ROUNDS'] ?? 1_000_000);

test('damaged payloads of links and addresses, for a long time: results or ERR_NLINK_MALFORMED', (t) => {
  const seed = fuzzSeed();
  const tally = fuzzLinks(seed, ROUNDS);
  t.diagnostic(`NLINK_FUZZ_SEED=${seed} ${JSON.stringify(tally)}`);
  assertFuzzed(tally, ROUNDS);
});
