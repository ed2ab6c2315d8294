/**
 * The life of a namespace, from its first name to its end, as one stream: each change is told once,
 * whichever source told it first, and a name that goes says whether its namespace lives on. What
 * holds one that has lost its name: test/watch/support/holders.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { sameNamespace } from '../../../src/netns/identity/identity.ts';
import type { InventoryEntry } from '../../../src/watch/unified/unified-events.ts';
import { holders } from '../support/holders.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  ipAsync,
  netnsDirectory,
  spawnHolder,
} from '../../support/netns.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { takeOver } from '../../support/block-event-loop.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { runs } from '../../support/runs.ts';

/** A watched directory in a namespace whose table of ids is empty. */
async function place(t: TestContext): Promise<{ directory: string; replay: UnifiedReplay }> {
  freshTable(t);
  const directory = netnsDirectory();
  return { directory, replay: await UnifiedReplay.open(t, { directory }) };
}

/** The only record, without what differs from run to run. */
function only(
  replay: UnifiedReplay,
): Pick<InventoryEntry, 'nsid' | 'lingering' | 'own'> & { names: string[] } {
  const entries = replay.watcher.namespaces();
  assert.equal(entries.length, 1);
  const { nsid, lingering, own, names } = entries[0] as InventoryEntry;
  return { nsid, lingering, own, names: names.map(({ name }) => name) };
}

// Fails if an id or an identity is not joined with its name, or if one source's view of a change is
// told as well as the other's.
test('ip netns add, set, del: every field', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await UnifiedReplay.open(t);
  assert.deepEqual(replay.snapshot, []);
  const located = { name: 'a', path: '/var/run/netns/a', directory: '/var/run/netns' };

  await ipAsync('netns', 'add', 'a');
  const created = await replay.next();
  assert(created.type === 'created' && created.ready);
  const { namespace } = created;
  assert.deepEqual(created, { type: 'created', ...located, ready: true, namespace, nsid: null });
  const entry = {
    namespace,
    nsid: null,
    names: [{ ...located, ready: true }],
    own: false,
    lingering: false,
  };
  assert.deepEqual(replay.watcher.namespaces(), [entry]);

  await ipAsync('netns', 'set', 'a', '7');
  assert.deepEqual(await replay.next(), { type: 'nsidAssigned', nsid: 7, namespace, names: [located] });
  assert.deepEqual(replay.watcher.namespaces(), [{ ...entry, nsid: 7 }]);

  await ipAsync('netns', 'del', 'a');
  assert.deepEqual(await replay.next(), { type: 'deleted', ...located, namespace, nsid: 7, alive: false });
  assert.deepEqual(replay.watcher.namespaces(), []);
  assert.deepEqual(await replay.next(), { type: 'destroyed', nsid: 7, namespace, names: [located] });
  assert.deepEqual(await replay.settle(), []);
});

test('without an nsid alive is null, and no end is emitted', async (t) => {
  const { directory, replay } = await place(t);
  addNamespace(`${directory}/a`);
  await replay.tells('created a');
  deleteNamespace(`${directory}/a`);
  await replay.tells('deleted a');
  assert.deepEqual(await replay.barrier(), []);
  assert.deepEqual(replay.watcher.namespaces(), []);
});

for (const [what, hold] of Object.entries(holders)) {
  // Fails if a name's end is taken for the namespace's, or if the watcher itself holds the
  // namespace.
  test(`deleted while ${what} holds it: alive, lingers, and is destroyed when that lets go`, async (t) => {
    const { directory, replay } = await place(t);
    const path = `${directory}/a`;
    addNamespace(path);
    await replay.connection.setNsid({ path }, 5);
    await replay.tells('created a', 'assigned #5 a');
    const release = await hold(t, path);
    deleteNamespace(path);
    await replay.tells('deleted a alive');
    assert.deepEqual(only(replay), { nsid: 5, lingering: true, own: false, names: [] });
    assert.deepEqual(await replay.barrier(), []);
    await release();
    const last = await replay.next();
    assert(last.type === 'destroyed');
    assert.deepEqual([last.nsid, last.names.map((name) => name.path)], [5, [path]]);
    assert(last.namespace !== null);
    assert.deepEqual(await replay.settleAt(), []);
    assert.deepEqual(replay.watcher.namespaces(), []);
  });
}

