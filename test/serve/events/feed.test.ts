/** What the feed counts and remembers, the revision, and one namespace by a word. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { cursorOf, cursorText } from '../../../src/serve/events/cursor.ts';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import type { DestroyedEvent, InventoryName } from '../../../src/watch/unified/unified-events.ts';
import { assigned, DIRECTORY, entryOf, EPOCH, FeedParts } from '../support/feed-parts.ts';

const identity = (ino: bigint, id: bigint | null): NamespaceId => ({ id, dev: 4n, ino, since: 1n });
const name = (text: string): InventoryName => ({
  name: text,
  path: `${DIRECTORY}/${text}`,
  directory: DIRECTORY,
  ready: true,
});
const destroyed = (ino: bigint, id: bigint | null): DestroyedEvent => ({
  type: 'destroyed',
  nsid: null,
  namespace: identity(ino, id),
  names: [],
});

test('each kind of event is counted, and is there before its first one', () => {
  const { feed } = new FeedParts();
  assert.equal(feed.events.get('linkMoved'), 0);
  assert.deepEqual(
    [...feed.resyncs],
    [
      ['names', 0],
      ['nsids', 0],
      ['deaths', 0],
      ['links', 0],
    ],
  );
  feed.take({ type: 'resynced', lost: ['names', 'links'], complete: true }, new Date(0));
  feed.take(assigned(1), new Date(0));
  assert.deepEqual([feed.events.get('resynced'), feed.events.get('nsidAssigned')], [1, 1]);
  assert.deepEqual([...feed.resyncs.values()], [1, 0, 0, 1]);
});

test('each event raises the revision, and so does what no event tells, when one looks', () => {
  const parts = new FeedParts();
  const { feed, view } = parts;
  view.look();
  assert.equal(feed.revision, 1);
  parts.come(assigned(1));
  assert.equal(feed.revision, 2);
  parts.entries = [entryOf({ number: 1, pids: [1] })];
  view.look();
  view.look();
  assert.equal(feed.revision, 3);
  parts.entries = [entryOf({ number: 1, pids: [1, 2] })];
  view.look();
  assert.equal(feed.revision, 4);
});

test('a cursor is read as it was written, and nothing else is one', () => {
  const cursor = { epoch: EPOCH, seq: 42 };
  assert.deepEqual(cursorOf(cursorText(cursor)), cursor);
  for (const text of [
    '',
    ':',
    `${EPOCH}:`,
    `${EPOCH}:-1`,
    `${EPOCH}:1 `,
    `${EPOCH}:00`,
    `x${EPOCH}:1`,
    '1:1',
  ])
    assert.equal(cursorOf(text), null, text);
});

test('a namespace is found by its numbers and names, a dead one by inode and kernel id', () => {
  const parts = new FeedParts();
  const { view } = parts;
  const odd = 'caf\udce9';
  parts.entries = [
    entryOf({ namespace: identity(10n, 100n), nsid: 3, names: [name('blue'), name(odd)] }),
    entryOf({ namespace: identity(11n, 101n), names: [name('nsid:3')] }),
  ];
  const found = (word: string): Record<string, unknown> | null => {
    const json = view.namespace(view.look(), word, null);
    return json === null ? null : (JSON.parse(json) as Record<string, unknown>);
  };
  for (const word of ['blue', odd, 'name:blue', 'nsid:3', 'inode:10', 'id:100'])
    assert.deepEqual((found(word)?.['namespace'] as { ino?: string } | undefined)?.ino, '10', word);
  assert.deepEqual((found('name:nsid:3')?.['namespace'] as { ino?: string } | undefined)?.ino, '11');
  assert.equal(found('blue')?.['netns'], 'blue');
  for (const word of ['red', 'nsid:4', 'inode:12', 'id:', 'name:', 'pid:1']) assert.equal(found(word), null);
  parts.come(destroyed(12n, 102n));
  assert.equal(found('inode:12')?.['alive'], false);
  assert.equal(found('id:102')?.['destroyed'], '1970-01-01T00:00:00.000Z');
  // The inode is used again: the one that lives counts, and of the dead the last.
  parts.come(destroyed(10n, 99n));
  assert.equal(found('inode:10')?.['alive'], true);
  assert.equal(found('id:99')?.['alive'], false);
  parts.entries = [];
  parts.come(destroyed(10n, 100n));
  assert.equal((found('inode:10')?.['namespace'] as { id?: string } | undefined)?.id, '100');
});

test('of the dead the last few are known', () => {
  const { feed } = new FeedParts();
  for (let at = 0n; at < 10n; at++) feed.dead.add(destroyed(at % 2n, at), new Date(0));
  feed.dead.add({ ...destroyed(9n, 9n), namespace: null }, new Date(0));
  assert.equal(feed.dead.size, 3);
  const known = Array.from({ length: 10 }, (_, id) => feed.dead.withId(String(id)) !== null);
  assert.deepEqual(known.lastIndexOf(false), 6);
  assert.equal(feed.dead.withInode('0')?.event.namespace?.id, 8n);
  for (const ino of [5n, 6n, 7n]) feed.dead.add(destroyed(ino, null), new Date(0));
  assert.equal(feed.dead.withInode('0'), null);
  assert.ok(feed.dead.withInode('7') !== null);
});

test('it is dead when its last name is gone and nothing keeps it, and told of once', () => {
  const parts = new FeedParts();
  const { names: _, type: __, ...rest } = destroyed(10n, 100n);
  const { ready: ___, ...located } = name('blue');
  parts.come({ type: 'deleted', ...located, ...rest, alive: false });
  assert.deepEqual(parts.feed.dead.withInode('10')?.event.names, [located]);
  parts.come({ ...destroyed(10n, 100n), names: [located], pids: [7] });
  assert.deepEqual([parts.feed.dead.size, parts.feed.dead.withId('100')?.event.pids], [1, [7]]);
  parts.come({ type: 'deleted', ...located, ...rest, namespace: identity(11n, 101n), alive: true });
  assert.equal(parts.feed.dead.withInode('11'), null);
});
