/** What a view makes anew, and what it gives again. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { View } from '../../../src/serve/events/view.ts';
import { FeedParts } from '../support/feed-parts.ts';

test('a snapshot of before goes out again, but not where a part is gone since', () => {
  const { feed, clock } = new FeedParts();
  const parts = new Map([['links', true]]);
  const view = new View(
    feed,
    () => [],
    () => clock.now(),
    () => parts,
  );
  const before = view.snapshot();
  assert.equal(view.snapshot(), before);
  parts.set('links', false);
  feed.take(
    { type: 'linksUnavailable', error: Object.assign(new Error('gone'), { code: 'EPERM' }) },
    new Date(0),
  );
  const { seq, json } = view.snapshot();
  assert.deepEqual([seq, (JSON.parse(json) as { unavailable: string[] }).unavailable], [1, ['links']]);
});