test('deleted and held by nothing: dead, then destroyed', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  addNamespace(path);
  await replay.connection.setNsid({ path }, 5);
  await replay.tells('created a', 'assigned #5 a');
  deleteNamespace(path);
  await replay.tells('deleted a dead', 'destroyed #5 a');
});

// Fails if the moment between the unmount and the unlink is told, or taken for the end of anything.
test('a thousand ends: each emits two events, whichever source is first', async (t) => {
  const { directory, replay } = await place(t);
  const rounds = runs(1000);
  for (let round = 0; round < rounds; round++) {
    const path = `${directory}/a`;
    addNamespace(path);
    const nsid = await replay.connection.setNsid({ path }, 'auto');
    assert.deepEqual(await replay.until(`assigned #${nsid} a`), ['created a', `assigned #${nsid} a`]);
    deleteNamespace(path);
    assert.deepEqual(await replay.until(`destroyed #${nsid} a`), ['deleted a dead', `destroyed #${nsid} a`]);
  }
  assert.deepEqual(await replay.settleAt(), []);
});

test('an nsid assigned before its name is emitted: one event each, names first', async (t) => {
  const { directory, replay } = await place(t);
  for (const name of ['a', 'b', 'c']) {
    addNamespace(`${directory}/${name}`);
    await replay.connection.setNsid({ path: `${directory}/${name}` }, 'auto');
  }
  await replay.tells(
    'created a',
    'created b',
    'created c',
    'assigned #0 a',
    'assigned #1 b',
    'assigned #2 c',
  );
});

test('made, given an nsid and destroyed before anything is read: emits both ends', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  addNamespace(path);
  await replay.connection.setNsid({ path }, 3);
  deleteNamespace(path);
  assert.deepEqual(await replay.until('destroyed #3'), [
    'created a (vanished)',
    'deleted a',
    'assigned #3',
    'destroyed #3',
  ]);
  assert.deepEqual(await replay.settleAt(), []);
});

// A name is a namespace's only if it is this very namespace: its successor has the same name, often
// the same id, at times the same inode.
test('deleted and made again under the same name, with the same id, the same inode among them', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  const inodes = new Set<bigint>();
  let reused = 0;
  for (let round = 0; round < 2000 && (round < 300 || reused < 3); round++) {
    addNamespace(path);
    await replay.connection.setNsid({ path }, 5);
    const created = await replay.next();
    assert(created.type === 'created' && created.ready);
    if (inodes.has(created.namespace.ino)) reused++;
    inodes.add(created.namespace.ino);
    const told = await replay.until('assigned #5 a');
    assert.deepEqual(told, ['assigned #5 a']);
    deleteNamespace(path);
    assert.deepEqual(await replay.until('destroyed #5 a'), ['deleted a dead', 'destroyed #5 a']);
  }
  t.diagnostic(`an inode was used again ${reused} times`);
  assert.deepEqual(await replay.settleAt(), []);
});

