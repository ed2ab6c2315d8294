/**
 * Everything that keeps a network namespace alive is found as what it is, is gone when it is gone,
 * and the search holds nothing.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Connection, namespaceHolders } from '../../../src/index.ts';
import { encodeNsidMessage, RTM_GETNSID } from '../../../src/netlink/index.ts';
import type { NamespaceHolders, NamespaceHoldersOptions } from '../../../src/index.ts';
import { findHolders } from '../../../src/netns/holders/holders.ts';
import { processOwner } from '../../../src/netns/processes/process-owner.ts';
import { decodeName } from '../../../src/reference/names.ts';
import { errno } from '../../../src/sys/errno.ts';
import { inspectionSystem } from '../../../src/sys/inspection.ts';
import type { InspectionSystem } from '../../../src/sys/inspection.ts';
import { converse } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import {
  addAlias,
  addNamespace,
  asleep,
  deleteNamespace,
  ip,
  freshRun,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { start } from '../../support/starting.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { waitFor, within } from '../../support/wait.ts';

const hold = fileURLToPath(new URL('../fixtures/hold.js', import.meta.url));
const processes = fileURLToPath(new URL('../fixtures/processes.js', import.meta.url));
const thread = new URL('../fixtures/thread.js', import.meta.url);

/** Of which process, by kind; empty kinds are left out. */
function brief(found: NamespaceHolders): object {
  const { processes, descriptors, mounts, sockets, inFlight, watches } = found;
  const kinds = { processes, descriptors, mounts, sockets, inFlight, watches };
  return Object.fromEntries(
    Object.entries(kinds)
      .map(([kind, holders]) => [kind, holders.map(({ pid }) => pid)] as const)
      .filter(([, pids]) => pids.length > 0),
  );
}

/**
 * That this holds it, and nothing else. Not at once: another test may look at the same socket, and
 * has its namespace open meanwhile; and inode numbers are used again, so that what another test has
 * just made may be taken for one that is gone.
 */
async function holds(
  target: Parameters<typeof namespaceHolders>[0],
  expected: object,
  options: NamespaceHoldersOptions = {},
): Promise<void> {
  await waitFor(`its holders to be ${JSON.stringify(expected)}`, async () =>
    isDeepStrictEqual(brief(await namespaceHolders(target, options)), expected),
  );
}

/** A namespace with a name in a directory of its own. */
function named(): string {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  return path;
}

const outside: [how: string, kind: keyof NamespaceHolders, details: object, link: RegExp][] = [
  ['descriptor', 'descriptors', { pathOnly: false }, /^\/|^net:/],
  ['O_PATH descriptor', 'descriptors', { pathOnly: true }, /^\/|^net:/],
  ['socket', 'sockets', { kind: 'socket' }, /^socket:/],
  ['descriptor in flight', 'inFlight', {}, /^socket:/],
  ['watch', 'watches', { kind: 'inotify' }, /inotify/],
];

for (const [how, kind, details, link] of outside) {
  test(`a ${how} of a process elsewhere, with the name and without, and nothing after it`, async (t) => {
    const path = named();
    const { namespace } = await namespaceHolders({ path });
    const holder = await start(t, [process.execPath, hold, how, path]);
    const { pid } = holder;
    assert.deepEqual(Object.keys(brief(await namespaceHolders({ path }))).sort(), [kind, 'mounts'].sort());
    deleteNamespace(path);
    const found = await namespaceHolders({ namespace });
    assert.deepEqual(brief(found), { [kind]: [pid] });
    const [held] = found[kind] as { fd: number; comm: string }[];
    assert.deepEqual({ ...held, ...details }, held);
    assert.match(readlinkSync(`/proc/${pid}/fd/${held?.fd}`), link);
    await holder.end();
    await holds({ namespace }, {});
  });
}

test('a process', async (t) => {
  const path = named();
  const holder = await spawnHolder(t, path);
  const { pid } = holder;
  const found = await namespaceHolders({ path });
  assert.deepEqual(found.processes, [
    {
      pid,
      comm: 'sleep',
      uid: process.getuid?.(),
      command: ['sleep', 'infinity'],
      owner: processOwner(pid),
      threads: [],
    },
  ]);
  assert.equal(found.mounts.length > 0, true);
  deleteNamespace(path);
  await holds({ pid }, { processes: [pid] });
  const { namespace } = found;
  await holds({ namespace }, { processes: [pid] });
  await holder.end();
  await holds({ namespace }, {});
});

