/**
 * The death of every named namespace, without an nsid in the watcher's own table: told once, after
 * its names are gone, whatever held it; without a trace on the host, and without keeping anything
 * alive.
 */
import { strict as assert } from 'node:assert';
import { unlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { areAssigned } from '../../../src/netlink/nsid-listing.ts';
import { NETLINK_ROUTE } from '../../../src/netlink/index.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import { openDescriptors, withoutLeak } from '../../support/descriptors.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { knowsTheDead, opensById, withoutUnheld } from '../../support/old-kernels.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { Random } from '../../support/random.ts';
import { runs } from '../../support/runs.ts';
import { holders } from '../support/holders.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { reportedElsewhere } from './reported-elsewhere.ts';
import { smallBuffer } from './small-buffer.ts';

/** A watched directory in a namespace whose table of ids is empty. */
async function place(t: TestContext, io?: UnifiedIo): Promise<{ directory: string; replay: UnifiedReplay }> {
  freshTable(t);
  const directory = netnsDirectory();
  return { directory, replay: await UnifiedReplay.open(t, { directory, deaths: 'require' }, io) };
}

test('ip netns add and del: dead, then destroyed, without an id', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  assert.equal(replay.watcher.isWatchingDeaths, true);
  assert.equal(replay.watcher.deathsError, null);
  addNamespace(path);
  const created = await replay.next();
  assert(created.type === 'created' && created.ready);
  deleteNamespace(path);
  await replay.tells('deleted a dead', 'destroyed a');
  const { namespace } = created;
  const located = { name: 'a', path, directory };
  assert.deepEqual(replay.events.slice(1), [
    { type: 'deleted', ...located, namespace, nsid: null, alive: false },
    { type: 'destroyed', nsid: null, namespace, names: [located] },
  ]);
  assert.deepEqual(replay.watcher.namespaces(), []);
});

for (const [what, hold] of Object.entries(holders)) {
  // Fails if a name's end is taken for the namespace's, or if the watcher itself holds it.
  test(`deleted while ${what} holds it: alive, lingers, destroyed when that lets go`, async (t) => {
    const { directory, replay } = await place(t);
    const path = `${directory}/a`;
    addNamespace(path);
    await replay.tells('created a');
    const release = await hold(t, path);
    deleteNamespace(path);
    await replay.tells('deleted a alive');
    const [entry] = replay.watcher.namespaces();
    assert(entry !== undefined);
    assert.deepEqual([entry.lingering, entry.nsid, entry.names], [true, null, []]);
    await release();
    await replay.tells('destroyed a');
    assert.deepEqual(replay.watcher.namespaces(), []);
  });
}

// Fails if a namespace whose name came and went counts as dead because no id leads to it: since Linux
// 6.19 none leads to what only a socket holds.
for (const kernel of ['this kernel', 'Linux 6.19'] as const)
  test(`gone from its name before it could be numbered, and only a socket holds it: not dead (${kernel})`, async (t) => {
    const real = netlinkSystem();
    // Before that there is no such moment.
    if (!opensById(real)) return;
    freshTable(t);
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    const known = kernel === 'this kernel' && knowsTheDead(real);
    const system = kernel === 'this kernel' ? real : withoutUnheld(real, directory);
    let isNamed = false;
    const deletingFirst: typeof real.openNamespace = (handle) => {
      if (isNamed) deleteNamespace(path);
      isNamed = false;
      return system.openNamespace(handle);
    };
    const io = { ...smallBuffer(), system: { ...system, openNamespace: deletingFirst } };
    const replay = await UnifiedReplay.open(t, { directory, deaths: 'require' }, io);
    replay.model.knowsLives = known;
    addNamespace(path);
    const [socket] = openSockets(real, NETLINK_ROUTE, { namespace: { path } }, 1);
    isNamed = true;
    await replay.tells('created a', known ? 'deleted a alive' : 'deleted a');
    socket?.close();
    const ends = await replay.settleAt();
    assert.deepEqual(ends, known ? ['destroyed a'] : []);
  });

