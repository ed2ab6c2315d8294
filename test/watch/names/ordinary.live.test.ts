/**
 * Watching needs no privilege and has no side effects: an ordinary user sees what root sees, and a
 * namespace that is deleted is freed although somebody watches.
 */
import { strict as assert } from 'node:assert';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  ipAsync,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { Replay } from '../support/replay.ts';
import { waitFor } from '../../support/wait.ts';
import { follow, watchProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';

/** A watcher of an ordinary user; gives its pid as well. */
function watch(t: TestContext, options: object): { pid: number; next: () => Promise<Line> } {
  const child = spawnOrdinary(watchProgram, JSON.stringify(options));
  return { pid: child.pid as number, next: follow(t, child) };
}

const inode = (path: string): string => String(statSync(path, { bigint: true }).ino);

test('an ordinary user lists and watches', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  const { next } = watch(t, {});
  const { type, namespaces = [] } = await next();
  assert.equal(type, 'open');
  const [before, stale] = namespaces.toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
  assert.equal(before?.namespace?.ino, inode('/run/netns/before'));
  assert.equal(stale?.reason, 'not-a-namespace');
  await ipAsync('netns', 'add', 'a');
  const created = await next();
  assert.deepEqual([created.type, created.name, created.ready], ['created', 'a', true]);
  assert.equal(created.namespace?.ino, inode('/run/netns/a'));
  mountNamespace('/run/netns/stale');
  assert.deepEqual((await next()).type, 'mounted');
  unmountNamespace('/run/netns/stale');
  assert.deepEqual((await next()).type, 'unmounted');
  await ipAsync('netns', 'del', 'a');
  const deleted = await next();
  assert.deepEqual([deleted.type, deleted.name], ['deleted', 'a']);
  assert.deepEqual(deleted.namespace, created.namespace);
  writeFileSync('/run/netns/marker', '', { mode: 0 });
  assert.equal((await next()).reason, 'timeout');
});

test('an ordinary user waits for the directory', async (t) => {
  freshRun(t);
  const { next } = watch(t, { emitDirectoryEvents: true });
  assert.deepEqual((await next()).namespaces, []);
  await ipAsync('netns', 'add', 'a');
  assert.equal((await next()).type, 'directoryCreated');
  assert.equal((await next()).name, 'a');
});

// A directory on the way that may be searched but not read cannot be watched, which is no
// hindrance.
test('watches below parents that may be searched but not read', async (t) => {
  const root = netnsDirectory();
  mkdirSync(`${root}/closed/open`, { recursive: true, mode: 0o755 });
  const directory = `${root}/closed/open/netns`;
  mkdirSync(directory, { mode: 0o755 });
  chmodSync(`${root}/closed`, 0o711);
  const { next } = watch(t, { directory });
  assert.deepEqual((await next()).namespaces, []);
  addNamespace(`${directory}/a`);
  assert.equal((await next()).name, 'a');
});

test('reports no-permission for a link to what this user may not look at', async (t) => {
  const directory = netnsDirectory();
  symlinkSync(`/proc/${process.pid}/ns/net`, `${directory}/before`);
  const { next } = watch(t, { directory, readyTimeout: 50 });
  const { namespaces } = await next();
  assert.equal(namespaces?.[0]?.reason, 'no-permission');
  symlinkSync(`/proc/${process.pid}/ns/net`, `${directory}/link`);
  const { name, reason } = await next();
  assert.deepEqual([name, reason], ['link', 'no-permission']);
});

// Fails if a look leaves the file open. While the program looks it may have one open for an instant
// (before Linux 6.18).
test('holds neither a namespace nor the directory open', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/before`);
  const { watcher } = await Replay.open(t, { directory });
  for (let round = 0; round < 50; round++) {
    addNamespace(`${directory}/a${round}`);
    assert.equal((await watcher.recv())?.type, 'created');
  }
  const held = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  assert.deepEqual(
    held.filter((target) => target.includes('net:') || target.includes(directory)),
    [],
  );
});

/**
 * Puts a device into the namespace of a name, whose other end, `device`, goes when the namespace is
 * freed (veth(4)).
 */
function tie(name: string, device: string): void {
  ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'inside', 'netns', name);
}

const isThere = (device: string): boolean => ip('-o', 'link').includes(` ${device}@`);

// Fails if anything of a watcher, even an inotify watch on the file, keeps the namespace alive.
test('lets the kernel free a deleted namespace although two watch it', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  tie('before', 'before0');
  const replay = await Replay.open(t, { directory: '/var/run/netns' });
  const { next } = watch(t, {});
  await next();
  ip('netns', 'add', 'a');
  tie('a', 'a0');
  assert.deepEqual(await replay.settle(), ['created a']);
  assert.equal((await next()).type, 'created');
  ip('netns', 'del', 'before');
  ip('netns', 'del', 'a');
  assert.deepEqual(await replay.settle(), ['deleted before', 'deleted a']);
  assert.equal((await next()).type, 'deleted');
  await waitFor('the end of both namespaces', () => !isThere('before0') && !isThere('a0'));
});

test('the same check sees a namespace that is held', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  tie('a', 'a0');
  const fd = openSync('/run/netns/a', 'r');
  deleteNamespace('/run/netns/a');
  await setTimeout(100);
  assert.equal(isThere('a0'), true);
  closeSync(fd);
  await waitFor('the end of the namespace', () => !isThere('a0'));
});
