/**
 * The namespace behind a name comes and goes while the file stays, which inotify does not report:
 * mounted late or never, unmounted, mounted over, replaced, moved.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { NamespaceWatcher, realIo } from '../../../src/watch/names/namespace-watcher.ts';
import { patientClock } from '../support/fast-clock.ts';
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
import { Replay } from '../support/replay.ts';
import { within } from '../../support/wait.ts';

const MS_BIND = 0x1000;
const MS_MOVE = 0x2000;

/** A file as `ip netns add` makes it before it mounts. */
const addFile = (path: string): void => writeFileSync(path, '', { mode: 0, flag: 'wx' });
const mount = (source: string, target: string, flags: number): number =>
  check(linux().mount(cPath(source), cPath(target), flags), 'mount', target);

test('lists a stale file as not ready, and reports when it is mounted, unmounted and deleted', async (t) => {
  const directory = netnsDirectory();
  const path = `${directory}/stale`;
  addFile(path);
  const replay = await Replay.open(t, { directory });
  assert.deepEqual(replay.snapshot, [
    { name: 'stale', path, ready: false, namespace: null, reason: 'not-a-namespace' },
  ]);
  mountNamespace(path);
  assert.deepEqual(await replay.settle(), ['mounted stale']);
  unmountNamespace(path);
  assert.deepEqual(await replay.settle(), ['unmounted stale']);
  assert.equal(replay.watcher.namespaces()[0]?.ready, false);
  mountNamespace(path);
  assert.deepEqual(await replay.settle(), ['mounted stale']);
  unmountNamespace(path);
  assert.deepEqual(await replay.settle(), ['unmounted stale']);
  unlinkSync(path);
  // With the last namespace it had: the replay checks that.
  assert.deepEqual(await replay.settle(), ['deleted stale']);
});

// Fails without the deadline of a pending name, and if a stray file passes for a lack of
// propagation: every mount is private here.
test('emits created, not ready, after readyTimeout for a file that never becomes a namespace', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, readyTimeout: 300 });
  const start = performance.now();
  addFile(`${directory}/marker`);
  writeFileSync(`${directory}/file`, 'some text');
  execFileSync('mkfifo', [`${directory}/fifo`]);
  const told = [await replay.next(), await replay.next(), await replay.next()];
  assert(performance.now() - start >= 300, 'reported too early');
  const reasons = new Map(told.map((event) => [event.type === 'created' && event.name, event]));
  const reason = (name: string): unknown => {
    const event = reasons.get(name);
    return event?.type === 'created' && !event.ready && event.reason;
  };
  assert.equal(reason('marker'), 'timeout');
  assert.equal(reason('file'), 'not-a-namespace');
  assert.equal(reason('fifo'), 'not-a-namespace');
  assert.deepEqual(await replay.settle(), []);
});

test('with readyTimeout 0 it emits created at once, then mounted', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, readyTimeout: 0 });
  addFile(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['created a (not-a-namespace)']);
  mountNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['mounted a']);
  addNamespace(`${directory}/b`);
  assert.deepEqual(await replay.settle(), ['created b']);
});

test('emits created, not ready, after a second, and mounted for a mount that comes later', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory });
  const start = performance.now();
  addFile(`${directory}/late`);
  assert.deepEqual(await replay.until('created late (timeout)'), ['created late (timeout)']);
  assert(performance.now() - start >= 1000, 'reported too early');
  mountNamespace(`${directory}/late`);
  assert.deepEqual(await replay.until('mounted late'), ['mounted late']);
  await replay.settle();
});

// Fails without the timer that backs up mountinfo.
test('finds a mount that mountinfo does not report', async (t) => {
  const directory = netnsDirectory();
  const silent = { ...linux(), epollAdd: () => 0 };
  const io = { ...realIo(), system: silent };
  const watcher = await NamespaceWatcher.open({ directory, readyTimeout: 30_000 }, io);
  t.after(() => watcher.stop());
  await setTimeout(10);
  addFile(`${directory}/a`);
  const event = watcher.recv();
  await setTimeout(10);
  mountNamespace(`${directory}/a`);
  assert.equal((await within('created', event))?.type, 'created');
  assert.equal(watcher.namespaces()[0]?.ready, true);
  assert.equal(watcher.stats().mountChanges, 1);
});

