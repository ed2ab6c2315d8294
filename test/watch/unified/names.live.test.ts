/**
 * Several names of one namespace, in one directory or in many: one record, which lives as long as
 * the last of them; and names that are unmounted, mounted anew or never mounted.
 */
import { strict as assert } from 'node:assert';
import { unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  mountNamespace,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

/** The names of each record, by directory and name. */
const records = (replay: UnifiedReplay): string[][] =>
  replay.watcher.namespaces().map(({ names }) => names.map(({ path }) => path));

test('ip netns attach of a named namespace: two names, one record, one end', async (t) => {
  freshTable(t);
  freshRun(t);
  ip('netns', 'add', 'a');
  const holder = await spawnHolder(t, '/run/netns/a');
  const replay = await UnifiedReplay.open(t);
  ip('netns', 'attach', 'b', String(holder.pid));
  await replay.tells('created b');
  assert.deepEqual(records(replay), [['/var/run/netns/a', '/var/run/netns/b']]);
  ip('netns', 'set', 'b', '5');
  await replay.tells('assigned #5 a b');
  ip('netns', 'del', 'a');
  await replay.tells('deleted a alive');
  await holder.end();
  assert.deepEqual(await replay.barrier(), []);
  ip('netns', 'del', 'b');
  await replay.tells('deleted b dead', 'destroyed #5 b');
});

test('two names go at once: the first leaves it alive, the second does not', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  addAlias(`${directory}/a`, `${directory}/b`);
  const replay = await UnifiedReplay.open(t, { directory });
  await replay.connection.setNsid({ path: `${directory}/b` }, 5);
  await replay.tells('assigned #5 a b');
  deleteNamespace(`${directory}/b`);
  deleteNamespace(`${directory}/a`);
  await replay.tells('deleted b alive', 'deleted a dead', 'destroyed #5 a');
});

test('two names without an id: alive is known while another is left', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const replay = await UnifiedReplay.open(t, { directory });
  addNamespace(`${directory}/a`);
  addAlias(`${directory}/a`, `${directory}/b`);
  await replay.tells('created a', 'created b');
  deleteNamespace(`${directory}/a`);
  await replay.tells('deleted a alive');
  deleteNamespace(`${directory}/b`);
  await replay.tells('deleted b');
});

// Fails if names are told apart by their last part alone, or namespaces by their directory.
test('the same namespace, and the same name, in two directories', async (t) => {
  freshTable(t);
  const [one, two] = [netnsDirectory(), netnsDirectory()];
  const replay = await UnifiedReplay.open(t, { directories: [one, two] });
  addNamespace(`${one}/a`);
  await replay.tells('created a');
  addAlias(`${one}/a`, `${two}/a`);
  const created = await replay.next();
  assert(created.type === 'created');
  assert.deepEqual([created.path, created.directory], [`${two}/a`, two]);
  assert.deepEqual(records(replay), [[`${one}/a`, `${two}/a`]]);
  addNamespace(`${two}/b`);
  await replay.connection.setNsid({ path: `${two}/a` }, 1);
  await replay.tells('created b', 'assigned #1 a a');
  deleteNamespace(`${one}/a`);
  await replay.tells('deleted a alive');
  const left = records(replay).map((paths) => paths.join(' '));
  assert.deepEqual(left.toSorted(), [`${two}/a`, `${two}/b`]);
  deleteNamespace(`${two}/a`);
  await replay.tells('deleted a dead', 'destroyed #1 a');
});

test('the own namespace under a name: own, and alive whatever becomes of the name', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addAlias('/proc/self/ns/net', `${directory}/before`);
  const replay = await UnifiedReplay.open(t, { directory });
  assert.deepEqual(
    replay.snapshot.map(({ own }) => own),
    [true],
  );
  addNamespace(`${directory}/other`);
  addAlias('/proc/self/ns/net', `${directory}/later`);
  await replay.tells('created other', 'created later');
  assert.deepEqual(
    replay.watcher.namespaces().map(({ own, names }) => [own, ...names.map(({ name }) => name)]),
    [
      [true, 'before', 'later'],
      [false, 'other'],
    ],
  );
  deleteNamespace(`${directory}/before`);
  deleteNamespace(`${directory}/later`);
  await replay.tells('deleted before alive', 'deleted later alive');
});

test('an nsid of its own namespace: emitted with its name, stays without it', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const replay = await UnifiedReplay.open(t, { directory });
  addAlias('/proc/self/ns/net', `${directory}/self`);
  await replay.connection.setNsid({ pid: process.pid }, 6);
  await replay.tells('created self', 'assigned #6 self');
  deleteNamespace(`${directory}/self`);
  await replay.tells('deleted self alive');
  const [entry] = replay.watcher.namespaces();
  assert.deepEqual([entry?.own, entry?.lingering, entry?.nsid], [true, true, 6]);
});

test('unmounted: dead, then destroyed; the file is deleted later, of a namespace that is no more', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  const replay = await UnifiedReplay.open(t, { directory });
  await replay.connection.setNsid({ path }, 5);
  await replay.tells('assigned #5 a');
  unmountNamespace(path);
  await replay.tells('unmounted a dead', 'destroyed #5 a');
  assert.deepEqual(
    replay.watcher.namespaces().map(({ namespace, nsid, names }) => [namespace, nsid, names[0]?.ready]),
    [[null, null, false]],
  );
  unlinkSync(path);
  const deleted = await replay.next();
  assert(deleted.type === 'deleted');
  assert.deepEqual([deleted.nsid, deleted.alive], [null, false]);
  assert(deleted.namespace !== null);
  assert.deepEqual(await replay.settle(), []);
});

test('unmounted while it is held: alive, lingers; its file gets another one', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  const holder = await spawnHolder(t, path);
  const replay = await UnifiedReplay.open(t, { directory });
  await replay.connection.setNsid({ path }, 5);
  await replay.tells('assigned #5 a');
  unmountNamespace(path);
  await replay.tells('unmounted a alive');
  mountNamespace(path);
  await replay.tells('mounted a');
  await holder.end();
  await replay.tells('destroyed #5 a');
  deleteNamespace(path);
  await replay.tells('deleted a');
});

test('unmounted while another name is left; then the file goes', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  addAlias(`${directory}/a`, `${directory}/b`);
  const replay = await UnifiedReplay.open(t, { directory });
  unmountNamespace(`${directory}/a`);
  await replay.tells('unmounted a alive');
  unlinkSync(`${directory}/a`);
  await replay.tells('deleted a alive');
});

test('a file that no namespace is mounted on, and then one that has an id already', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const replay = await UnifiedReplay.open(t, { directory, readyTimeout: 50 });
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  await replay.tells('created stale (timeout)');
  const other = `${netnsDirectory()}/other`;
  addNamespace(other);
  await replay.connection.setNsid({ path: other }, 5);
  await replay.tells('assigned #5');
  unlinkSync(`${directory}/stale`);
  addAlias(other, `${directory}/stale`);
  await replay.tells('deleted stale', 'created stale #5');
});
