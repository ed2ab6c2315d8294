/**
 * Symbolic links on the way to the directory, or in its place, are flipped. The kernel watches
 * inodes, and does not report where a path leads, so each link is watched in the directory that
 * holds it.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { otherMounts } from '../../support/mount-namespace.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

// Fails without watches on the links.
test('follows a link on the way that is flipped, removed and made again', async (t) => {
  const root = netnsDirectory();
  for (const name of ['one', 'two']) {
    mkdirSync(`${root}/${name}/netns`, { recursive: true });
    addNamespace(`${root}/${name}/netns/${name}`);
  }
  symlinkSync('one', `${root}/current`);
  symlinkSync(`${root}/current`, `${root}/link`);
  const directory = `${root}/link/netns`;
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true });
  assert.equal(replay.snapshot[0]?.path, `${directory}/one`);
  const flip = (link: string, target: string): void => {
    symlinkSync(target, `${root}/new`);
    renameSync(`${root}/new`, `${root}/${link}`);
  };
  const toTwo = ['deleted one', 'directoryDeleted', 'directoryCreated', 'created two'];
  const toOne = ['deleted two', 'directoryDeleted', 'directoryCreated', 'created one'];
  flip('current', 'two');
  assert.deepEqual(await replay.settle(), toTwo);
  flip('link', 'one');
  assert.deepEqual(await replay.settle(), toOne);
  // No longer on the way.
  flip('current', 'nowhere');
  assert.deepEqual(await replay.settle(), []);
  unlinkSync(`${root}/link`);
  assert.deepEqual(await replay.settle(), ['deleted one', 'directoryDeleted']);
  symlinkSync('two', `${root}/link`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created two']);
  // To the same place by another way: nothing happened.
  flip('link', './two');
  assert.deepEqual(await replay.settle(), []);
  addNamespace(`${directory}/c`);
  assert.deepEqual(await replay.settle(), ['created c']);
});

test('follows a directory that is a link, flipped back and forth before the watcher reacts', async (t) => {
  const root = netnsDirectory();
  for (const name of ['one', 'two']) mkdirSync(`${root}/${name}`);
  addNamespace(`${root}/one/a`);
  addNamespace(`${root}/two/b`);
  symlinkSync('one', `${root}/netns`);
  const replay = await Replay.open(t, { directory: `${root}/netns`, emitDirectoryEvents: true });
  const flip = (target: string): void => {
    symlinkSync(target, `${root}/new`);
    renameSync(`${root}/new`, `${root}/netns`);
  };
  flip('two');
  flip('one');
  assert.deepEqual(await replay.settle(), []);
  flip('one');
  flip('two');
  assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted', 'directoryCreated', 'created b']);
  addNamespace(`${root}/one/c`);
  addNamespace(`${root}/two/d`);
  assert.deepEqual(await replay.settle(), ['created d']);
});

// The directory is watched for names and for the link in one: it holds the link by which it is
// reached.
test('follows a path through a link in the directory that leads back to it', async (t) => {
  const directory = netnsDirectory();
  symlinkSync('.', `${directory}/self`);
  const path = `${directory}/self/self`;
  const replay = await Replay.open(t, { directory: path, emitDirectoryEvents: true, readyTimeout: 0 });
  assert.deepEqual(
    replay.snapshot.map(({ name }) => name),
    ['self'],
  );
  addNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['created a']);
  unlinkSync(`${directory}/self`);
  await replay.settle();
  assert.deepEqual(replay.told.slice(1).sort(), ['deleted a', 'deleted self', 'directoryDeleted']);
  symlinkSync('.', `${directory}/self`);
  const told = await replay.settle();
  assert.deepEqual(told.sort(), ['created a', 'created self (not-a-namespace)', 'directoryCreated']);
});

// Fails where the text of such a link is believed: it says `/`, and that is another root.
test('follows a directory of another mount namespace through /proc/PID/root', async (t) => {
  const { directory } = await otherMounts(t, netnsDirectory());
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true, readyTimeout: 0 });
  assert.equal(replay.watcher.isWatchingNetns, true);
  writeFileSync(`${directory}/a`, '');
  assert.deepEqual(await replay.settle(), ['created a (not-a-namespace)']);
  renameSync(directory, `${directory}/../away`);
  assert.deepEqual(await replay.settle(), ['deleted a', 'directoryDeleted']);
  mkdirSync(directory);
  assert.deepEqual(await replay.settle(), ['directoryCreated']);
});

test('throws ELOOP for a circle of links at the start, and waits for its end later', async (t) => {
  const root = netnsDirectory();
  symlinkSync('two', `${root}/one`);
  symlinkSync('one', `${root}/two`);
  const directory = `${root}/one/netns`;
  await assert.rejects(NamespaceWatcher.open({ directory }), { code: 'ELOOP', path: directory });
  mkdirSync(`${root}/real/netns`, { recursive: true });
  unlinkSync(`${root}/one`);
  symlinkSync('real', `${root}/one`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true });
  const flip = (target: string): void => {
    symlinkSync(target, `${root}/new`);
    renameSync(`${root}/new`, `${root}/one`);
  };
  flip('two');
  assert.deepEqual(await replay.until('directoryDeleted'), ['directoryDeleted']);
  flip('real');
  assert.deepEqual(await replay.settle(), ['directoryCreated']);
});

test('throws ENAMETOOLONG for a name on the way that no directory can have', async () => {
  const directory = `/run/${'n'.repeat(256)}/netns`;
  await assert.rejects(NamespaceWatcher.open({ directory }), { code: 'ENAMETOOLONG', path: directory });
});
