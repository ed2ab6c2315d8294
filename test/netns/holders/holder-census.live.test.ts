/** What holds each namespace, found in one walk; holders: test/watch/support/holders.ts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { holderCensus } from '../../../src/netns/holders/holder-census.ts';
import type { HeldNamespace } from '../../../src/netns/holders/holder-census.ts';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { Observer } from '../../../src/netns/identity/observe.ts';
import { cPath } from '../../../src/reference/names.ts';
import { inspectionSystem } from '../../../src/sys/inspection.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { holders } from '../../watch/support/holders.ts';

const system = inspectionSystem();

/** That of a namespace; others that run beside this test may get its inode number when it is gone. */
async function heldIn(directory: string, { id, ino }: NamespaceId): Promise<HeldNamespace | undefined> {
  const all = await holderCensus(system, [directory]);
  assert.equal(new Set(all.map(({ namespace }) => namespace.ino)).size, all.length, 'one twice');
  return all.find(({ namespace }) => namespace.ino === ino && namespace.id === id);
}

function namespaceAt(path: string): NamespaceId {
  const seen = new Observer(system).observe(cPath(path), true);
  assert(seen.kind === 'namespace');
  return seen.namespace;
}

test('a name alone: nothing else holds it', async () => {
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  const held = await heldIn(directory, namespaceAt(path));
  assert.deepEqual(held?.names, [{ name: 'a', path, directory }]);
  assert.deepEqual([held.inhabited, held.holders], [false, []]);
  deleteNamespace(path);
});

test('two names of it are no holders; a mount elsewhere is one', async () => {
  const [directory, away] = [netnsDirectory(), `${netnsDirectory()}/away`];
  const [a, b] = [`${directory}/a`, `${directory}/b`] as const;
  addNamespace(a);
  addAlias(a, b);
  const namespace = namespaceAt(a);
  assert.deepEqual((await heldIn(directory, namespace))?.holders, []);
  addAlias(a, away);
  const held = await heldIn(directory, namespace);
  assert.deepEqual(
    held?.names.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.deepEqual(
    held?.holders.map(({ kind }) => kind),
    ['mount'],
  );
  for (const path of [a, b, away]) deleteNamespace(path);
});

const KINDS: Record<string, string[]> = {
  'a descriptor': ['descriptor'],
  'a descriptor that was opened with O_PATH': ['descriptor'],
  'a socket': ['socket'],
  'a second name': ['mount'],
};

for (const [what, hold] of Object.entries(holders))
  test(`without a name, held by ${what}`, async (t) => {
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    addNamespace(path);
    const namespace = namespaceAt(path);
    const release = await hold(t, path);
    deleteNamespace(path);
    await withoutLeak(async () => {
      const held = await heldIn(directory, namespace);
      assert.deepEqual(held?.names, []);
      assert.equal(held.inhabited, what === 'a process');
      assert.deepEqual(
        held.holders.map(({ kind }) => kind),
        KINDS[what] ?? [],
      );
      for (const { pid, kind } of held.holders) if (kind !== 'mount') assert.equal(pid, process.pid);
    });
    await release();
    assert.equal(await heldIn(directory, namespace), undefined);
  });
