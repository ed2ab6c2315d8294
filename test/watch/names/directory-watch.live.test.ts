/**
 * How the inotify watches of a directory are laid, on the kernel: what no stream of events shows
 * for sure.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { IN_MASK_ADD } from '../../../src/inotify/constants.ts';
import { Inotify } from '../../../src/inotify/inotify.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { DirectoryWatch } from '../../../src/watch/names/directory-watch.ts';
import { netnsDirectory } from '../../support/netns.ts';

// Fails where the directory's watch is asked for without IN_MASK_ADD: the kernel drops what happens
// meanwhile (notes/inotify.md).
test('never replaces the mask of a watched directory', (t) => {
  const directory = netnsDirectory();
  const masks: { wd: number; mask: number }[] = [];
  const system: System = {
    ...linux(),
    inotifyAddWatch(fd, path, mask) {
      const wd = linux().inotifyAddWatch(fd, path, mask);
      masks.push({ wd, mask });
      return wd;
    },
  };
  const inotify = new Inotify(system);
  t.after(() => inotify.close());
  const watch = new DirectoryWatch(system, inotify, directory);
  assert.equal(watch.establish(), 'other');
  assert.equal(watch.establish(), 'same');
  assert.equal(watch.stillWatches(), true);
  const own = masks.filter(({ wd }) => wd === watch.wd);
  assert.equal(own.length, 3);
  for (const { mask } of own) assert.notEqual(mask & IN_MASK_ADD, 0);
});

// Fails where masks only grow: a busy /run would wake the watcher for each file made in it.
test('reports nothing of the entries beside a directory that is there', (t) => {
  const parent = netnsDirectory();
  const inotify = new Inotify(linux());
  t.after(() => inotify.close());
  const watch = new DirectoryWatch(linux(), inotify, `${parent}/netns`);
  assert.equal(watch.establish(), 'missing');
  mkdirSync(`${parent}/noise`);
  assert.equal(inotify.read(), true);
  mkdirSync(`${parent}/netns`);
  assert.equal(watch.establish(), 'other');
  while (inotify.read());
  mkdirSync(`${parent}/more`);
  assert.equal(inotify.read(), false);
});

// Fails where the path is walked once: nothing would tell of a directory made between the look at
// its place and the watch on its parent.
test('watches a directory that is made while the path is walked', (t) => {
  const directory = `${netnsDirectory()}/netns`;
  let made = false;
  const system: System = {
    ...linux(),
    stat(path, follow, status) {
      const result = linux().stat(path, follow, status);
      if (made || result !== -errno.ENOENT) return result;
      made = true;
      mkdirSync(directory);
      return result;
    },
  };
  const inotify = new Inotify(system);
  t.after(() => inotify.close());
  const watch = new DirectoryWatch(system, inotify, directory);
  assert.equal(watch.establish(), 'other');
  assert.ok(made);
  assert.equal(watch.stillWatches(), true);
});

// Fails if a watch counts as established that could not be: the caller would ask for it again
// at once, for ever.
test('throws EAGAIN after a hundred rounds, and keeps the watches that stood', (t) => {
  const directory = netnsDirectory();
  let restless = false;
  const system: System = {
    ...linux(),
    inotifyAddWatch: (fd, path, mask) => (restless ? -errno.ENOENT : linux().inotifyAddWatch(fd, path, mask)),
  };
  const inotify = new Inotify(system);
  t.after(() => inotify.close());
  const watch = new DirectoryWatch(system, inotify, directory);
  assert.equal(watch.establish(), 'other');
  const { wd } = watch;
  restless = true;
  assert.throws(() => watch.establish(), { code: 'EAGAIN', syscall: 'inotify_add_watch', path: directory });
  assert.equal(watch.wd, wd);
  restless = false;
  assert.equal(watch.stillWatches(), true);
  assert.equal(watch.establish(), 'same');
});
