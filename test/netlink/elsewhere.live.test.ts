/**
 * Sockets in another network namespace: really there, for each way of meaning it, while this
 * process stays where it is.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Connection, NetlinkSocket } from '../../src/netlink/index.ts';
import type { NamespaceReference, NetlinkSocketOptions } from '../../src/netlink/index.ts';
import { Asker } from './ask.ts';
import { withoutLeak } from '../support/descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  netnsDirectory,
  spawnHolder,
} from '../support/netns.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { deviceNames } from '../support/links.ts';

const own = (): string => readlinkSync('/proc/thread-self/ns/net');

/** The devices that a socket sees. */
async function devices(options: NetlinkSocketOptions): Promise<string[]> {
  await using socket = await NetlinkSocket.open(options);
  return await deviceNames(socket);
}

test('by name, path, process and descriptor: ids and devices are those of the other namespace', async (t) => {
  freshTable(t);
  freshRun(t);
  for (const name of ['there', 'third']) ip('netns', 'add', name);
  ip('-n', 'there', 'link', 'add', 'veth-there', 'type', 'veth', 'peer', 'name', 'other-end');
  ip('-n', 'there', 'netns', 'set', 'third', '42');
  ip('netns', 'set', 'third', '7');
  const holder = await spawnHolder(t, '/run/netns/there');
  const fd = openSync('/run/netns/there', 'r');
  t.after(() => closeSync(fd));
  const before = own();
  const references: NamespaceReference[] = [
    'there',
    { path: '/run/netns/there' },
    { path: `/proc/${holder.pid}/ns/net` },
    { pid: holder.pid },
    { fd },
  ];
  for (const namespace of references) {
    const what = JSON.stringify(namespace);
    await withoutLeak(async () => {
      const connection = await Connection.open({ namespace });
      assert.equal(own(), before, what);
      assert.equal(await connection.getNsid({ path: '/run/netns/third' }), 42, what);
      assert.equal(await connection.getNsid({ pid: process.pid }), null, what);
      assert.deepEqual((await connection.listNsids()).entries, [{ nsid: 42, current: 42 }], what);
      connection.close();
      assert.deepEqual(await devices({ namespace }), ['lo', 'other-end', 'veth-there'], what);
      assert.equal(own(), before, what);
    });
  }
  // The descriptor that was given stays open.
  assert.equal(await (await connect(t)).getNsid({ fd }), null);
  assert.equal(await (await connect(t)).getNsid({ path: '/run/netns/third' }), 7);
});

test('the own namespace, as if it were another', async (t) => {
  freshTable(t);
  const connection = await connect(t, { namespace: { pid: process.pid } });
  await connection.setNsid({ path: makeNamespace() }, 3);
  assert.deepEqual((await (await connect(t)).listNsids()).entries, [{ nsid: 3, current: 3 }]);
});

test('a name in another directory, and a link to a namespace', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  symlinkSync('a', `${directory}/link`);
  const third = makeNamespace();
  const connection = await connect(t, { directory, namespace: 'a' });
  await connection.setNsid({ path: third }, 4);
  const linked = await connect(t, { directory, namespace: 'link' });
  assert.equal(await linked.getNsid({ path: third }), 4);
  // The connection looks for names there as well, from outside.
  assert.equal(await linked.getNsid('a'), null);
  assert.deepEqual(await devices({ directory, namespace: 'a' }), ['lo']);
});

test('an event is emitted in the other table, and none in this one', async (t) => {
  freshTable(t);
  const [there, third] = makeNamespaces(2) as [string, string];
  const namespace = { path: there };
  const [elsewhere, here] = [await connect(t, { namespace }), await connect(t)];
  await elsewhere.subscribeNamespaceEvents();
  await here.subscribeNamespaceEvents();
  await elsewhere.setNsid({ path: third }, 12);
  assert.deepEqual(await elsewhere.recv(), { type: 'newNsid', nsid: 12 });
  assert.equal(here.tryRecv(), undefined);
});

test('a socket outlives the name of its namespace', async (t) => {
  freshTable(t);
  const there = makeNamespace();
  const connection = await connect(t, { namespace: { path: there } });
  deleteNamespace(there);
  const third = makeNamespace();
  await connection.setNsid({ path: third }, 9);
  assert.equal(await connection.getNsid({ path: third }), 9);
});