test('those that were there at the start, one with two names', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const [a, b, c] = [`${directory}/a`, `${directory}/b`, `${directory}/c`] as const;
  addNamespace(a);
  addAlias(a, b);
  addNamespace(c);
  const replay = await UnifiedReplay.open(t, { directory, deaths: 'require' });
  deleteNamespace(a);
  await replay.tells('deleted a alive');
  deleteNamespace(b);
  await replay.tells('deleted b dead', 'destroyed b');
  unmountNamespace(c);
  await replay.tells('unmounted c dead', 'destroyed c');
  unlinkSync(c);
  await replay.tells('deleted c dead');
});

test('one that lingers gets a name again: the same entry', async (t) => {
  const { directory, replay } = await place(t);
  const [a, b, away] = [`${directory}/a`, `${directory}/b`, `${netnsDirectory()}/away`] as const;
  addNamespace(a);
  await replay.tells('created a');
  addAlias(a, away);
  deleteNamespace(a);
  await replay.tells('deleted a alive');
  addAlias(away, b);
  await replay.tells('created b');
  assert.equal(replay.watcher.namespaces().length, 1);
  deleteNamespace(away);
  deleteNamespace(b);
  await replay.tells('deleted b dead', 'destroyed b');
});

test('with an id in the table of the watcher: destroyed once, with that id', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  for (let round = 0; round < runs(200); round++) {
    addNamespace(path);
    await replay.connection.setNsid({ path }, 5);
    assert.deepEqual(await replay.until('assigned #5 a'), ['created a', 'assigned #5 a']);
    deleteNamespace(path);
    assert.deepEqual(await replay.until('destroyed #5 a'), ['deleted a dead', 'destroyed #5 a']);
  }
  assert.deepEqual(await replay.settleAt(), []);
});

test('deleted and made again before anything is read; replaced under its name', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  addNamespace(path);
  await replay.tells('created a');
  deleteNamespace(path);
  addNamespace(path);
  deleteNamespace(path);
  addNamespace(path);
  await replay.settleAt();
  assert.deepEqual(
    replay.told.filter((line) => !line.startsWith('destroyed')),
    ['created a', 'deleted a dead', 'created a (vanished)', 'deleted a', 'created a'],
  );
  assert.equal(replay.told.filter((line) => line === 'destroyed a').length, 1);
  // When the kernel gets round to freeing it, the next one may have been told or not.
  const sorted = async (): Promise<string[]> => (await replay.settleAt()).toSorted();
  unmountNamespace(path);
  mountNamespace(path);
  assert.deepEqual(await sorted(), ['created a', 'deleted a dead', 'destroyed a']);
  // On top of it: the first lives on below, and is entered by the name again.
  mountNamespace(path);
  await replay.tells('deleted a alive', 'created a');
  unmountNamespace(path);
  assert.deepEqual(await sorted(), ['created a', 'deleted a dead', 'destroyed a']);
});

// Fails if a number, a descriptor or a name is kept for however short a time.
test('two hundred deletions: none is held when the name is gone', async (t) => {
  const { directory, replay } = await place(t);
  const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1);
  assert(socket !== undefined);
  const requester = new Requester(socket);
  t.after(() => requester.close());
  const path = `${directory}/a`;
  const held = (): string[] => [...openDescriptors().values()].filter((target) => target.includes('net:['));
  const before = held();
  for (let round = 0; round < runs(200); round++) {
    addNamespace(path);
    await replay.connection.setNsid({ path }, 5);
    assert.deepEqual(await replay.until('assigned #5 a'), ['created a', 'assigned #5 a']);
    assert.deepEqual(held(), before);
    deleteNamespace(path);
    assert.deepEqual(areAssigned(requester, [5]), [false], `held after ${round} rounds`);
    await replay.until('destroyed #5 a');
  }
});

