/** The nsids as the unified watcher takes them in, from a simulated kernel. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Inventory } from '../../../src/watch/unified/inventory.ts';
import { NsidSource } from '../../../src/watch/unified/nsid-source.ts';
import type { UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import type { UnifiedSettings } from '../../../src/watch/unified/unified-options.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { NetlinkSimulation } from '../support/simulated-netlink.ts';
import { identity, located, NamedKernel } from './named-kernel.ts';

const settings = {
  assignNsids: false,
  bufferSize: 100,
  signal: undefined,
  receiveBufferSize: 4096,
} as UnifiedSettings;

const brief = (event: UnifiedEvent): string =>
  event.type === 'nsidAssigned' || event.type === 'destroyed'
    ? [event.type, event.nsid, ...event.names.map(({ name }) => name)].join(' ')
    : event.type;

/** a, b and c are namespaces 10, 11 and 12; a has nsid 5. */
async function open(simulation: Partial<NetlinkSimulation> = {}): Promise<{
  kernel: NamedKernel;
  inventory: Inventory;
  source: NsidSource;
  first: string[];
}> {
  const kernel = new NamedKernel(simulation);
  const inventory = new Inventory(null);
  kernel.add({ a: 10, b: 11, c: 12 });
  for (const [name, id] of kernel.behind)
    inventory.add(located(name), { namespace: identity(id), claim: null });
  kernel.assign(10, 5);
  const first: string[] = [];
  const io = { system: kernel.system, clock: new FakeClock() };
  const source = await NsidSource.open(
    io,
    settings,
    inventory,
    () => {},
    (events) => first.push(...events.map(brief)),
  );
  return { kernel, inventory, source, first };
}

const shown = (inventory: Inventory): string[] =>
  inventory.entries().map(({ nsid, names }) => `${nsid ?? '-'}: ${names.map(({ name }) => name).join(' ')}`);

/** Takes in what the kernel has reported, as the engine does. */
function takeIn(source: NsidSource): string[] {
  const events: UnifiedEvent[] = [];
  for (let change = source.next(); change !== undefined; change = source.next()) {
    if (change.type === 'newNsid') void source.resolver.find(change.nsid);
    events.push(...(change.type === 'newNsid' ? source.assigned(change.nsid) : source.removed(change.nsid)));
  }
  return events.map(brief);
}

test('at the start the nsids that are assigned are taken in, and nothing is emitted', async () => {
  const { inventory, source, first } = await open();
  assert.deepEqual(shown(inventory), ['5: a', '-: b', '-: c']);
  assert.deepEqual([takeIn(source), first, source.busy, source.takeLoss()], [[], [], false, false]);
  await source.close();
});

test('a start that fails leaves nothing open', async () => {
  const kernel = new NamedKernel();
  kernel.netlink.between = () => {
    if (kernel.netlink.sockets.size === 2) throw Object.assign(new Error('refused'), { code: 'EACCES' });
  };
  const io = { system: kernel.system, clock: new FakeClock() };
  await assert.rejects(
    NsidSource.open(
      io,
      settings,
      new Inventory(null),
      () => {},
      () => {},
    ),
    /refused/,
  );
  assert.equal(kernel.netlink.sockets.size, 0);
});

const rows: [what: string, act: (kernel: NamedKernel) => void, events: string[], inventory: string[]][] = [
  ['assigned', (kernel) => kernel.assign(11, 6), ['nsidAssigned 6 b'], ['5: a', '6: b', '-: c']],
  ['removed, with a name', (kernel) => kernel.remove(10), [], ['5: a', '-: b', '-: c']],
  [
    'assigned to a namespace without a name',
    (kernel) => kernel.assign(99, 8),
    ['nsidAssigned 8'],
    ['5: a', '-: b', '-: c', '8: '],
  ],
  [
    'assigned and removed, without a name',
    (kernel) => {
      kernel.assign(99, 8);
      kernel.remove(99);
    },
    ['nsidAssigned 8', 'destroyed 8'],
    ['5: a', '-: b', '-: c'],
  ],
  [
    'two owners in turn: the name has the second',
    (kernel) => {
      kernel.assign(99, 8);
      kernel.remove(99);
      kernel.assign(12, 8);
    },
    ['nsidAssigned 8', 'destroyed 8', 'nsidAssigned 8 c'],
    ['5: a', '-: b', '8: c'],
  ],
  [
    'three owners in turn',
    (kernel) => {
      for (const id of [98, 99]) {
        kernel.assign(id, 8);
        kernel.remove(id);
      }
      kernel.assign(11, 8);
    },
    ['nsidAssigned 8', 'destroyed 8', 'nsidAssigned 8', 'destroyed 8', 'nsidAssigned 8 b'],
    ['5: a', '8: b', '-: c'],
  ],
];

for (const [what, act, events, inventory] of rows)
  test(what, async () => {
    const { kernel, inventory: there, source } = await open();
    act(kernel);
    assert.deepEqual(takeIn(source), events);
    assert.deepEqual(shown(there), inventory);
    await source.close();
  });