/**
 * Tries both ways to open a socket there, and expects that nothing stays open and the thread stays.
 */
async function assertRefused(namespace: NamespaceReference, expected: object): Promise<void> {
  const before = own();
  await withoutLeak(async () => {
    await assert.rejects(Connection.open({ namespace }), expected);
    await assert.rejects(NetlinkSocket.open({ namespace }), expected);
  });
  assert.equal(own(), before);
}

test('what is no network namespace: ERR_NLINK_NOT_A_NAMESPACE', async () => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '');
  for (const path of [
    `${directory}/stale`,
    directory,
    '/dev/null',
    '/proc/self/ns/mnt',
    '/proc/self/ns/uts',
  ]) {
    await assertRefused(
      { path },
      {
        name: 'NlinkError',
        code: 'ERR_NLINK_NOT_A_NAMESPACE',
        message: new RegExp(`^${path} is no network namespace`),
      },
    );
  }
  const fd = openSync('/dev/null', 'r');
  await assertRefused({ fd }, { code: 'ERR_NLINK_NOT_A_NAMESPACE', message: new RegExp(`/fd/${fd} `) });
  closeSync(fd);
});

test('what is not there: the error of the system call, with the path', async () => {
  const directory = netnsDirectory();
  await assertRefused('missing', { code: 'ENOENT', syscall: 'open', path: '/var/run/netns/missing' });
  await assertRefused({ path: `${directory}/a` }, { code: 'ENOENT', path: `${directory}/a` });
  await assertRefused({ pid: 2 ** 31 - 1 }, { code: 'ENOENT', message: /there is no process 2147483647/ });
  await assertRefused({ fd: 2 ** 31 - 1 }, { code: 'EBADF', syscall: 'setns' });
});

test('what means no namespace is refused before anything is opened', async () => {
  const invalid = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT' };
  for (const namespace of [
    null,
    5,
    {},
    [],
    { pid: 0 },
    { pid: '1' },
    { fd: -1 },
    { path: '' },
    { path: 'a\0' },
  ])
    await assertRefused(namespace as NamespaceReference, { ...invalid, message: /^namespace/ });
  for (const name of ['', '.', '..', 'a/b', 'x'.repeat(256)])
    await assertRefused(name, { code: 'ERR_NLINK_INVALID_NAME' });
  for (const directory of ['', 'a\0', 5, null]) {
    const options = { namespace: 'a', directory: directory as string };
    await assert.rejects(Connection.open(options), { ...invalid, message: /^directory/ });
    await assert.rejects(NetlinkSocket.open(options), { ...invalid, message: /^directory/ });
  }
});

test('where this process could not come back: refused before it left', async (t: TestContext) => {
  const there = makeNamespace();
  // Root in a user namespace of its own, in a network namespace that belongs to another.
  const asker = await Asker.start(t, 'unshare', '-Ur');
  const refusal = await asker.refusal('getNsid', [{ pid: process.pid }], {
    open: { namespace: { path: there } },
  });
  assert.equal(refusal.code, 'ERR_NLINK_NO_RETURN');
  assert.match(refusal.message, /unshare -Urnm/);
  // It is where it was, and may ask there.
  assert.equal(await asker.value('getNsid', [{ pid: process.pid }]), null);
});

test('without privilege: EPERM, and what to do', async (t) => {
  const there = makeNamespace();
  const asker = await Asker.ordinary(t);
  const refusal = await asker.refusal('listNsids', [], { open: { namespace: { path: there } } });
  assert.equal(refusal.code, 'EPERM');
  assert.match(refusal.message, /CAP_SYS_ADMIN: run as root .*unshare -Urnm/);
  assert.deepEqual(await asker.value('listNsids'), { entries: [], complete: true });
});

test('a user namespace with a network namespace of its own: as root', async (t) => {
  const asker = await Asker.start(t, 'unshare', '-Urn');
  const namespace = { path: '/proc/self/ns/net' };
  assert.deepEqual(await asker.value('listNsids', [], { open: { namespace } }), {
    entries: [],
    complete: true,
  });
});
