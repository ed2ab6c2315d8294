/** Whoever comes back after each cut knows in the end what is there. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { cutAtRandom } from './support/churn.ts';

for (const isNdjson of [false, true])
  test(`cut at random 30 times while all changes, as ${isNdjson ? 'NDJSON' : 'SSE'}`, async (t) => {
    const snapshots = await cutAtRandom(t, 30, 17, isNdjson);
    assert.ok(snapshots < 30, 'it did resume');
  });