test('reads ends ahead of their turn, and reports them first; what is assigned waits', async () => {
  const { kernel, inventory, source, first } = await open();
  kernel.assign(99, 8);
  assert.deepEqual(takeIn(source), ['nsidAssigned 8']);
  kernel.assign(11, 6);
  kernel.remove(99);
  source.readAhead();
  assert.deepEqual(first, ['destroyed 8']);
  assert.deepEqual(shown(inventory), ['5: a', '-: b', '-: c']);
  assert.deepEqual(takeIn(source), ['nsidAssigned 6 b']);
  await source.close();
});

test('whether a namespace is alive, by its nsid', async () => {
  const { kernel, source } = await open();
  assert.equal(source.isAlive({ nsid: 5, generation: 0 }), true);
  assert.equal(source.isAlive({ nsid: 9, generation: 0 }), false);
  // Somebody else has it by now: that its owner ended is read ahead.
  kernel.assign(98, 8);
  kernel.remove(98);
  kernel.assign(99, 8);
  source.readAhead();
  assert.equal(source.isAlive({ nsid: 8, generation: 1 }), false);
  assert.equal(source.isAlive({ nsid: 8, generation: 2 }), true);
  await source.close();
});

test('before Linux 5.0 the kernel cannot tell', async () => {
  const { source } = await open({ byNsid: false });
  assert.equal(source.isAlive({ nsid: 5, generation: 0 }), null);
  await source.close();
});

const newNames: [what: string, act: (kernel: NamedKernel, source: NsidSource) => void, asked: number][] = [
  ['nothing happened', () => {}, 0],
  [
    'another name got its nsid, and that was taken in',
    (kernel, source) => {
      kernel.assign(11, 6);
      takeIn(source);
    },
    0,
  ],
  ['an nsid was removed', (kernel) => kernel.remove(10), 0],
  ['an nsid was assigned, and that was not read', (kernel) => kernel.assign(11, 6), 1],
  [
    'an nsid was assigned, and waits for its turn',
    (kernel, source) => {
      kernel.assign(11, 6);
      source.readAhead();
    },
    1,
  ],
  [
    'an nsid waits for its name',
    (kernel, source) => {
      kernel.assign(99, 8);
      source.next();
      source.defer(8, true);
    },
    1,
  ],
  [
    'the owner of an nsid is not known',
    (kernel, source) => {
      kernel.assign(99, 8);
      takeIn(source);
    },
    1,
  ],
  [
    'the owner of an nsid was not known, and is gone',
    (kernel, source) => {
      kernel.assign(99, 8);
      kernel.remove(99);
      takeIn(source);
    },
    0,
  ],
];

for (const [what, act, asked] of newNames)
  test(`a new name is asked only if it may have an nsid: ${what}`, async () => {
    const { kernel, source } = await open();
    act(kernel, source);
    kernel.add({ d: 13 });
    kernel.opened.length = 0;
    assert.equal(source.claimOf({ path: located('d').path, namespace: identity(13) }), null);
    assert.equal(kernel.opened.length, asked);
    await source.close();
  });

test('a new name is asked if nsids may be unknown: before the differences after a loss', async () => {
  const { kernel, source } = await open({ queueLimit: 2 });
  for (const nsid of [7, 8, 9]) kernel.assign(90 + nsid, nsid);
  assert.equal(source.next()?.nsid ?? null, null);
  kernel.add({ d: 13 });
  kernel.opened.length = 0;
  assert.equal(source.claimOf({ path: located('d').path, namespace: identity(13) }), null);
  assert.deepEqual(kernel.opened, ['d']);
  await source.close();
});

test('an nsid that is deferred is emitted late, or before its end', async () => {
  const { kernel, source } = await open();
  kernel.assign(98, 8);
  kernel.assign(99, 9);
  for (const nsid of [8, 9]) {
    assert.equal(source.next()?.nsid, nsid);
    source.defer(nsid, true);
  }
  assert.equal(source.busy, true);
  assert.deepEqual(source.assignedLate(8).map(brief), ['nsidAssigned 8']);
  kernel.remove(99);
  assert.deepEqual(takeIn(source), ['nsidAssigned 9', 'destroyed 9']);
  assert.equal(source.busy, false);
  await source.close();
});

test('after a loss it reads what differs, says so once, and asks names again', async () => {
  const { kernel, inventory, source } = await open({ queueLimit: 2 });
  for (const [id, nsid] of [
    [97, 7],
    [98, 8],
    [99, 9],
  ] as const)
    kernel.assign(id, nsid);
  kernel.remove(97);
  const events = takeIn(source);
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(setImmediate);
    events.push(...takeIn(source));
  }
  assert.deepEqual(events, ['nsidAssigned 8', 'nsidAssigned 9']);
  assert.deepEqual([source.takeLoss(), source.takeLoss()], [true, false]);
  await source.askAgain(() => {});
  assert.deepEqual(shown(inventory), ['5: a', '-: b', '-: c', '8: ', '9: ']);
  await source.close();
});
