/**
 * What can happen to the directory's path while it is watched, done by the file system: removed,
 * made again, renamed, swapped. The names of the old one are deleted, then those of the new one
 * created, and the watcher follows the path and not the inode.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { bind } from '../../../src/sys/library.ts';
import { addNamespace, deleteNamespace, freshRun, ip, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

interface Place {
  root: string;
  directory: string;
  /** Beside it, empty. */
  other: string;
  replay: Replay;
}

/** A watched directory that holds the names `a` and `b`, in a directory of its own. */
async function place(t: TestContext): Promise<Place> {
  const root = netnsDirectory();
  const [directory, other] = [`${root}/netns`, `${root}/other`];
  mkdirSync(directory);
  mkdirSync(other);
  addNamespace(`${directory}/a`);
  addNamespace(`${directory}/b`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true });
  return { root, directory, other, replay };
}

function empty(directory: string): void {
  for (const name of ['a', 'b']) deleteNamespace(`${directory}/${name}`);
}

const GONE = ['deleted a', 'deleted b', 'directoryDeleted'];

test('follows a directory that is removed, and made again later', async (t) => {
  const { directory, replay } = await place(t);
  empty(directory);
  rmdirSync(directory);
  assert.deepEqual(await replay.settle(), GONE);
  assert.equal(replay.watcher.isWatchingNetns, false);
  mkdirSync(directory);
  assert.deepEqual(await replay.settle(), ['directoryCreated']);
  assert.equal(replay.watcher.isWatchingNetns, true);
  addNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['created a']);
});

// Fails if the old watch is believed to be the new directory's, and if what came with that is not
// read.
test('follows a directory that is removed and made again with the same names at once', async (t) => {
  const { directory, replay } = await place(t);
  for (let round = 0; round < 5; round++) {
    empty(directory);
    rmdirSync(directory);
    mkdirSync(directory);
    addNamespace(`${directory}/a`);
    addNamespace(`${directory}/b`);
    assert.deepEqual(await replay.settle(), [...GONE, 'directoryCreated', 'created a', 'created b']);
  }
  // More than one life between two looks: nobody can tell of what came and went.
  for (let round = 0; round < 3; round++) {
    empty(directory);
    rmdirSync(directory);
    mkdirSync(directory);
    addNamespace(`${directory}/a`);
    addNamespace(`${directory}/b`);
  }
  assert.deepEqual(await replay.settle(), [...GONE, 'directoryCreated', 'created a', 'created b']);
});

test('follows /var/run/netns that ip(8) makes again with the first name after its removal', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const directory = '/var/run/netns';
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true });
  ip('netns', 'del', 'a');
  // The first `ip netns add` mounted it on itself.
  check(bind('int umount2(const void *target, int flags)')(cPath('/run/netns'), 2), 'umount2');
  rmdirSync('/run/netns');
  ip('netns', 'add', 'a');
  assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted', 'directoryCreated', 'created a']);
});

// Where file systems give a new directory the inode number of the old one, which ext4 does and
// tmpfs does not.
test('follows a directory that is made again with the same inode number', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'nlink-'));
  t.after(() => rmSync(root, { recursive: true }));
  const directory = join(root, 'netns');
  mkdirSync(directory);
  writeFileSync(join(directory, 'a'), '');
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true, readyTimeout: 0 });
  const { ino } = statSync(directory);
  let reused = 0;
  for (let round = 0; round < 5; round++) {
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    writeFileSync(join(directory, 'a'), '');
    if (statSync(directory).ino === ino) reused++;
    assert.deepEqual(await replay.settle(), [
      'deleted a',
      'directoryDeleted',
      'directoryCreated',
      'created a (not-a-namespace)',
    ]);
    // The new watch reports those that come later.
    writeFileSync(join(directory, `b${round}`), '');
    unlinkSync(join(directory, `b${round}`));
    const told = await replay.settle();
    assert.equal(told.at(-1), `deleted b${round}`);
  }
  t.diagnostic(`the inode number was used again in ${reused} of 5 rounds`);
});

// Fails with the watch of the directory alone: the kernel reports nothing to it as long as anybody
// holds the directory.
test('notices the removal although another process has its working directory there', async (t) => {
  const { directory, replay } = await place(t);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', 'echo inside; exec sleep infinity'], {
    cwd: directory,
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  empty(directory);
  assert.deepEqual(await replay.settle(), ['deleted a', 'deleted b']);
  rmdirSync(directory);
  assert.deepEqual(await replay.settle(), ['directoryDeleted']);
  mkdirSync(directory);
  addNamespace(`${directory}/c`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created c']);
  // Now the kernel reports the end of the first one, which is not that of the second.
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await replay.settle(), []);
});