// Fails without the grace that a name is given whose namespace is gone: umount and unlink are two
// steps.
test('emits one deletion for ip netns del, whenever it looks between the two steps', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory });
  for (let round = 0; round < 20; round++) {
    const path = `${directory}/a`;
    addNamespace(path);
    assert.equal((await replay.next()).type, 'created');
    unmountNamespace(path);
    const { mountChanges } = replay.watcher.stats();
    while (replay.watcher.stats().mountChanges === mountChanges) await setTimeout(1);
    await setTimeout(round % 5);
    unlinkSync(path);
    assert.equal((await replay.next()).type, 'deleted');
  }
  freshRun(t);
  ip('netns', 'add', 'x');
  const io = { ...realIo(), clock: patientClock };
  const real = await Replay.open(t, { directory: '/var/run/netns' }, io);
  const expected: string[] = [];
  for (let round = 0; round < 20; round++) {
    await ipAsync('netns', 'add', `a${round}`);
    await ipAsync('netns', 'del', `a${round}`);
    expected.push(`deleted a${round}`);
  }
  const told = await real.settle();
  assert.deepEqual(
    told.filter((line) => !line.startsWith('created')),
    expected,
  );
});

// Fails if only the file's presence counts, and if only the inode number tells namespaces apart.
test('emits deleted and created for a namespace that is replaced under its name', async (t) => {
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  const replay = await Replay.open(t, { directory });
  // The name deleted and made again in one go.
  deleteNamespace(path);
  addNamespace(path);
  assert.deepEqual(await replay.settle(), ['deleted a', 'created a']);
  // Only the mount, which the directory does not report.
  unmountNamespace(path);
  mountNamespace(path);
  assert.deepEqual(await replay.settle(), ['deleted a', 'created a']);
  // A second namespace on top of the first, and off again.
  const [first] = replay.watcher.namespaces();
  mountNamespace(path);
  assert.deepEqual(await replay.settle(), ['deleted a', 'created a']);
  unmountNamespace(path);
  assert.deepEqual(await replay.settle(), ['deleted a', 'created a']);
  assert.deepEqual(replay.watcher.namespaces(), [first]);
});

test('follows a namespace that moves from name to name, and one under two names', async (t) => {
  const directory = netnsDirectory();
  const [a, b, c] = [`${directory}/a`, `${directory}/b`, `${directory}/c`] as const;
  addNamespace(a);
  addFile(b);
  addFile(c);
  const replay = await Replay.open(t, { directory });
  const namespace = replay.snapshot.find(({ name }) => name === 'a')?.namespace;
  assert(namespace);
  mount(a, b, MS_MOVE);
  assert.deepEqual((await replay.settle()).sort(), ['mounted b', 'unmounted a']);
  mount(b, c, MS_BIND);
  assert.deepEqual(await replay.settle(), ['mounted c']);
  const now = new Map(replay.watcher.namespaces().map((entry) => [entry.name, entry.namespace]));
  assert.deepEqual([now.get('a'), now.get('b'), now.get('c')], [null, namespace, namespace]);
});

test('reports wrong-type for an nsfs file of another kind, and a network namespace in its place', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, readyTimeout: 100 });
  addFile(`${directory}/before`);
  mount('/proc/self/ns/uts', `${directory}/before`, MS_BIND);
  assert.deepEqual(await replay.settle(), ['created before (wrong-type)']);
  const second = await Replay.open(t, { directory });
  const [entry] = second.snapshot;
  assert(entry?.ready === false && entry.reason === 'wrong-type');
  // In place of a namespace: that one is gone.
  addNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['created a']);
  mount('/proc/self/ns/ipc', `${directory}/a`, MS_BIND);
  assert.deepEqual(await replay.settle(), ['unmounted a']);
  mountNamespace(`${directory}/before`);
  assert.deepEqual(await replay.settle(), ['mounted before']);
});

// Fails if a change of mounts is taken for a change of names.
test('emits nothing for mounts elsewhere', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const replay = await Replay.open(t, { directory });
  const elsewhere = netnsDirectory();
  for (let round = 0; round < 10; round++) {
    addNamespace(`${elsewhere}/x`);
    deleteNamespace(`${elsewhere}/x`);
  }
  mount(directory, elsewhere, MS_BIND);
  assert.deepEqual(await replay.settle(), []);
  assert(replay.watcher.stats().mountChanges > 0);
});
