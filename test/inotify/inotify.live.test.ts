/**
 * inotify(7) on the real kernel: what nlink relies on, from the first watch to the queue that is
 * full.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MASK_ADD,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_MOVE_SELF,
  IN_ONLYDIR,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
} from '../../src/inotify/constants.ts';
import { Inotify } from '../../src/inotify/inotify.ts';
import { cPath, decodeName, encodeName } from '../../src/reference/names.ts';
import { errno } from '../../src/sys/errno.ts';
import { linux } from '../../src/sys/system.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { freshRun, ip, mountNamespace, netnsDirectory, unmountNamespace } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';

const WATCHED = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

function open(t: TestContext): Inotify {
  const inotify = new Inotify(linux());
  t.after(() => inotify.close());
  return inotify;
}

function watch(inotify: Inotify, path: string, mask: number = WATCHED): number {
  const wd = inotify.add(cPath(path), mask);
  assert.ok(wd > 0, `add gave ${wd}`);
  return wd;
}

/**
 * Everything that waits, as [wd, mask, name]. The kernel has queued it before the call that caused
 * it returned.
 */
function readAll(inotify: Inotify): [wd: number, mask: number, name: string][] {
  const seen: [number, number, string][] = [];
  while (inotify.read()) {
    const { records } = inotify;
    while (records.next()) seen.push([records.wd, records.mask, decodeName(records.name)]);
  }
  return seen;
}

test('ip netns add and del: the file, and nothing of the mount', (t) => {
  freshRun(t);
  const inotify = open(t);
  const run = watch(inotify, '/run');
  ip('netns', 'add', 'a');
  assert.deepEqual(readAll(inotify), [[run, IN_CREATE | IN_ISDIR, 'netns']]);
  const wd = watch(inotify, '/var/run/netns');
  ip('netns', 'add', 'b');
  assert.deepEqual(readAll(inotify), [[wd, IN_CREATE, 'b']]);
  ip('netns', 'exec', 'b', 'true');
  assert.deepEqual(readAll(inotify), []);
  ip('netns', 'del', 'b');
  assert.deepEqual(readAll(inotify), [[wd, IN_DELETE, 'b']]);
});

test('any name: its bytes', (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  const wd = watch(inotify, directory);
  const names = ['a', ' ', '.x', 'a\nb', 'n'.repeat(255), '\udcff\udc80', 'ünïcode', '€'.repeat(85)];
  for (const name of names) writeFileSync(encodeName(`${directory}/${name}`), '');
  assert.deepEqual(
    readAll(inotify),
    names.map((name) => [wd, IN_CREATE, name]),
  );
});

test('a rename: two records with one cookie', (t) => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/f1`, '');
  const inotify = open(t);
  watch(inotify, directory);
  renameSync(`${directory}/f1`, `${directory}/f2`);
  assert.equal(inotify.read(), true);
  const cookies: [mask: number, cookie: number][] = [];
  while (inotify.records.next()) cookies.push([inotify.records.mask, inotify.records.cookie]);
  const cookie = cookies[0]?.[1] ?? 0;
  assert.notEqual(cookie, 0);
  assert.deepEqual(cookies, [
    [IN_MOVED_FROM, cookie],
    [IN_MOVED_TO, cookie],
  ]);
});

test('nothing to read is no error, and an empty batch', (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  watch(inotify, directory);
  assert.equal(inotify.read(), false);
  mkdirSync(`${directory}/d`);
  assert.equal(inotify.queued, 32);
  assert.equal(inotify.read(), true);
  assert.equal(inotify.queued, 0);
  // The batch before is not served twice.
  assert.equal(inotify.read(), false);
  assert.equal(inotify.records.next(), false);
});

test('more than one batch: all of it, in order', (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  watch(inotify, directory);
  const names = Array.from({ length: 500 }, (_, index) => String(index).padStart(250, '-'));
  for (const name of names) writeFileSync(`${directory}/${name}`, '');
  assert.ok(inotify.queued > 2 * 65536);
  assert.deepEqual(
    readAll(inotify).map(([, , name]) => name),
    names,
  );
});

test('the listener is called when there is something', async (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  const wd = watch(inotify, directory);
  const seen: unknown[] = [];
  inotify.onReadable(() => seen.push(...readAll(inotify)));
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(`${directory}/${name}`, '');
    await waitFor(name, () => seen.length > 0);
    assert.deepEqual(seen.splice(0), [[wd, IN_CREATE, name]]);
  }
});

test('a watch descriptor is that of the inode while it is watched, and never used again', (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  const first = watch(inotify, directory);
  assert.equal(watch(inotify, `${directory}/../${directory.split('/').at(-1)}`), first);
  inotify.remove(first);
  assert.deepEqual(readAll(inotify), [[first, IN_IGNORED, '']]);
  const second = watch(inotify, directory);
  assert.ok(second > first);
  const parent = `${directory}/sub`;
  mkdirSync(parent);
  const third = watch(inotify, parent);
  rmdirSync(parent);
  mkdirSync(parent);
  const fourth = watch(inotify, parent);
  assert.ok(fourth > third && third > second);
  assert.deepEqual(readAll(inotify), [
    [second, IN_CREATE | IN_ISDIR, 'sub'],
    [third, IN_DELETE_SELF, ''],
    [third, IN_IGNORED, ''],
    [second, IN_DELETE | IN_ISDIR, 'sub'],
    [second, IN_CREATE | IN_ISDIR, 'sub'],
  ]);
});

test('adding again replaces the mask, or adds to it', (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  const wd = watch(inotify, directory, IN_CREATE);
  writeFileSync(`${directory}/a`, '');
  watch(inotify, directory, IN_DELETE);
  writeFileSync(`${directory}/b`, '');
  watch(inotify, directory, IN_CREATE | IN_MASK_ADD);
  writeFileSync(`${directory}/c`, '');
  unlinkSync(`${directory}/c`);
  assert.deepEqual(readAll(inotify), [
    [wd, IN_CREATE, 'a'],
    [wd, IN_CREATE, 'c'],
    [wd, IN_DELETE, 'c'],
  ]);
});

test('the directory is renamed, and the file system under it unmounted', (t) => {
  const directory = netnsDirectory();
  const inotify = open(t);
  const wd = watch(inotify, directory);
  renameSync(directory, `${directory}-moved`);
  writeFileSync(`${directory}-moved/still`, '');
  assert.deepEqual(readAll(inotify), [
    [wd, IN_MOVE_SELF, ''],
    [wd, IN_CREATE, 'still'],
  ]);
  const mountPoint = netnsDirectory();
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mountPoint]);
  const covering = watch(inotify, mountPoint);
  execFileSync('umount', [mountPoint]);
  assert.deepEqual(readAll(inotify), [
    [covering, IN_UNMOUNT | IN_ISDIR, ''],
    [covering, IN_IGNORED, ''],
  ]);
});

test('what cannot be watched: -errno', (t) => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/file`, '');
  const inotify = open(t);
  assert.equal(inotify.add(cPath(directory, 'missing'), WATCHED), -errno.ENOENT);
  assert.equal(inotify.add(cPath(directory, 'file'), WATCHED | IN_ONLYDIR), -errno.ENOTDIR);
  assert.equal(inotify.add(cPath(directory), 0), -errno.EINVAL);
  // One that is gone, or never was, is no error.
  inotify.remove(12345);
});

