/**
 * Only the kernel is believed. Whoever has CAP_NET_ADMIN may send to the group as the kernel does,
 * in the same words, but not from the kernel's port; and nobody can send to the subscriber's own
 * ports, since its sockets are connected to the kernel (netlink(7)). Senders are told apart by
 * port: one in this process is as foreign as any other.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  encodeMessage,
  encodeNsidMessage,
  RTM_DELNSID,
  RTM_NEWNSID,
  RTNLGRP_NSID,
} from '../../../src/netlink/index.ts';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { faulty } from '../../support/faults.ts';
import { ForeignSender } from '../../support/foreign.ts';
import { range } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { assignAll } from '../../support/block-event-loop.ts';

/** Word for word what the kernel says of an id. */
function asKernel(type: number, nsid: number): Uint8Array {
  const payload = encodeNsidMessage({ family: 0, nsid });
  return encodeMessage({ type, flags: 0, sequence: 0, port: 0, payload });
}

const FORGERIES: Record<string, Uint8Array> = {
  'an id that is not assigned begins': asKernel(RTM_NEWNSID, 7),
  'an id that is assigned begins': asKernel(RTM_NEWNSID, 3),
  'an id that is assigned ends': asKernel(RTM_DELNSID, 3),
  'an id that is not assigned ends': asKernel(RTM_DELNSID, 7),
  'no id at all': asKernel(RTM_NEWNSID, -1),
  'a length that lies': asKernel(RTM_NEWNSID, 7).fill(0xff, 0, 4),
  'no message': Buffer.from('nothing of the kind, and no header either'),
  'more than the kernel ever says at once': new Uint8Array(4096).fill(0xff),
};

// Fails if the sender's port is not looked at, or looked at after what it says: the last ones would
// be losses.
test('what others send to the group is counted, and otherwise not there', async (t) => {
  freshTable(t);
  const [old = '', young = ''] = makeNamespaces(2);
  const connection = await connect(t);
  await connection.setNsid({ path: old }, 3);
  const replay = await NsidReplay.open(t);
  const sender = new ForeignSender(t);
  const forgeries = Object.values(FORGERIES);
  for (const bytes of forgeries) sender.multicast(bytes, RTNLGRP_NSID);
  await replay.assign(young, 9);
  for (const bytes of forgeries) sender.multicast(bytes, RTNLGRP_NSID);
  assert.deepEqual(await replay.settleAt(3, 9), ['new 9']);
  const { foreign, datagrams, unreadable, resyncs } = replay.subscriber.stats();
  assert.deepEqual(
    { foreign, datagrams, unreadable, resyncs },
    { foreign: 2 * forgeries.length, datagrams: 1, unreadable: 0, resyncs: 0 },
  );
});

// Fails if what is sent while the ids are listed at the start is taken in.
test('forged while it opens', async (t) => {
  freshTable(t);
  const sender = new ForeignSender(t);
  await (await connect(t)).setNsid({ path: makeNamespace() }, 3);
  const { system } = faulty(netlinkSystem(), (call) => {
    if (call === 'send') for (const bytes of Object.values(FORGERIES)) sender.multicast(bytes, RTNLGRP_NSID);
    return undefined;
  });
  const replay = await NsidReplay.open(t, {}, { system, clock: systemClock });
  assert.deepEqual(replay.snapshot, [3]);
  assert.deepEqual(await replay.settleAt(3), []);
  assert(replay.subscriber.stats().foreign > 0);
});

// What others send takes room all the same: then a loss is a loss.
test('so much is forged that the receive buffer overflows: resynced, with nothing that differs', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { receiveBufferSize: 4096 });
  await assignAll(replay.connection, makeNamespaces(3));
  await replay.settleAt(...range(0, 3));
  const sender = new ForeignSender(t);
  for (let nsid = 0; nsid < 500; nsid++) sender.multicast(asKernel(RTM_DELNSID, nsid), RTNLGRP_NSID);
  assert.deepEqual(await replay.until('resynced (overflow)'), ['resynced (overflow)']);
  assert.deepEqual(await replay.settleAt(...range(0, 3)), []);
  await replay.assign(makeNamespace(), 9);
  assert.deepEqual(await replay.until('new 9'), ['new 9']);
});

/**
 * Ports of the netlink sockets of this network namespace that are open for NETLINK_ROUTE, other
 * than the kernel's own.
 */
function ports(): Set<number> {
  const lines = readFileSync('/proc/self/net/netlink', 'utf8').trim().split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/));
  const open = sockets.filter(([, protocol, port]) => protocol === '0' && port !== '0');
  // The file is of the sockets of the whole machine: one is listed twice if their table grows
  // meanwhile (`net/netlink/af_netlink.c`).
  return new Set(open.map(([, , port]) => Number(port)));
}

// Fails if one of the two sockets is not connected, so that anybody may answer in the kernel's
// place.
test('what others send to its ports is refused', async (t) => {
  freshTable(t);
  const sender = new ForeignSender(t);
  const before = ports();
  const replay = await NsidReplay.open(t);
  const own = [...ports()].filter((port) => !before.has(port));
  // With those of the connection that stands beside it.
  assert.equal(own.length, 4);
  for (const port of own) {
    for (const bytes of Object.values(FORGERIES)) assert.equal(sender.send(bytes, port), -errno.ECONNREFUSED);
  }
  await replay.assign(makeNamespace(), 9);
  assert.deepEqual(await replay.settleAt(9), ['new 9']);
  assert.equal(replay.subscriber.stats().foreign, 0);
});
