/**
 * Ids that cannot be listened to, from the start or from some moment on: `'auto'` goes on with
 * names and says so once, `'require'` refuses or ends, `'off'` does not even try. The system calls
 * are the real ones, but for one that answers as such a kernel does.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NETLINK_ADD_MEMBERSHIP, SOL_NETLINK } from '../../../src/netlink/index.ts';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { within } from '../../support/wait.ts';

const real = netlinkSystem();
const io = (calls: Partial<NetlinkSystem>): UnifiedIo => ({
  system: { ...real, ...calls },
  clock: systemClock,
  diagnosis: new NameDiagnosis(),
});

const kernels: [what: string, code: string, calls: Partial<NetlinkSystem>][] = [
  ['a sandbox that forbids netlink', 'ERR_NLINK_NETLINK_UNAVAILABLE', { netlinkSocket: () => -errno.EPERM }],
  [
    'a kernel without the group',
    'ERR_NLINK_UNSUPPORTED_KERNEL',
    {
      setOption: (fd, level, option, value) =>
        level === SOL_NETLINK && option === NETLINK_ADD_MEMBERSHIP
          ? -errno.EINVAL
          : real.setOption(fd, level, option, value),
    },
  ],
];

for (const [what, code, calls] of kernels) {
  test(`${what}, netlink 'auto': says so once, and goes on with names`, async (t) => {
    freshTable(t);
    const directory = netnsDirectory();
    addNamespace(`${directory}/a`);
    const replay = await UnifiedReplay.open(t, { directory }, io(calls));
    assert.equal(replay.watcher.isWatchingNsids, false);
    assert.equal(replay.watcher.isWatchingNetns, true);
    assert.equal(replay.watcher.stats().nsids, null);
    await replay.tells(`unavailable ${code}`);
    addNamespace(`${directory}/b`);
    await replay.connection.setNsid({ path: `${directory}/b` }, 5);
    await replay.tells('created b');
    deleteNamespace(`${directory}/a`);
    deleteNamespace(`${directory}/b`);
    await replay.tells('deleted a', 'deleted b');
  });

  test(`${what}, netlink 'require' or assignNsids: refused, with nothing left open`, async () => {
    const directory = netnsDirectory();
    await withoutLeak(async () => {
      for (const options of [{ netlink: 'require' }, { assignNsids: true }] as const)
        await assert.rejects(UnifiedNamespaceWatcher.open({ directory, ...options }, io(calls)), { code });
    });
  });
}

test("netlink 'off': no socket is opened, and nothing is said of ids", async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const connection = await connect(t);
  await connection.setNsid({ path: `${directory}/a` }, 5);
  let sockets = 0;
  const netlinkSocket = (protocol: number): number => {
    sockets++;
    return real.netlinkSocket(protocol);
  };
  const replay = await UnifiedReplay.open(t, { directory, netlink: 'off' }, io({ netlinkSocket }));
  assert.deepEqual(
    replay.snapshot.map(({ nsid }) => nsid),
    [null],
  );
  addNamespace(`${directory}/b`);
  await replay.tells('created b');
  deleteNamespace(`${directory}/a`);
  await replay.tells('deleted a');
  assert.equal(replay.watcher.isWatchingNsids, false);
  assert.equal(sockets, 0);
  // The count counts: two are opened for ids, and three for deaths, of which one is for a proof.
  for (const [deaths, expected] of [
    ['off', 2],
    ['require', 7],
  ] as const) {
    await (await UnifiedNamespaceWatcher.open({ directory, deaths }, io({ netlinkSocket }))).stop();
    assert.equal(sockets, expected);
  }
});

/** Receiving works until `broken` is set. */
function breakable(): { io: UnifiedIo; state: { broken: boolean } } {
  const state = { broken: false };
  const receiveMany: NetlinkSystem['receiveMany'] = (fd, inbox, most) =>
    state.broken ? -errno.EIO : real.receiveMany(fd, inbox, most);
  return { io: io({ receiveMany }), state };
}

// Fails if what was known of ids is still said when nobody can tell whether it is true.
test("receiving breaks, netlink 'auto': says so once, forgets the ids, and goes on with names", async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const { io: breaking, state } = breakable();
  const replay = await UnifiedReplay.open(t, { directory }, breaking);
  for (const name of ['a', 'b']) addNamespace(`${directory}/${name}`);
  await replay.connection.setNsid({ path: `${directory}/a` }, 5);
  await replay.tells('created a', 'created b', 'assigned #5 a');
  state.broken = true;
  await replay.connection.setNsid({ path: `${directory}/b` }, 6);
  const event = await replay.next();
  assert(event.type === 'nsidsUnavailable');
  assert.deepEqual(
    [event.error.code, replay.watcher.isWatchingNsids, replay.watcher.stats().nsids],
    ['EIO', false, null],
  );
  assert.deepEqual(
    replay.watcher.namespaces().map(({ nsid }) => nsid),
    [null, null],
  );
  deleteNamespace(`${directory}/a`);
  addNamespace(`${directory}/c`);
  await replay.tells('deleted a', 'created c');
});

test("receiving breaks, netlink 'require': the watcher ends with the error, and frees everything", async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const connection = await connect(t);
  await (await UnifiedNamespaceWatcher.open({ directory })).stop();
  await withoutLeak(async () => {
    const { io: breaking, state } = breakable();
    const watcher = await UnifiedNamespaceWatcher.open({ directory, netlink: 'require' }, breaking);
    const pending = watcher.recv();
    state.broken = true;
    await connection.setNsid({ path: `${directory}/a` }, 5);
    await assert.rejects(within('the error', pending), { code: 'EIO', syscall: 'recvmmsg' });
    assert.equal(await watcher.recv(), undefined);
    assert.equal(watcher.isWatchingNetns, false);
  });
});

// The last moment at which a name's end asks for ids is also one at which receiving may be found
// broken.
test("receiving breaks while a name goes, netlink 'auto': both are told", async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const { io: breaking, state } = breakable();
  const replay = await UnifiedReplay.open(t, { directory }, breaking);
  addNamespace(`${directory}/a`);
  await replay.connection.setNsid({ path: `${directory}/a` }, 5);
  await replay.tells('created a', 'assigned #5 a');
  state.broken = true;
  deleteNamespace(`${directory}/a`);
  const told = await replay.settle();
  assert.deepEqual(told.map((line) => line.split(' ').slice(0, 2).join(' ')).toSorted(), [
    'deleted a',
    'unavailable EIO',
  ]);
});
