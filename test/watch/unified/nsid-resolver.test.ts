/** Which names are asked for an nsid, in which batches, and which answers become claims. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { Inventory } from '../../../src/watch/unified/inventory.ts';
import { NsidResolver } from '../../../src/watch/unified/nsid-resolver.ts';
import type { BacklogSnapshot, BacklogView } from '../../../src/watch/unified/nsid-reader.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { identity, located, NamedKernel } from './named-kernel.ts';

/** What is still to be taken in, one for each question; the last one stays. Null: too much. */
class FakeBacklog implements BacklogView {
  readonly snapshots: (BacklogSnapshot | null)[] = [];
  marks = 0;

  mark(): void {
    this.marks++;
  }

  snapshot(): BacklogSnapshot | null {
    const [first] = this.snapshots;
    if (this.snapshots.length > 1) this.snapshots.shift();
    return first === undefined ? backlog() : first;
  }
}

const backlog = (change: Partial<BacklogSnapshot> = {}): BacklogSnapshot => ({
  pendingAssigns: new Map(),
  inSync: true,
  touched: new Set(),
  ...change,
});

/** Names n1, n2, … for namespaces 101, 102, … */
function setUp(count: number): {
  kernel: NamedKernel;
  inventory: Inventory;
  resolver: NsidResolver;
  view: FakeBacklog;
  clock: FakeClock;
} {
  const kernel = new NamedKernel();
  const inventory = new Inventory(null);
  for (let at = 1; at <= count; at++) {
    kernel.add({ [`n${at}`]: 100 + at });
    inventory.add(located(`n${at}`), { namespace: identity(100 + at), claim: null });
  }
  const [socket] = openSockets(kernel.system, 0, { namespace: undefined, directory: undefined }, 1);
  assert.ok(socket);
  const view = new FakeBacklog();
  const clock = new FakeClock();
  const io = { system: kernel.system, clock };
  const resolver = new NsidResolver(io, inventory, new Requester(socket), view, false, () => {});
  return { kernel, inventory, resolver, view, clock };
}

const searches: [what: string, names: number, owner: number | null, found: string, asked: number][] = [
  ['no names', 0, null, 'none', 0],
  ['the newest has it', 20, 20, 'found', 8],
  ['one of the first batch has it', 20, 14, 'found', 8],
  ['one of the second batch has it', 50, 40, 'found', 40],
  ['the oldest of some has it', 30, 1, 'found', 30],
  ['none has it', 30, null, 'none', 30],
  ['none of exactly a batch has it', 8, null, 'none', 8],
  ['one of many has it, within the budget', 500, 400, 'found', 104],
  ['the oldest of many has it', 500, 1, 'found', 40],
  ['one in the middle of many has it: more would have to be asked', 500, 100, 'more', 296],
];

for (const [what, names, owner, found, asked] of searches)
  test(`${what}: ${found}`, () => {
    const { kernel, inventory, resolver } = setUp(names);
    if (owner !== null) kernel.nsids.set(100 + owner, 7);
    assert.equal(resolver.find(7), found);
    assert.deepEqual([kernel.opened.length, kernel.open], [asked, 0]);
    assert.equal(inventory.nsids.isClaimed(7), found === 'found');
  });

test('asks the neighbours of the name that was found last first', () => {
  const { kernel, resolver, inventory } = setUp(100);
  kernel.nsids.set(195, 7);
  assert.equal(resolver.find(7), 'found');
  inventory.assigned(7);
  kernel.opened.length = 0;
  kernel.nsids.set(194, 8);
  assert.equal(resolver.find(8), 'found');
  assert.deepEqual(kernel.opened.slice(0, 6), ['n96', 'n97', 'n98', 'n99', 'n100', 'n94']);
});

test('while nsids go through the names in order, as many names are asked as nsids wait', () => {
  const { kernel, resolver, inventory, view } = setUp(100);
  const asked: number[] = [];
  for (const [owner, waiting] of [
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 20],
    [24, 1],
    [80, 1],
    [81, 1],
  ] as const) {
    const all = Array.from({ length: waiting }, (_, at) => 100 + owner + at);
    for (const id of all) kernel.nsids.set(id, id);
    view.snapshots[0] = backlog({ pendingAssigns: new Map(all.map((nsid) => [nsid, 1])) });
    kernel.opened.length = 0;
    for (const nsid of all) {
      assert.equal(resolver.find(nsid), 'found');
      inventory.assigned(nsid);
    }
    asked.push(kernel.opened.length);
  }
  // The oldest, its neighbours, then one each, then all that wait; one that is elsewhere; near it.
  assert.deepEqual(asked, [40, 8, 1, 20, 1, 41, 8]);
});

