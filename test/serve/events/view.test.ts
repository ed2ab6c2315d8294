/** What a view makes anew, and what it gives again. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { View } from '../../../src/serve/events/view.ts';
import { assigned, entryOf, FeedParts } from '../support/feed-parts.ts';

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

test('links with addresses are made once for a reading and a revision', () => {
  const { feed, view, entries } = new FeedParts();
  const addresses = new Map();
  let made = 0;
  const entry = {
    ...entryOf({ linksState: 'live' }),
    get links() {
      made++;
      return [];
    },
  };
  entries.push(entry);
  view.addresses(entries, addresses);
  const once = made;
  view.addresses(entries, addresses);
  assert.equal(made, once);
  view.addresses(entries, new Map());
  assert.equal(made, 2 * once);
  feed.take(assigned(1), new Date(0));
  view.addresses(entries, new Map());
  assert.equal(made, 3 * once);
});