test('a single thread; one whose main thread has ended, with what it has open', async (t) => {
  const path = named();
  const worker = new Worker(thread, { workerData: path });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  const headless = await start(t, [process.execPath, fileURLToPath(thread), path]);
  const found = await namespaceHolders({ path });
  const pids = [process.pid, headless.pid].sort((a, b) => a - b);
  assert.deepEqual(
    found.processes.map(({ pid }) => pid),
    pids,
  );
  for (const { pid, threads } of found.processes) {
    assert.equal(threads.length, 1);
    assert.ok(!threads.includes(pid));
  }
});

test('mounts: distinguishes a second name from one in another mount namespace', async (t) => {
  const path = named();
  const second = `${netnsDirectory()}/b c`;
  addAlias(path, second);
  const here = BigInt(readlinkSync('/proc/self/ns/mnt').replace(/\D/g, ''));
  const pointsHere = async (): Promise<string[]> => {
    const { mounts } = await namespaceHolders({ path: second });
    return mounts.filter(({ mountNamespace }) => mountNamespace === here).map(({ mountPoint }) => mountPoint);
  };
  assert.deepEqual((await pointsHere()).sort(), [path, second].sort());
  const apart = ['unshare', '--mount', '--propagation', 'private'];
  const holder = await start(t, [...apart, 'sh', '-c', 'echo apart; exec sleep infinity']);
  const { pid } = holder;
  await asleep(pid);
  const { namespace } = await namespaceHolders({ path });
  unmountNamespace(path);
  unmountNamespace(second);
  const { mounts, ...rest } = await namespaceHolders({ namespace });
  const there = BigInt(readlinkSync(`/proc/${pid}/ns/mnt`).replace(/\D/g, ''));
  assert.notEqual(there, here);
  assert.deepEqual(
    mounts
      .map(({ mountNamespace, mountPoint, pid, comm }) => ({ mountNamespace, mountPoint, pid, comm }))
      .sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1)),
    [path, second].sort().map((mountPoint) => ({ mountNamespace: there, mountPoint, pid, comm: 'sleep' })),
  );
  assert.deepEqual(brief({ ...rest, mounts: [] }), {});
  await holder.end();
  await holds({ namespace }, {});
});

test('own descriptors count, sockets are left alone if not wanted', async (t) => {
  const path = named();
  const fd = openSync(path, 'r');
  const holder = await start(t, [process.execPath, hold, 'socket', path]);
  const { pid } = holder;
  deleteNamespace(path);
  await holds({ fd }, { descriptors: [process.pid], sockets: [pid] });
  await holds({ fd }, { descriptors: [process.pid] }, { sockets: false });
  await holder.end();
  closeSync(fd);
});

test('the search holds nothing: a namespace ends with its name, whenever that is deleted', async (t) => {
  freshRun(t);
  const connection = await Connection.open();
  t.after(() => connection.close());
  await namespaceHolders({ pid: process.pid });
  // The kernel says so by the id at once, and goes on listing it until it has cleaned up
  // (nsid-end.live.test.ts).
  const isAssigned = (nsid: number): Promise<unknown> =>
    connection.request({ type: RTM_GETNSID, payload: encodeNsidMessage({ family: 0, nsid }) }).then(
      () => true,
      ({ code }: { code: string }) => code !== 'ENOENT',
    );
  for (const when of ['after', 'during']) {
    ip('netns', 'add', 'a');
    const nsid = await connection.setNsid('a', 'auto');
    await withoutLeak(async () => {
      const search = namespaceHolders('a');
      if (when === 'during') ip('netns', 'delete', 'a');
      await search;
      if (when === 'after') ip('netns', 'delete', 'a');
      assert.equal(await isAssigned(nsid), false, when);
    });
  }
});

