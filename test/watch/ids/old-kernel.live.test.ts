/**
 * The kernel as it was before a part of what a subscriber asks of it, and where netlink is kept
 * from the process: it says so, or does without.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { errno, errnoName } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import type { SubscriberIo } from '../../../src/watch/ids/nsid-engine.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { range, summary } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { withoutOption, withoutQuestionsById } from '../../support/old-kernels.ts';
import { assignAll, destroyAll, takeOver } from '../../support/block-event-loop.ts';

const RESYNCED = 'resynced (overflow)';

const io = (system: NetlinkSystem): SubscriberIo => ({ system, clock: systemClock });

/** Fails unless opening is refused with this error, and leaves nothing open. */
async function checkRefused(system: NetlinkSystem, expected: object, options = {}): Promise<void> {
  await (await NamespaceEventSubscriber.open()).stop();
  await withoutLeak(async () => {
    const opening = async (): Promise<void> =>
      (await NamespaceEventSubscriber.open(options, io(system))).stop();
    await assert.rejects(opening, expected);
  });
}

test('before Linux 4.1, no group of ids: ERR_NLINK_UNSUPPORTED_KERNEL', async () => {
  await checkRefused(withoutOption('4.1'), {
    name: 'NlinkError',
    code: 'ERR_NLINK_UNSUPPORTED_KERNEL',
    message: /RTNLGRP_NSID.*Linux 4\.1/,
  });
});

test('before Linux 4.2: no listening to all namespaces, and no hindrance to who does not want to', async (t) => {
  freshTable(t);
  const system = withoutOption('4.2');
  await checkRefused(system, { code: 'ENOPROTOOPT', syscall: 'setsockopt' }, { allNamespaces: true });
  const replay = await NsidReplay.open(t, {}, io(system));
  await replay.assign(makeNamespace(), 5);
  assert.deepEqual(await replay.settleAt(5), ['new 5']);
});

for (const number of [errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT]) {
  for (const nth of [1, 2]) {
    test(`socket ${nth} is refused with ${errnoName(number)}: ERR_NLINK_NETLINK_UNAVAILABLE`, async () => {
      let count = 0;
      const real = netlinkSystem();
      const netlinkSocket = (protocol: number): number =>
        ++count === nth ? -number : real.netlinkSocket(protocol);
      await checkRefused(
        { ...real, netlinkSocket },
        {
          name: 'NlinkError',
          code: 'ERR_NLINK_NETLINK_UNAVAILABLE',
          message: new RegExp(`socket: ${errnoName(number)}.*seccomp`),
        },
      );
    });
  }
}

// Fails if a list of another table is believed that is really the own one: the kernel does not heed
// whose is asked for.
test('before Linux 4.20, no strict checking: after a loss nothing is said of what cannot be asked', async (t) => {
  freshTable(t);
  const options = { allNamespaces: true, receiveBufferSize: 4096 };
  const replay = await NsidReplay.open(t, options, io(withoutOption('4.20')));
  const [a = '', x = '', y = ''] = makeNamespaces(3);
  await replay.assign(a, 10);
  const inside = await connect(t, { namespace: { path: a } });
  await inside.setNsid({ path: x }, 5);
  assert.deepEqual(await replay.settleAt(10), ['new 10', 'new 5 in 10']);
  await assignAll(replay.connection, makeNamespaces(30), 100);
  const told = await replay.until(RESYNCED);
  assert.deepEqual(summary(told.slice(0, -1)), ['new 100-129']);
  deleteNamespace(x);
  assert.deepEqual(await replay.until('del 5 in 10'), ['del 5 in 10']);
  await inside.setNsid({ path: y }, 5);
  assert.deepEqual(await replay.until('new 5 in 10'), ['new 5 in 10']);
});

for (const bufferSize of [1, 100]) {
  // Fails if an end is held back, or dropped, because the kernel cannot say whether the id is
  // assigned.
  test(`before Linux 5.0, bufferSize ${bufferSize}: told in the kernel's order, without asking`, async (t) => {
    freshTable(t);
    const replay = await NsidReplay.open(t, { bufferSize }, io(withoutQuestionsById()));
    const { connection } = replay;
    const paths = makeNamespaces(100);
    await assignAll(connection, paths);
    await destroyAll(connection, paths.slice(1), range(1, 99));
    const [a = '', b = ''] = makeNamespaces(2);
    deleteNamespace(paths[0] as string);
    await takeOver(connection, a, 0);
    await destroyAll(connection, [a], [0]);
    await takeOver(connection, b, 0);
    const told = await replay.settleAt(0);
    assert.equal(told.length, 100 + 99 + 4);
    assert.deepEqual(told.slice(-4), ['del 0', 'new 0', 'del 0', 'new 0']);
  });
}

test('before Linux 5.0: emits what was lost after a listing', async (t) => {
  freshTable(t);
  const paths = makeNamespaces(60);
  const connection = await connect(t);
  await assignAll(connection, paths.slice(0, 30));
  const replay = await NsidReplay.open(t, { receiveBufferSize: 4096 }, io(withoutQuestionsById()));
  assert.deepEqual(replay.snapshot, range(0, 30));
  await assignAll(connection, paths.slice(30), 30);
  await destroyAll(connection, paths.slice(0, 20), range(0, 20));
  const told = await replay.until(RESYNCED);
  assert.deepEqual(summary(told.slice(0, -1)), ['del 0-19', 'new 30-59']);
  await replay.assign(makeNamespace(), 0);
  assert.deepEqual(await replay.settleAt(0, ...range(20, 40)), ['new 0']);
});