test('an nsid beyond the budget asks one batch alone until the window is over', () => {
  const { kernel, resolver, clock } = setUp(500);
  assert.equal(resolver.find(7), 'more');
  kernel.opened.length = 0;
  assert.equal(resolver.find(8), 'more');
  assert.equal(kernel.opened.length, 8);
  clock.pass(20);
  kernel.opened.length = 0;
  assert.equal(resolver.find(9), 'more');
  assert.equal(kernel.opened.length, 296);
});

const touched = backlog({ touched: new Set([7]) });
const claims: [what: string, snapshots: (BacklogSnapshot | null)[], claim: number | null, asked: number][] = [
  ['nothing is to come', [backlog()], 0, 1],
  ['it is assigned once in the backlog', [backlog({ pendingAssigns: new Map([[7, 1]]) })], 1, 1],
  ['it is assigned three times', [backlog({ pendingAssigns: new Map([[7, 3]]) })], 3, 1],
  ['others are assigned', [backlog({ pendingAssigns: new Map([[8, 2]]) })], 0, 1],
  ['after a loss, before the differences are taken in', [backlog({ inSync: false })], null, 1],
  [
    'after a loss, and it is assigned in the backlog',
    [backlog({ inSync: false, pendingAssigns: new Map([[7, 1]]) })],
    1,
    1,
  ],
  ['reported between question and answer: asked again', [touched, backlog()], 0, 2],
  ['reported each time', [touched], null, 4],
  ['more than may be read ahead', [null], null, 1],
];

for (const [what, snapshots, generation, asked] of claims)
  test(`an answer counts: ${what}`, () => {
    const { kernel, resolver, view } = setUp(1);
    kernel.nsids.set(101, 7);
    view.snapshots.push(...snapshots);
    const claim = resolver.claimOf({ path: located('n1').path, namespace: identity(101) });
    assert.deepEqual(claim, generation === null ? null : { nsid: 7, generation });
    assert.deepEqual([kernel.opened.length, view.marks], [asked, asked]);
    const isConfirmed = generation !== null || snapshots[0]?.inSync === false;
    assert.equal(resolver.unconfirmed, !isConfirmed);
  });

test('while an answer is not confirmed no nsid is searched for; names are asked again', () => {
  const { kernel, inventory, resolver, view } = setUp(3);
  kernel.nsids.set(101, 7);
  view.snapshots.push(null);
  assert.equal(resolver.find(7), 'more');
  assert.deepEqual([resolver.needsRetry, resolver.find(8)], [true, 'more']);
  view.snapshots[0] = backlog();
  assert.equal(resolver.confirm(), undefined);
  assert.deepEqual([resolver.needsRetry, inventory.nsids.isClaimed(7)], [false, true]);
  assert.equal(resolver.find(7), 'found');
});

test('after a loss, an nsid that changed hands is taken over, and one that was not listed adopted', async () => {
  const { kernel, inventory, resolver } = setUp(2);
  kernel.nsids.set(101, 7);
  void resolver.find(7);
  inventory.assigned(7);
  kernel.nsids.delete(101);
  kernel.nsids.set(102, 7);
  kernel.add({ n3: 103 });
  inventory.add(located('n3'), { namespace: identity(103), claim: null });
  kernel.nsids.set(103, 9);
  const adopted: number[] = [];
  const events: string[] = [];
  await resolver.askAll(
    (nsid) => adopted.push(nsid),
    (all) => events.push(...all.map((event) => `${event.type} ${'nsid' in event ? event.nsid : ''}`)),
  );
  assert.deepEqual(adopted, [9]);
  assert.deepEqual(events, ['nsidAssigned 7', 'nsidAssigned 9']);
  assert.ok(inventory.nsids.isEnding(7), 'the name of its last owner has still to go');
});
