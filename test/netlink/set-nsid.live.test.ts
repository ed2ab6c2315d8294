/**
 * Assigning ids: which one a namespace gets, by whatever it is meant, and each way in which the
 * kernel refuses.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Connection } from '../../src/netlink/index.ts';
import type { NamespaceReference } from '../../src/netlink/index.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { faulty } from '../support/faults.ts';
import { deleteNamespace, freshRun, ip, netnsDirectory, spawnHolder } from '../support/netns.ts';
import { atPaths, connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { waitFor } from '../support/wait.ts';

const LARGEST = 2 ** 31 - 1;

const exists = (text: string) => ({
  name: 'NetlinkError',
  code: 'EEXIST',
  syscall: 'RTM_NEWNSID',
  text,
});

test('by name, path, process and descriptor: the id comes back, and everybody sees it', async (t) => {
  freshTable(t);
  freshRun(t);
  for (const name of ['a', 'b', 'c']) ip('netns', 'add', name);
  const holder = await spawnHolder(t);
  const connection = await connect(t);
  const fd = openSync('/run/netns/c', 'r');
  await withoutLeak(async () => {
    assert.equal(await connection.setNsid('a', 5), 5);
    assert.equal(await connection.setNsid({ path: '/run/netns/b' }, 'auto'), 0);
    assert.equal(await connection.setNsid({ pid: holder.pid }, 1), 1);
    assert.equal(await connection.setNsid({ fd }, 'auto'), 2);
  });
  // The caller's descriptor is still its own.
  assert.equal(await connection.getNsid({ fd }), 2);
  closeSync(fd);
  const listed = ip('netns', 'list-id').trim().split('\n');
  assert.deepEqual(
    listed.map((line) => line.trim()),
    [
      'nsid 0 (iproute2 netns name: b)',
      'nsid 1',
      'nsid 2 (iproute2 netns name: c)',
      'nsid 5 (iproute2 netns name: a)',
    ],
  );
  assert.equal(await connection.getNsid({ pid: holder.pid }), 1);
});

test('auto: the lowest that is free, also one that became free again', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const paths = makeNamespaces(6) as [string, string, string, string, string, string];
  assert.equal(await connection.setNsid({ path: paths[0] }, 'auto'), 0);
  assert.equal(await connection.setNsid({ path: paths[1] }, 'auto'), 1);
  assert.equal(await connection.setNsid({ path: paths[2] }, 3), 3);
  assert.equal(await connection.setNsid({ path: paths[3] }, 'auto'), 2);
  assert.equal(await connection.setNsid({ path: paths[4] }, 'auto'), 4);
  deleteNamespace(paths[1]);
  const isFree = async (): Promise<boolean> => (await connection.listNsids()).entries.length === 4;
  await waitFor('the end of the namespace', isFree);
  assert.equal(await connection.setNsid({ path: paths[5] }, 'auto'), 1);
});

test('the smallest and the largest id, after which auto still finds the lowest', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const [a, b, c] = makeNamespaces(3) as [string, string, string];
  assert.equal(await connection.setNsid({ path: a }, LARGEST), LARGEST);
  assert.equal(await connection.setNsid({ path: b }, 0), 0);
  assert.equal(await connection.setNsid({ path: c }, 'auto'), 1);
  assert.deepEqual(await connection.getNsids(atPaths([a, b, c])), [LARGEST, 0, 1]);
});

test('a namespace that has an id keeps it, and an id that is taken stays with its namespace', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const [one, two] = makeNamespaces(2) as [string, string];
  await connection.setNsid({ path: one }, 7);
  await withoutLeak(async () => {
    const has = {
      ...exists('Peer netns already has a nsid assigned'),
      path: one,
      message: /cannot be changed/,
    };
    for (const nsid of [7, 8, 'auto'] as const)
      await assert.rejects(connection.setNsid({ path: one }, nsid), has, String(nsid));
    await assert.rejects(connection.setNsid({ path: two }, 7), {
      ...exists('The specified nsid is already used'),
      path: two,
      message: /another namespace has this nsid: .*'auto'/,
    });
  });
  assert.deepEqual(await connection.getNsids(atPaths([one, two])), [7, null]);
});

test('the same namespace has an id for each that asks', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const [other, third] = makeNamespaces(2) as [string, string];
  const there = await connect(t, { namespace: { path: other } });
  await connection.setNsid({ path: third }, 10);
  assert.equal(await there.getNsid({ path: third }), null);
  await there.setNsid({ path: third }, 20);
  await there.setNsid({ pid: process.pid }, 30);
  assert.equal(await connection.getNsid({ path: third }), 10);
  assert.equal(await there.getNsid({ path: third }), 20);
  assert.equal(await there.getNsid({ pid: process.pid }), 30);
  // Assigning is one-sided.
  assert.equal(await connection.getNsid({ path: other }), null);
});

test('what is no namespace, or gone: refused by the kernel, or by open', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '');
  const child = spawn('true');
  await once(child, 'exit');
  const closed = openSync('/dev/null', 'r');
  closeSync(closed);
  const peer = {
    name: 'NetlinkError',
    syscall: 'RTM_NEWNSID',
    text: 'Peer netns reference is invalid',
    offset: 28,
  };
  await withoutLeak(async () => {
    for (const path of ['/dev/null', `${directory}/stale`, '/proc/self/ns/mnt'])
      await assert.rejects(connection.setNsid({ path }, 1), {
        ...peer,
        code: 'EINVAL',
        path,
        message: /this is no network namespace: /,
      });
    await assert.rejects(connection.setNsid({ fd: closed }, 1), {
      ...peer,
      code: 'EBADF',
      message: /O_PATH/,
    });
    await assert.rejects(connection.setNsid({ pid: child.pid ?? 0 }, 1), {
      ...peer,
      code: 'ESRCH',
      message: /no such process/,
    });
    await assert.rejects(connection.setNsid({ path: `${directory}/missing` }, 1), {
      code: 'ENOENT',
      syscall: 'open',
    });
    await assert.rejects(connection.setNsid('missing', 1), {
      code: 'ENOENT',
      path: '/var/run/netns/missing',
    });
  });
  assert.deepEqual((await connection.listNsids()).entries, []);
});

test('what is no id and no namespace is refused before anything is opened or asked', async (t) => {
  const { system, calls } = faulty(netlinkSystem(), () => undefined);
  const connection = await Connection.open({}, system);
  t.after(() => connection.close());
  calls.length = 0;
  const path = makeNamespace();
  for (const nsid of [
    -1,
    -5,
    0.5,
    2 ** 31,
    4_294_967_295,
    Number.NaN,
    '5',
    'Auto',
    null,
    undefined,
    5n,
    {},
  ]) {
    await assert.rejects(connection.setNsid({ path }, nsid as number), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^nsid \(a number, or 'auto'\) must be/,
    });
  }
  for (const target of [
    null,
    undefined,
    5,
    {},
    [],
    { pid: 0 },
    { pid: 1.5 },
    { fd: -1 },
    { fd: '3' },
    { path: '' },
  ]) {
    await assert.rejects(connection.setNsid(target as NamespaceReference, 1), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^target/,
    });
  }
  for (const name of ['', '..', 'a/b'])
    await assert.rejects(connection.setNsid(name, 1), { code: 'ERR_NLINK_INVALID_NAME' });
  assert.deepEqual(calls, []);
});

test('many at once: each gets the nsid that is reported', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const paths = makeNamespaces(100);
  const ids = await Promise.all(paths.map((path) => connection.setNsid({ path }, 'auto')));
  assert.deepEqual(new Set(ids), new Set(Array.from({ length: 100 }, (_, index) => index)));
  assert.deepEqual(await connection.getNsids(atPaths(paths)), ids);
});
