/**
 * Mounts on the directory and above it: they cover it, and uncover it. inotify reports no mounts,
 * and its watches go on below them. The mount of the directory on itself, which the first `ip netns
 * add` makes, changes nothing.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { addNamespace, deleteNamespace, freshRun, ip, ipAsync, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

const emitDirectoryEvents = true;
const MNT_DETACH = 2;

const coverWithTmpfs = (path: string): Buffer =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', path]);
/** Takes the topmost mount off, with what is mounted in it. */
const uncover = (path: string): number => check(linux().umount(cPath(path), MNT_DETACH), 'umount2', path);
/** How many mounts lie on a path. */
const mountsOn = (path: string): number =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === path).length;

// Fails if each mount makes the directory look like another one.
test('loses and doubles nothing when the first ip netns add mounts the directory on itself', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns', { mode: 0o755 });
  addNamespace('/run/netns/before');
  const replay = await Replay.open(t, { directory: '/var/run/netns', emitDirectoryEvents });
  assert.equal(mountsOn('/run/netns'), 0);
  addNamespace('/run/netns/own');
  await ipAsync('netns', 'add', 'a');
  assert.equal(mountsOn('/run/netns'), 1);
  await ipAsync('netns', 'add', 'b');
  await ipAsync('netns', 'del', 'a');
  assert.deepEqual(await replay.settle(), ['created own', 'created a', 'created b', 'deleted a']);
  assert.equal(replay.watcher.stats().rewatches, 0);
  // And off again, with the mount of the name that was made through it.
  uncover('/run/netns');
  assert.deepEqual(await replay.settle(), ['unmounted b']);
  assert.equal(replay.watcher.stats().rewatches, 0);
});

test('loses and doubles nothing while another process makes names in a row', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns', { mode: 0o755 });
  const replay = await Replay.open(t, { directory: '/var/run/netns', emitDirectoryEvents });
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  const child = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(names.map((name) => `netns add ${name}\n`).join(''));
  await once(child, 'exit');
  assert.deepEqual(
    await replay.settle(),
    names.map((name) => `created ${name}`),
  );
});

// Fails without the question, on each change of mounts, where the path leads now.
test('follows a directory that a tmpfs covers and uncovers', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  coverWithTmpfs(directory);
  assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted', 'directoryCreated']);
  addNamespace(`${directory}/b`);
  assert.deepEqual(await replay.settle(), ['created b']);
  uncover(directory);
  assert.deepEqual(await replay.settle(), ['deleted b', 'directoryDeleted', 'directoryCreated', 'created a']);
  addNamespace(`${directory}/c`);
  assert.deepEqual(await replay.settle(), ['created c']);
  // Both before the watcher could react: it was never away.
  coverWithTmpfs(directory);
  addNamespace(`${directory}/unseen`);
  uncover(directory);
  assert.deepEqual(await replay.settle(), []);
});

test('follows a mount of another directory, with names in it', async (t) => {
  const [directory, other] = [netnsDirectory(), netnsDirectory()];
  addNamespace(`${directory}/a`);
  addNamespace(`${other}/a`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  execFileSync('mount', ['--rbind', other, directory]);
  const over = ['deleted a', 'directoryDeleted', 'directoryCreated', 'created a'];
  assert.deepEqual(await replay.settle(), over);
  // Names that come by the other path are names of this directory now: the file, since the mount is
  // private.
  execFileSync('umount', [`${other}/a`]);
  deleteNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['deleted a']);
  uncover(directory);
  assert.deepEqual(await replay.settle(), ['directoryDeleted', 'directoryCreated', 'created a']);
});

// Fails with IN_UNMOUNT alone, which comes when the file system dies: not as long as anybody is in
// it.
test('follows a lazy unmount while another process is inside', async (t) => {
  const directory = netnsDirectory();
  coverWithTmpfs(directory);
  addNamespace(`${directory}/a`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', 'echo inside; exec sleep infinity'], {
    cwd: directory,
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  uncover(directory);
  assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted', 'directoryCreated']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  addNamespace(`${directory}/b`);
  assert.deepEqual(await replay.settle(), ['created b']);
});

test('reports the directory as missing while its parent is covered', async (t) => {
  const root = netnsDirectory();
  const directory = `${root}/x/netns`;
  mkdirSync(directory, { recursive: true });
  addNamespace(`${directory}/a`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  const away = ['deleted a', 'directoryDeleted'];
  for (const parent of [root, `${root}/x`]) {
    coverWithTmpfs(parent);
    assert.deepEqual(await replay.settle(), away, parent);
    assert.equal(replay.watcher.isWatchingNetns, false);
    uncover(parent);
    assert.deepEqual(await replay.settle(), ['directoryCreated', 'created a'], parent);
  }
  coverWithTmpfs(root);
  mkdirSync(directory, { recursive: true });
  addNamespace(`${directory}/b`);
  assert.deepEqual(await replay.settle(), [...away, 'directoryCreated', 'created b']);
});

test('follows the unmount of the file system with the directory and its parent', async (t) => {
  const root = netnsDirectory();
  coverWithTmpfs(root);
  mkdirSync(`${root}/netns`);
  const directory = `${root}/netns`;
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  addNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['created a']);
  uncover(root);
  assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted']);
  mkdirSync(directory);
  assert.deepEqual(await replay.settle(), ['directoryCreated']);
});

test('follows /run being covered, as by a container tool that starts late', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const replay = await Replay.open(t, { directory: '/var/run/netns', emitDirectoryEvents });
  await t.test('covered', async (t) => {
    freshRun(t);
    assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted']);
    await ipAsync('netns', 'add', 'b');
    assert.deepEqual(await replay.settle(), ['directoryCreated', 'created b']);
  });
  assert.deepEqual(await replay.settle(), ['deleted b', 'directoryDeleted', 'directoryCreated', 'created a']);
});

// The mount goes along, its path does not.
test('follows a mount that is moved onto the directory and away', async (t) => {
  const [directory, other] = [netnsDirectory(), netnsDirectory()];
  coverWithTmpfs(other);
  addNamespace(`${other}/x`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents });
  execFileSync('mount', ['--move', other, directory]);
  assert.deepEqual(await replay.settle(), ['directoryDeleted', 'directoryCreated', 'created x']);
  execFileSync('mount', ['--move', directory, other]);
  assert.deepEqual(await replay.settle(), ['deleted x', 'directoryDeleted', 'directoryCreated']);
  renameSync(directory, `${directory}-away`);
  assert.deepEqual(await replay.settle(), ['directoryDeleted']);
});