// Fails if the inode is followed: it lives on elsewhere.
test('reports nothing of a directory that was renamed away', async (t) => {
  const { directory, other, replay } = await place(t);
  renameSync(directory, `${other}/netns`);
  assert.deepEqual(await replay.settle(), GONE);
  addNamespace(`${other}/netns/c`);
  assert.deepEqual(await replay.settle(), []);
  renameSync(`${other}/netns`, directory);
  assert.deepEqual((await replay.settle()).sort(), [
    'created a',
    'created b',
    'created c',
    'directoryCreated',
  ]);
});

test('follows a directory that takes the place of one that was renamed away', async (t) => {
  const { root, directory, other, replay } = await place(t);
  addNamespace(`${other}/b`);
  addNamespace(`${other}/c`);
  renameSync(directory, `${root}/old`);
  renameSync(other, directory);
  addNamespace(`${root}/old/d`);
  addNamespace(`${directory}/e`);
  const after = [...GONE, 'directoryCreated', 'created b', 'created c', 'created e'];
  assert.deepEqual(await replay.settle(), after);
});

test('emits nothing for a directory that is renamed away and back at once', async (t) => {
  const { directory, other, replay } = await place(t);
  renameSync(directory, `${other}/netns`);
  addNamespace(`${other}/netns/c`);
  renameSync(`${other}/netns`, directory);
  addNamespace(`${directory}/d`);
  assert.deepEqual(await replay.settle(), ['created c', 'created d']);
});

test('follows a directory that is moved onto an empty one', async (t) => {
  const { directory, other, replay } = await place(t);
  empty(directory);
  addNamespace(`${other}/a`);
  renameSync(other, directory);
  assert.deepEqual(await replay.settle(), [...GONE, 'directoryCreated', 'created a']);
});

test('follows a directory that is exchanged with another, and back', async (t) => {
  const { directory, other, replay } = await place(t);
  addNamespace(`${other}/c`);
  const renameat2 = bind('int renameat2(int from, const void *a, int to, const void *b, unsigned int flags)');
  const exchange = (): number =>
    check(renameat2(AT_FDCWD, cPath(directory), AT_FDCWD, cPath(other), RENAME_EXCHANGE), 'renameat2');
  exchange();
  assert.deepEqual(await replay.settle(), [...GONE, 'directoryCreated', 'created c']);
  exchange();
  assert.deepEqual(await replay.settle(), [
    'deleted c',
    'directoryDeleted',
    'directoryCreated',
    'created a',
    'created b',
  ]);
});

// Fails without a watch on each directory of the path: the inner ones get no record.
test('follows a parent that is renamed away, and its parent, and back', async (t) => {
  const root = netnsDirectory();
  const directory = `${root}/x/y/netns`;
  mkdirSync(directory, { recursive: true });
  addNamespace(`${directory}/a`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true });
  const away = ['deleted a', 'directoryDeleted'];
  const back = ['directoryCreated', 'created a'];
  for (const parent of [`${root}/x/y`, `${root}/x`]) {
    renameSync(parent, `${root}/away`);
    assert.deepEqual(await replay.settle(), away, parent);
    renameSync(`${root}/away`, parent);
    assert.deepEqual(await replay.settle(), back, parent);
  }
  // And another one in its place.
  renameSync(`${root}/x`, `${root}/away`);
  mkdirSync(directory, { recursive: true });
  addNamespace(`${directory}/b`);
  assert.deepEqual(await replay.settle(), [...away, 'directoryCreated', 'created b']);
});

// Fails if a directory that comes and goes quicker than it can be read makes the watcher give up,
// or go deaf.
test('follows a directory that a process makes and removes as fast as it can', async (t) => {
  const { root, directory, replay } = await place(t);
  empty(directory);
  const script = `
    for i in $(seq 100); do rmdir netns; mkdir netns; : > netns/x; rm netns/x; done
    : > netns/last`;
  const child = spawn('sh', ['-ec', script], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  await replay.settle();
  assert.equal(existsSync(`${directory}/last`), true);
  assert.deepEqual([...replay.model.names.keys()], ['last']);
  const stats = replay.watcher.stats();
  assert(stats.rewatches > 0 && stats.rewatches <= 2 * 101, `rewatched ${stats.rewatches} times`);
});
