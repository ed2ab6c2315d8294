/** How long an id waits for the name that has it, and for the names of its last owner. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { DeferredNsids } from '../../../src/watch/unified/deferred-nsids.ts';
import { Inventory } from '../../../src/watch/unified/inventory.ts';
import { FakeClock } from '../support/fake-clock.ts';

const identity = (id: number): NamespaceId => ({ id: BigInt(id), dev: 4n, ino: 100n, since: BigInt(id) });
const located = (name: string): { name: string; path: string; directory: string } => ({
  name,
  path: `/run/netns/${name}`,
  directory: '/run/netns',
});

function held(): { ids: DeferredNsids; inventory: Inventory; clock: FakeClock; wakes: () => number } {
  const inventory = new Inventory(identity(1));
  const clock = new FakeClock();
  let woken = 0;
  const ids = new DeferredNsids(inventory, clock, () => woken++);
  return { ids, inventory, clock, wakes: () => woken };
}

test('waits 100 ms for names that are held back when all others were asked', () => {
  const { ids, clock } = held();
  ids.defer(5, true);
  assert.equal(ids.due(true), undefined, 'a name may come that has it');
  assert.equal(ids.due(false), 5, 'none is held back any more');
  clock.pass(99);
  assert.equal(ids.due(true), undefined);
  clock.pass(1);
  assert.equal(ids.due(true), 5);
  ids.release(5);
  assert.deepEqual([ids.any, ids.due(false)], [false, undefined]);
});

test('waits until all names were asked, in slices', () => {
  const { ids, inventory, clock, wakes } = held();
  for (let at = 0; at < 600; at++)
    inventory.add(located(`n${at}`), { namespace: identity(10 + at), claim: null });
  ids.defer(5, false);
  clock.pass(10_000);
  assert.equal(ids.due(false), undefined);
  assert.deepEqual(ids.slice(), [], 'it rests first');
  clock.fire();
  assert.equal(wakes(), 1);
  const first = ids.slice().length;
  assert.equal(first, 512);
  assert.equal(ids.due(false), undefined, 'more are to be asked');
  clock.advance(20);
  // The observer's own namespace is one of them.
  assert.equal(first + ids.slice().length, 601);
  assert.equal(ids.due(false), 5);
});

test('is due as soon as a name claims the nsid', () => {
  const { ids, inventory } = held();
  ids.defer(5, false);
  inventory.add(located('a'), { namespace: identity(7), claim: { nsid: 5, generation: 0 } });
  assert.equal(ids.due(true), 5);
});

test('waits two seconds at most for the names of the last owner to go', () => {
  const { ids, inventory, clock } = held();
  const other = held();
  for (const it of [{ ids, inventory }, other]) {
    it.inventory.add(located('a'), { namespace: identity(7), claim: { nsid: 5, generation: 0 } });
    it.inventory.assigned(5);
    it.inventory.removed(5);
    it.ids.defer(5, true);
  }
  clock.pass(1999);
  assert.equal(ids.due(false), undefined);
  clock.pass(1);
  assert.equal(ids.due(false), 5);
  other.inventory.deleted(located('a'), identity(7), false);
  assert.equal(other.ids.due(false), 5, 'they went');
});

test('leaves no timer behind', () => {
  const { ids, clock } = held();
  ids.defer(5, false);
  assert.equal(clock.timers, 1);
  ids.close();
  assert.deepEqual([clock.timers, ids.any], [0, false]);
});
