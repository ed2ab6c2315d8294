import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOf } from '../../src/agent/host-head.ts';
import type { InventoryEntry } from '../../src/core.ts';

const located = (name: string): object => ({ name, path: `/run/netns/${name}`, directory: '/run/netns' });
const entry = (fields: object): InventoryEntry =>
  ({ namespace: null, nsid: null, names: [], ...fields }) as unknown as InventoryEntry;
const namespace = { id: 7n, dev: 4n, ino: 9n, since: 1n };

test('namespaces are counted by whatever they are known by; a name that stands for none is a name', () => {
  const all = [
    entry({ namespace, names: [located('a'), located('b')], links: [{}, {}] }),
    entry({ nsid: 3, names: [located('c')] }),
    // Found, and nothing is known of it but that it is there.
    entry({ links: [{}] }),
    entry({ names: [located('unready')] }),
  ];
  assert.deepEqual(countsOf(all, true), { namespaces: 3, names: 4, links: 3 });
});

test('links that are not followed are not known, not none', () => {
  assert.deepEqual(countsOf([], true), { namespaces: 0, names: 0, links: 0 });
  assert.deepEqual(countsOf([entry({ namespace })], false), { namespaces: 1, names: 0, links: null });
});