test('a full queue: the oldest events, then one record that says so, then it goes on', (t) => {
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  const directory = netnsDirectory();
  const inotify = open(t);
  const wd = watch(inotify, directory);
  const storm = (): void => {
    for (let event = 0; event < limit + 1000; event += 2) {
      writeFileSync(`${directory}/name`, '');
      unlinkSync(`${directory}/name`);
    }
  };
  for (let round = 0; round < 2; round++) {
    storm();
    assert.equal(inotify.queued, limit * 32 + 16);
    const seen = readAll(inotify);
    assert.equal(seen.length, limit + 1);
    assert.deepEqual(seen.pop(), [-1, IN_Q_OVERFLOW, '']);
    const wrong = seen.findIndex(
      ([from, mask, name], index) =>
        from !== wd || name !== 'name' || mask !== (index % 2 ? IN_DELETE : IN_CREATE),
    );
    assert.equal(wrong, -1);
  }
  writeFileSync(`${directory}/after`, '');
  assert.deepEqual(readAll(inotify), [[wd, IN_CREATE, 'after']]);
});

test('a full queue swallows the end of the watch: its descriptor is dead in silence', (t) => {
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  const directory = `${netnsDirectory()}/netns`;
  mkdirSync(directory);
  const inotify = open(t);
  const wd = watch(inotify, directory);
  for (let event = 0; event <= limit; event += 2) {
    writeFileSync(`${directory}/name`, '');
    unlinkSync(`${directory}/name`);
  }
  rmdirSync(directory);
  const seen = readAll(inotify);
  assert.deepEqual(seen.at(-1), [-1, IN_Q_OVERFLOW, '']);
  assert.ok(seen.every(([, mask]) => mask !== IN_IGNORED && mask !== IN_DELETE_SELF));
  mkdirSync(directory);
  writeFileSync(`${directory}/unseen`, '');
  assert.deepEqual(readAll(inotify), []);
  assert.ok(watch(inotify, directory) > wd);
});

test('a watched file tells neither of a mount on it nor of its end', (t) => {
  const path = `${netnsDirectory()}/name`;
  writeFileSync(path, '');
  const inotify = open(t);
  const wd = watch(inotify, path, 0xfff);
  mountNamespace(path);
  unmountNamespace(path);
  assert.deepEqual(readAll(inotify), []);
  unlinkSync(path);
  assert.deepEqual(readAll(inotify), [
    [wd, IN_ATTRIB, ''],
    [wd, IN_DELETE_SELF, ''],
    [wd, IN_IGNORED, ''],
  ]);
});

test('closed: nothing stays open, nothing is told, and again is no error', async () => {
  const directory = netnsDirectory();
  await withoutLeak(async () => {
    for (let round = 0; round < 300; round++) {
      const inotify = new Inotify(linux());
      watch(inotify, directory);
      inotify.onReadable(() => assert.fail('told after it was closed'));
      writeFileSync(`${directory}/${round}`, '');
      inotify.close();
      inotify.close();
      assert.equal(inotify.add(cPath(directory), WATCHED), -errno.EBADF);
      assert.throws(() => inotify.queued, { code: 'EBADF', syscall: 'ioctl' });
      assert.throws(() => inotify.read(), { code: 'EBADF', syscall: 'read' });
      if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

test('no more instances: EMFILE, and which limit to raise', () => {
  const full = { ...linux(), inotifyInit: () => -errno.EMFILE };
  assert.throws(() => new Inotify(full), { code: 'EMFILE', message: /max_user_instances/ });
});