test('another namespace that has the inode number by now is not taken for it', async (t) => {
  const path = named();
  await spawnHolder(t, path);
  const { namespace } = await namespaceHolders({ path });
  assert.notDeepEqual(brief(await namespaceHolders({ namespace })), {});
  const former = { ...namespace, id: (namespace.id ?? 0n) + 1n };
  // Before Linux 6.18 nothing tells them apart.
  if (namespace.id !== null) await holds({ namespace: former }, {});
  const onOtherDevice = { ...namespace, dev: namespace.dev + 1n };
  const { processes, descriptors, watches } = await namespaceHolders({ namespace: onOtherDevice });
  assert.deepEqual([processes, descriptors, watches], [[], [], []]);
});

test('an ordinary user: its own are found, those of others counted, mounts seen all the same', async (t) => {
  const path = named();
  const holder = await spawnHolder(t, path);
  const conversation = await converse(t, spawnOrdinary(processes));
  const found = (await conversation.ask(JSON.stringify(['holders', { path }]))) as {
    processes: unknown[];
    mounts: { pid: number }[];
    unseen: NamespaceHolders['unseen'];
  };
  assert.deepEqual(found.processes, []);
  assert.ok(found.mounts.length > 0);
  assert.ok(found.unseen.processes >= 2, 'this one and the one in it');
  // It counts processes: one that ends is not among them any more.
  await holder.end();
  const again = (await conversation.ask(JSON.stringify(['holders', { path }]))) as typeof found;
  assert.ok(again.unseen.processes >= 1);
  const own = (await conversation.ask(JSON.stringify(['holders', { path: '/proc/self/ns/net' }]))) as {
    processes: { comm: string }[];
  };
  assert.ok(own.processes.length > 0);
});

test('processes that end while they are looked at are left out, and nothing is counted', async (t) => {
  const path = named();
  const { pid } = await spawnHolder(t, path);
  const ended = spawnSync('true').pid;
  const real = inspectionSystem();
  const text = (bytes: Uint8Array): string => decodeName(bytes.subarray(0, bytes.indexOf(0)));
  const system: InspectionSystem = {
    ...real,
    readDirectory(bytes) {
      if (text(bytes) === '/proc') return ['1', 'self', pid, ended].map((name) => Buffer.from(String(name)));
      // The one that has ended was there a moment ago.
      if (text(bytes) === `/proc/${ended}/task`) return [Buffer.from(String(ended))];
      if (text(bytes) === `/proc/${ended}/fd`) return -errno.EACCES;
      if (text(bytes).startsWith('/proc/1/')) return -errno.ENOENT;
      return real.readDirectory(bytes);
    },
    stat: (bytes, follow, into) =>
      text(bytes).startsWith(`/proc/${ended}/task`) ? -errno.EACCES : real.stat(bytes, follow, into),
  };
  const { namespace } = await namespaceHolders({ path });
  const found = await findHolders(system, { namespace }, { sockets: true, proc: '/proc' });
  assert.deepEqual([brief(found), found.unseen.processes], [{ processes: [pid], mounts: [pid] }, 0]);
  const gone: InspectionSystem = { ...real, readDirectory: () => -errno.EACCES };
  await assert.rejects(findHolders(gone, { namespace }, { sockets: true, proc: '/proc' }), {
    code: 'EACCES',
    path: '/proc',
  });
});

test('what is no namespace, or no argument, is refused', async () => {
  const code = 'ERR_NLINK_INVALID_ARGUMENT';
  await assert.rejects(namespaceHolders('nothing'), { code: 'ENOENT' });
  await assert.rejects(namespaceHolders({ path: '/dev/null' }), { code: 'ERR_NLINK_NOT_A_NAMESPACE' });
  await assert.rejects(namespaceHolders({ namespace: { ino: 5 } } as never), { code });
  await assert.rejects(namespaceHolders({ namespace: null } as never), { code });
  await assert.rejects(namespaceHolders(null as never), { code });
  await assert.rejects(namespaceHolders({ pid: 1 }, { sockets: 1 } as never), { code, message: /^sockets/ });
  await assert.rejects(namespaceHolders({ pid: 1 }, { directory: '' }), { code, message: /^directory/ });
});
