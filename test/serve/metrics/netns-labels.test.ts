/** What namespaces are called in metrics: no two alike, and names keep theirs. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ProcessOwner } from '../../../src/netns/processes/process-owner.ts';
import { NetnsLabels } from '../../../src/serve/metrics/netns-labels.ts';
import { linkNamespaceOf } from '../../../src/watch/unified/link-namespace.ts';
import type { InventoryEntry } from '../../../src/watch/unified/unified-events.ts';
import { elsewhere, entry } from './support/source.ts';

const DOCKER: ProcessOwner = { kind: 'docker', name: '4f797c539e6c', id: null };
const SERVICE: ProcessOwner = { kind: 'service', name: 'web.service', id: null };

const labelsOf = (entries: readonly InventoryEntry[], directory?: string): string[] => {
  const all = new NetnsLabels(entries, directory);
  return entries.map((one) => all.ofEntry(one));
};
const inode = ({ namespace }: InventoryEntry): string => `inode:${namespace?.ino}`;

test('by name, else own, else owner, else number', () => {
  const unknown = entry([]);
  const entries = [
    entry(['blue', 'green']),
    entry([], [], { own: true, owner: SERVICE }),
    entry([], [], { owner: DOCKER }),
    entry([], [], { owner: SERVICE }),
    unknown,
    entry([], [], { namespace: null, nsid: 7 }),
    entry([], [], { namespace: null, pids: [12] }),
    entry([], [], { namespace: null, number: 9 }),
  ];
  assert.deepEqual(labelsOf(entries), [
    'blue',
    '(this namespace)',
    'docker 4f797c539e6c',
    'web.service',
    inode(unknown),
    'nsid:7',
    'pid:12',
    'number:9',
  ]);
});

test('a name in another directory is a path; that of ip(8) has two spellings', () => {
  const docker = {
    name: 'a1',
    path: '/run/docker/netns/a1',
    directory: '/run/docker/netns',
    ready: true,
  } as const;
  const entries = [entry([], [], { names: [docker] }), entry(['blue'])];
  assert.deepEqual(labelsOf(entries), ['/run/docker/netns/a1', 'blue']);
  assert.deepEqual(labelsOf(entries, '/run/docker/netns'), ['a1', '/run/netns/blue']);
});

test('two of one owner, and one that is called as a name is, have a number', () => {
  const [one, other, docker] = [
    entry([], [], { owner: SERVICE }),
    entry([], [], { owner: SERVICE }),
    entry([], [], { owner: DOCKER }),
  ];
  const named = entry(['docker 4f797c539e6c']);
  assert.deepEqual(labelsOf([one, other, docker, named]), [
    `web.service ${inode(one)}`,
    `web.service ${inode(other)}`,
    `docker 4f797c539e6c ${inode(docker)}`,
    'docker 4f797c539e6c',
  ]);
});

test('what a link leads to is called as its entry, or has a label of its own', () => {
  const [one, other] = [entry([], [], { owner: DOCKER }), entry(['docker 4f797c539e6c'])];
  const all = new NetnsLabels([one, other]);
  for (const it of [one, other]) assert.equal(all.of(linkNamespaceOf(it)), all.ofEntry(it));
  const closed = elsewhere({ number: 3 });
  assert.equal(all.of(closed), 'number:3');
  assert.equal(all.of(closed), 'number:3');
  assert.equal(all.of(elsewhere({ number: 4, owner: DOCKER })), 'docker 4f797c539e6c number:4');
});

test('no two are alike, whatever they are called', () => {
  const word = fc.constantFrom('a', 'a inode:1', 'a inode:1 (2)', 'inode:1', '(this namespace)');
  const namespace = fc.record({
    name: fc.option(word),
    owner: fc.option(word.map((name): ProcessOwner => ({ kind: 'service', name, id: null }))),
    own: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(namespace, { maxLength: 12 }), (all) => {
      const known = { id: null, dev: 1n, ino: 1n, since: 1n };
      const entries = all.map(({ name, owner, own }, number) =>
        entry(name === null ? [] : [name], [], { owner, own, number, namespace: known }),
      );
      const found = labelsOf(entries);
      assert.equal(new Set(found).size, found.length);
    }),
  );
});
