/**
 * The directory does not exist yet, nor perhaps its parents: the watcher waits on what does, and
 * reports names that come together with the directory as well. Or, with `watchParent: false`, it
 * does not wait.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { addNamespace, deleteNamespace, freshRun, ip, ipAsync, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { within } from '../../support/wait.ts';

const DEFAULT = '/var/run/netns';
const emitDirectoryEvents = true;

// Fails without the watch on the parent.
test('reports the first name when ip netns add makes the directory', async (t) => {
  freshRun(t);
  const replay = await Replay.open(t, { directory: DEFAULT, emitDirectoryEvents });
  assert.deepEqual(replay.snapshot, []);
  assert.equal(replay.watcher.isWatchingNetns, false);
  await ipAsync('netns', 'add', 'a');
  await ipAsync('netns', 'add', 'b');
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created a', 'created b']);
  assert.equal(replay.watcher.isWatchingNetns, true);
});

test('reports names that come after mkdir has made the directory', async (t) => {
  freshRun(t);
  const replay = await Replay.open(t, { directory: DEFAULT, emitDirectoryEvents });
  // What else appears there is no concern of the watcher.
  mkdirSync('/run/other');
  writeFileSync('/run/netns.lock', '');
  assert.deepEqual(await replay.settle(), []);
  mkdirSync('/run/netns', { mode: 0o755 });
  assert.deepEqual(await replay.until('directoryCreated'), ['directoryCreated']);
  assert.equal(replay.watcher.isWatchingNetns, true);
  addNamespace('/run/netns/a');
  assert.deepEqual(await replay.settle(), ['created a']);
});

// Fails if the directory is not read once the watch on it stands, and if what was read is reported
// again by a record.
test('reports names made before the watcher reacts once each, in order', async (t) => {
  freshRun(t);
  const replay = await Replay.open(t, { directory: DEFAULT, emitDirectoryEvents });
  mkdirSync('/run/netns', { mode: 0o755 });
  const names = ['z', 'y', 'm', 'a', 'x'];
  for (const name of names) addNamespace(`/run/netns/${name}`);
  addNamespace('/run/netns/gone');
  deleteNamespace('/run/netns/gone');
  assert.deepEqual(await replay.settle(), ['directoryCreated', ...names.map((name) => `created ${name}`)]);
});

test('reports names made while the watcher reacts once each, in order', async (t) => {
  for (let round = 0; round < 5; round++) {
    await t.test(`round ${round}`, async (t) => {
      freshRun(t);
      const replay = await Replay.open(t, { directory: DEFAULT });
      // As many as are all looked at when mounts change: of more the new ones are reported first
      // (probe-queues.ts).
      const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
      const child = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
      child.stdin.end(names.map((name) => `netns add ${name}\n`).join(''));
      const [code] = await within('the additions', once(child, 'exit'));
      assert.equal(code, 0);
      assert.deepEqual(
        await replay.settle(),
        names.map((name) => `created ${name}`),
      );
    });
  }
});

// Fails if only the last parent is waited for.
test('follows missing parents that are made one by one, made at once, or removed in between', async (t) => {
  const root = netnsDirectory();
  const directory = `${root}/a/b/netns`;
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  for (const step of ['a', 'a/b', 'a/b/netns']) {
    assert.equal(replay.watcher.isWatchingNetns, false);
    mkdirSync(`${root}/${step}`);
    await replay.settle();
  }
  assert.equal(replay.watcher.isWatchingNetns, true);
  addNamespace(`${directory}/x`);
  await replay.settle();
  deleteNamespace(`${directory}/x`);
  rmSync(`${root}/a`, { recursive: true });
  await replay.settle();
  assert.equal(replay.watcher.isWatchingNetns, false);

  mkdirSync(`${root}/a/b`, { recursive: true });
  await replay.settle();
  rmSync(`${root}/a`, { recursive: true });
  mkdirSync(directory, { recursive: true });
  addNamespace(`${directory}/y`);
  addNamespace(`${directory}/z`);
  await replay.settle();
  const round = ['directoryCreated', 'created x', 'deleted x', 'directoryDeleted'];
  assert.deepEqual(replay.told, [...round, 'directoryCreated', 'created y', 'created z']);
});

test('follows a parent that is moved in with everything below it', async (t) => {
  const root = netnsDirectory();
  const replay = await Replay.open(t, { directory: `${root}/a/netns`, emitDirectoryEvents });
  mkdirSync(`${root}/new/netns`, { recursive: true });
  addNamespace(`${root}/new/netns/x`);
  renameSync(`${root}/new`, `${root}/a`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created x']);
});

test('waits while a file is in the place of the directory', async (t) => {
  const root = netnsDirectory();
  const replay = await Replay.open(t, { directory: `${root}/a/netns`, emitDirectoryEvents });
  writeFileSync(`${root}/a`, '');
  assert.deepEqual(await replay.settle(), []);
  unlinkSync(`${root}/a`);
  mkdirSync(`${root}/a`);
  writeFileSync(`${root}/a/netns`, '');
  assert.deepEqual(await replay.settle(), []);
  unlinkSync(`${root}/a/netns`);
  mkdirSync(`${root}/a/netns`);
  addNamespace(`${root}/a/netns/x`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created x']);
});

// Fails if links on the way are left to the kernel, who does not tell where they lead.
test('follows a dangling link to the directory by its own path', async (t) => {
  const root = netnsDirectory();
  symlinkSync('far/away', `${root}/link`);
  const replay = await Replay.open(t, { directory: `${root}/link/netns`, emitDirectoryEvents });
  mkdirSync(`${root}/far`);
  assert.deepEqual(await replay.settle(), []);
  mkdirSync(`${root}/far/away/netns`, { recursive: true });
  addNamespace(`${root}/far/away/netns/x`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created x']);
  assert.equal(replay.events[1]?.type === 'created' && replay.events[1].path, `${root}/link/netns/x`);
});

test('follows a directory that comes by a mount', async (t) => {
  const root = netnsDirectory();
  const elsewhere = netnsDirectory();
  mkdirSync(`${elsewhere}/netns`);
  addNamespace(`${elsewhere}/netns/x`);
  mkdirSync(`${root}/a`);
  const replay = await Replay.open(t, { directory: `${root}/a/netns`, emitDirectoryEvents });
  execFileSync('mount', ['--rbind', elsewhere, `${root}/a`]);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created x']);
});

test('with watchParent false a missing directory is ENOENT', async () => {
  const options = { directory: '/run/missing/netns', watchParent: false };
  const expected = { code: 'ENOENT', syscall: 'inotify_add_watch', path: '/run/missing/netns' };
  await assert.rejects(NamespaceWatcher.open(options), expected);
  await assert.rejects(NamespaceWatcher.listAndWatch(options), expected);
});

// Fails if it goes on to wait.
test('with watchParent false it emits deleted for all names when the directory goes, and ends', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const options = { directory, watchParent: false, emitDirectoryEvents };
  const replay = await Replay.open(t, options);
  const second = await NamespaceWatcher.open(options);
  deleteNamespace(`${directory}/a`);
  rmdirSync(directory);
  mkdirSync(directory);
  rmdirSync(directory);
  assert.deepEqual(await replay.until('directoryDeleted'), ['deleted a', 'directoryDeleted']);
  assert.equal(await within('the end', replay.watcher.recv()), undefined);
  assert.equal(await replay.watcher.recv(), undefined);
  assert.equal(replay.watcher.isWatchingNetns, false);
  const told: string[] = [];
  for await (const { type } of second) told.push(type);
  assert.deepEqual(told, ['deleted', 'directoryDeleted']);
  // Nobody waits any more.
  mkdirSync(directory);
  addNamespace(`${directory}/a`);
  await setTimeout(20);
  assert.equal(replay.watcher.tryRecv(), undefined);
});

test('with watchParent false it follows a directory that is replaced in one step', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, watchParent: false });
  rmdirSync(directory);
  mkdirSync(directory);
  addNamespace(`${directory}/x`);
  assert.deepEqual(await replay.settle(), ['created x']);
});