// Fails if the kernel's word that the id is in use is taken for a sign of life of its former owner.
// Only when the kernel tells of the new owner first (nsid-table.ts), which it seldom does, can
// nobody know better.
test('deleted and made again with the same name and id before anything is read', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/a`;
  addNamespace(path);
  await replay.connection.setNsid({ path }, 5);
  await replay.tells('created a', 'assigned #5 a');
  let mistaken = 0;
  for (let round = 0; round < 50; round++) {
    deleteNamespace(path);
    addNamespace(path);
    await takeOver(replay.connection, path, 5);
    const [deleted, ...rest] = await replay.until('assigned #5 a');
    if (deleted === 'deleted a alive') mistaken++;
    else
      assert.deepEqual(
        [deleted, ...rest],
        ['deleted a dead', 'destroyed #5 a', 'created a', 'assigned #5 a'],
      );
  }
  assert(mistaken < 5, `${mistaken} times`);
  assert.deepEqual(await replay.settleAt(5), []);
});

test('nsids assigned before the start are in the snapshot and emit only their ends', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const connection = await connect(t);
  for (const [name, nsid] of [
    ['a', 7],
    ['b', 3],
  ] as const) {
    addNamespace(`${directory}/${name}`);
    await connection.setNsid({ path: `${directory}/${name}` }, nsid);
  }
  addNamespace(`${directory}/c`);
  const holder = await spawnHolder(t);
  await connection.setNsid({ pid: holder.pid }, 9);
  const replay = await UnifiedReplay.open(t, { directory });
  assert.deepEqual(
    replay.snapshot.map(({ nsid, names }) => [names.map(({ name }) => name).join(), nsid]),
    [
      ['a', 7],
      ['b', 3],
      ['c', null],
      ['', 9],
    ],
  );
  assert.deepEqual(replay.snapshot.at(-1), {
    namespace: null,
    nsid: 9,
    names: [],
    own: false,
    lingering: false,
  });
  assert.deepEqual(await replay.settle(), []);
  deleteNamespace(`${directory}/a`);
  await replay.tells('deleted a dead', 'destroyed #7 a');
  await holder.end();
  await replay.tells('destroyed #9');
});

// Fails if the veth's id is not looked for among the names, or if the name must be there first.
test('a device is moved into a named namespace, and into one without a name', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await UnifiedReplay.open(t);
  const holder = await spawnHolder(t);
  ip('netns', 'add', 'a');
  assert.deepEqual(await replay.settle(), ['created a']);
  ip('link', 'add', 'outside', 'type', 'veth', 'peer', 'name', 'inside');
  assert.deepEqual(await replay.settle(), []);
  await ipAsync('link', 'set', 'inside', 'netns', 'a');
  await replay.tells('assigned #0 a');
  ip('link', 'add', 'outside2', 'type', 'veth', 'peer', 'name', 'inside2');
  await ipAsync('link', 'set', 'inside2', 'netns', String(holder.pid));
  const assigned = await replay.next();
  assert.deepEqual(assigned, { type: 'nsidAssigned', nsid: 1, namespace: null, names: [] });
  await holder.end();
  assert.deepEqual(await replay.next(), { type: 'destroyed', nsid: 1, namespace: null, names: [] });
  ip('netns', 'del', 'a');
  await replay.tells('deleted a dead', 'destroyed #0 a');
});

test('a namespace with an id gets its name later: one record', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await UnifiedReplay.open(t);
  const holder = await spawnHolder(t);
  await replay.connection.setNsid({ pid: holder.pid }, 4);
  await replay.tells('assigned #4');
  ip('netns', 'attach', 'late', String(holder.pid));
  const created = await replay.next();
  assert(created.type === 'created' && created.nsid === 4);
  assert.deepEqual(only(replay), { nsid: 4, lingering: false, own: false, names: ['late'] });
  ip('netns', 'del', 'late');
  await replay.tells('deleted late alive');
  assert.deepEqual(only(replay), { nsid: 4, lingering: true, own: false, names: [] });
  // And once more, under another name.
  ip('netns', 'attach', 'again', String(holder.pid));
  const back = await replay.next();
  assert(back.type === 'created' && back.ready && created.ready);
  assert(created.namespace.id === null || sameNamespace(back.namespace, created.namespace));
  assert.equal(back.nsid, 4);
  assert.deepEqual(only(replay), { nsid: 4, lingering: false, own: false, names: ['again'] });
  await holder.end();
  ip('netns', 'del', 'again');
  await replay.tells('deleted again dead', 'destroyed #4 again');
});
