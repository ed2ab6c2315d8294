/** As churn.live.test.ts, for long. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { cutAtRandom } from './support/churn.ts';

test('cut at random 500 times while all changes', async (t) => {
  const seed = Date.now() % 100_000;
  t.diagnostic(`seed ${seed}`);
  assert.ok((await cutAtRandom(t, 500, seed, false)) < 500);
});
