/** The fuzzers of fuzzer.ts as tests. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fuzzSeed } from '../support/random.ts';
import { corpus, DECODERS, fuzz } from './fuzzer.ts';

/** @param rounds by decoder */
export function testDecoders(rounds: Readonly<Record<string, number>>): void {
  test('each decoder has a corpus, of which it takes every input', () => {
    assert.deepEqual([...corpus().keys()].sort(), Object.keys(DECODERS).sort());
    assert.deepEqual(Object.keys(rounds).sort(), Object.keys(DECODERS).sort());
    for (const [name, inputs] of corpus()) for (const bytes of inputs) DECODERS[name]?.(bytes);
  });

  for (const [name, count] of Object.entries(rounds)) {
    test(`${name}: damaged inputs, ${count} of them`, (t) => {
      const seed = fuzzSeed();
      const tally = fuzz(name, seed, count);
      t.diagnostic(`NLINK_FUZZ_SEED=${seed} ${JSON.stringify(tally)}`);
      // A decoder that only ever refused, or never did, was not fuzzed at all.
      assert(tally.valid > count / 20, `found something in only ${tally.valid}`);
      assert(tally.refused > count / 20, `refused only ${tally.refused}`);
    });
  }
}