test('no id is assigned on the host, nor in a namespace that is watched', async (t) => {
  const { directory, replay } = await place(t);
  const before = await replay.connection.listNsids();
  for (const name of ['a', 'b', 'c']) addNamespace(`${directory}/${name}`);
  await replay.tells('created a', 'created b', 'created c');
  assert.deepEqual(await replay.connection.listNsids(), before);
  for (const name of ['a', 'b', 'c']) {
    const inside = await connect(t, { namespace: { path: `${directory}/${name}` } });
    assert.deepEqual((await inside.listNsids()).entries, []);
    inside.close();
  }
});

test('after the stop nothing is left open', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  await withoutLeak(async () => {
    for (let round = 0; round < 20; round++) {
      const replay = await UnifiedReplay.open(t, { directory, deaths: 'require' });
      await replay.close();
    }
  });
  deleteNamespace(`${directory}/a`);
});

// Fails if the end of a name, or the kernel's word of another namespace, is taken for a death.
test('five hundred at random, with and without a holder: each alive is right, each death told once', async (t) => {
  const { directory, replay } = await place(t);
  const random = new Random(20261130);
  const all = Object.entries(holders);
  const held = new Map<string, () => unknown>();
  const total = runs(500);
  for (let made = 0; made < total; made++) {
    const name = `n${made}`;
    const path = `${directory}/${name}`;
    addNamespace(path);
    const [what, hold] = all[random.below(all.length)] ?? assert.fail();
    // A process takes long to start.
    const isHeld = random.below(3) === 0 && (what !== 'a process' || made % 20 === 0);
    if (isHeld) held.set(name, await hold(t, path));
    await replay.until(`created ${name}`);
    deleteNamespace(path);
    await replay.until(`deleted ${name} ${isHeld ? 'alive' : 'dead'}`);
    if (held.size < 20) continue;
    const [first, release] = [...held][random.below(held.size)] ?? assert.fail();
    held.delete(first);
    await release();
  }
  for (const release of held.values()) await release();
  await replay.settleAt();
  const ends = replay.told.filter((line) => line.startsWith('destroyed '));
  assert.equal(ends.length, total);
  assert.equal(new Set(ends).size, total);
});

test('a thousand destroyed in one go', async (t) => {
  const { directory, replay } = await place(t);
  const count = runs(1000);
  const names = Array.from({ length: count }, (_, index) => `n${index}`);
  for (const name of names) addNamespace(`${directory}/${name}`);
  await replay.settle();
  for (const name of names) deleteNamespace(`${directory}/${name}`);
  const told = await replay.settleAt();
  assert.equal(told.filter((line) => line.endsWith(' dead')).length, count);
  assert.equal(told.filter((line) => line.startsWith('destroyed ')).length, count);
  assert.equal(told.length, 2 * count);
});

// Fails if a loss of the listener goes unnoticed.
test('deaths are lost: each is told after all, then resynced once', async (t) => {
  const { directory, replay } = await place(t, smallBuffer());
  const names = Array.from({ length: 60 }, (_, index) => `n${index}`);
  for (const name of names) addNamespace(`${directory}/${name}`);
  await replay.settle();
  assert.equal(replay.watcher.stats().deaths?.overflows, 0);
  const paths = names.map((name) => `${directory}/${name}`);
  const freed = reportedElsewhere(t, paths);
  for (const path of paths) deleteNamespace(path);
  // The watcher gets no turn until the kernel has freed them all: the queue of its listener holds ten.
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let left = paths.length; left > 0; left -= freed()) Atomics.wait(pause, 0, 0, 1);
  const told = [...(await replay.until('resynced deaths')), ...(await replay.settleAt())];
  assert.equal(told.filter((line) => line.startsWith('destroyed n')).length, 60);
  assert.equal(told.filter((line) => line === 'resynced deaths').length, 1);
  assert((replay.watcher.stats().deaths?.overflows ?? 0) > 0);
});
