/** What the inventory forgets: a namespace of which nobody will ever tell again. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { Inventory } from '../../../src/watch/unified/inventory.ts';
import type { UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import { collectGarbage } from '../../support/gc.ts';

const NAME = { name: 'a', path: '/run/netns/a', directory: '/run/netns' };
const identity = (id: number): NamespaceId => ({ id: BigInt(id), dev: 4n, ino: 100n, since: BigInt(id) });

/** A namespace gets a name and loses it. @returns what the inventory knew of it */
function comeAndGo(inventory: Inventory, nsid: number | null, end: () => UnifiedEvent[]): WeakRef<object> {
  const claim = nsid === null ? null : { nsid, generation: 0 };
  const { record } = inventory.add(NAME, { namespace: identity(7), claim });
  if (nsid !== null) inventory.assigned(nsid);
  inventory.deleted(NAME, identity(7), nsid === null ? null : true);
  end();
  // A few names that are gone wait to be passed over by the next search.
  assert.deepEqual(
    Array.from(inventory.names.unresolved(), ({ path }) => path).filter((path) => path === NAME.path),
    [],
  );
  return new WeakRef(record);
}

for (const [title, nsid, end] of [
  ['a namespace without an id, with its last name', null, () => []],
  ['a namespace with an id, with its end', 3, (inventory: Inventory) => inventory.removed(3)],
] as const) {
  test(`nothing is kept of ${title}`, async () => {
    const inventory = new Inventory(identity(1));
    const known = comeAndGo(inventory, nsid, () => end(inventory));
    await collectGarbage();
    assert.equal(known.deref(), undefined);
    assert.deepEqual(inventory.entries(), []);
  });
}

test('a namespace with an id is kept until its end', async () => {
  const inventory = new Inventory(identity(1));
  const known = comeAndGo(inventory, 3, () => []);
  await collectGarbage();
  assert.notEqual(known.deref(), undefined);
  assert.deepEqual(inventory.entries(), [
    { namespace: identity(7), nsid: 3, names: [], own: false, lingering: true },
  ]);
});
