/**
 * The calls for netlink sockets on the real kernel, and the memory that recvmmsg(2) fills: bound
 * with the right arguments, read rightly.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  decodeMessages,
  decodeNsidEvents,
  decodeNsidMessage,
  encodeMessage,
  encodeNsidMessage,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_ROUTE,
  NLM_F_REQUEST,
  RTM_GETNSID,
  RTM_NEWNSID,
  RTNLGRP_NSID,
  SOL_NETLINK,
} from '../../src/netlink/index.ts';
import { check, errno } from '../../src/sys/errno.ts';
import type { ReceiveBuffer } from '../../src/sys/receive-buffer.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { ForeignSender } from '../support/foreign.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { waitFor } from '../support/wait.ts';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const EVENT_SIZE = 28;

const system = netlinkSystem();

/** A socket that is not connected yet. Closed at the end of the test. */
function makeSocket(t: TestContext): number {
  const fd = check(system.netlinkSocket(NETLINK_ROUTE), 'socket');
  t.after(() => system.close(fd));
  return fd;
}

function connectedSocket(t: TestContext): number {
  const fd = makeSocket(t);
  assert.equal(system.netlinkConnect(fd), 0);
  return fd;
}

/** A connected socket that hears of namespace ids. */
function listeningSocket(t: TestContext): number {
  const fd = connectedSocket(t);
  assert.equal(system.setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_NSID), 0);
  return fd;
}

/**
 * Asks the kernel for the ids of processes; each question has an answer of its own, with its
 * sequence number.
 */
function ask(fd: number, ...pids: number[]): void {
  const requests = pids.map((pid, index) =>
    encodeMessage({
      type: RTM_GETNSID,
      flags: NLM_F_REQUEST,
      sequence: index + 1,
      payload: encodeNsidMessage({ family: 0, pid }),
    }),
  );
  const bytes = Buffer.concat(requests);
  // More than there is to send: what is beyond the length must not be sent.
  const padded = Buffer.concat([bytes, Buffer.alloc(64, 0xff)]);
  assert.equal(system.send(fd, padded, bytes.byteLength), bytes.byteLength);
}

const datagram = (inbox: ReceiveBuffer, slot: number): Uint8Array =>
  inbox.bytes.slice(inbox.start(slot), inbox.start(slot) + inbox.length(slot));

const sequences = (inbox: ReceiveBuffer, count: number): number[] =>
  Array.from({ length: count }, (_, slot) => decodeMessages(datagram(inbox, slot))[0]?.sequence ?? -1);

/** Inboxes for one test. */
function takeBuffer(t: TestContext, slots: number, slotSize: number): ReceiveBuffer {
  const inbox = system.takeBuffer(slots, slotSize);
  t.after(() => system.releaseBuffer(inbox));
  return inbox;
}

test('a socket is netlink, close-on-exec and non-blocking; of no unknown protocol', (t) => {
  const fd = makeSocket(t);
  assert.equal(system.getOption(fd, SOL_SOCKET, SO_DOMAIN), 16);
  assert.equal(system.getOption(fd, SOL_SOCKET, SO_PROTOCOL), NETLINK_ROUTE);
  const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
  assert.equal(Number.parseInt(flags, 8) & 0o2004000, 0o2004000);
  assert.equal(system.receive(fd, new Uint8Array(8)), -errno.EAGAIN);
  assert.equal(system.netlinkSocket(31), -errno.EPROTONOSUPPORT);
});

test('connecting gives a port, 32 bits without sign, that no other socket has', (t) => {
  const [one, other] = [makeSocket(t), makeSocket(t)];
  assert.equal(system.netlinkPort(one), 0);
  assert.equal(system.netlinkConnect(one), 0);
  assert.equal(system.netlinkConnect(other), 0);
  const ports = [system.netlinkPort(one), system.netlinkPort(other)];
  assert.notEqual(ports[0], ports[1]);
  // proc_net_netlink: sk, protocol, port.
  const known = readFileSync('/proc/thread-self/net/netlink', 'utf8');
  for (const port of ports) assert.match(known, new RegExp(`^\\S+ +${NETLINK_ROUTE} +${port} `, 'm'));
  assert.equal(system.netlinkConnect(-1), -errno.EBADF);
  assert.equal(system.netlinkPort(-1), -errno.EBADF);
});

// A file that is no socket; a netlink call must tell, not corrupt.
test('what is no socket: ENOTSOCK from every call', (t) => {
  const inbox = takeBuffer(t, 1, 64);
  const file = check(system.open(Buffer.from('/dev/null\0'), 0), 'open');
  assert.equal(system.netlinkConnect(file), -errno.ENOTSOCK);
  assert.equal(system.netlinkPort(file), -errno.ENOTSOCK);
  assert.equal(system.setOption(file, SOL_SOCKET, SO_RCVBUF, 4096), -errno.ENOTSOCK);
  assert.equal(system.getOption(file, SOL_SOCKET, SO_RCVBUF), -errno.ENOTSOCK);
  assert.equal(system.send(file, new Uint8Array(4), 4), -errno.ENOTSOCK);
  assert.equal(system.receive(file, new Uint8Array(4)), -errno.ENOTSOCK);
  assert.equal(system.receiveMany(file, inbox, 1), -errno.ENOTSOCK);
  system.close(file);
});

test('options are set and read', (t) => {
  const fd = makeSocket(t);
  assert.equal(system.setOption(fd, SOL_SOCKET, SO_RCVBUF, 50_000), 0);
  assert.equal(system.getOption(fd, SOL_SOCKET, SO_RCVBUF), 100_000);
  assert.equal(system.getOption(fd, SOL_NETLINK, NETLINK_EXT_ACK), 0);
  assert.equal(system.setOption(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1), 0);
  assert.equal(system.getOption(fd, SOL_NETLINK, NETLINK_EXT_ACK), 1);
  assert.equal(system.setOption(fd, SOL_NETLINK, 999, 1), -errno.ENOPROTOOPT);
  assert.equal(system.getOption(fd, SOL_NETLINK, 999), -errno.ENOPROTOOPT);
  assert.equal(system.setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 0), -errno.EINVAL);
  assert.equal(system.setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 100_000), -errno.EINVAL);
});

test('receive gives one datagram, and its true length where the buffer is too small', (t) => {
  const fd = connectedSocket(t);
  ask(fd, process.pid, process.pid);
  const small = new Uint8Array(20);
  assert.equal(system.receive(fd, small), EVENT_SIZE);
  assert.equal(new Uint32Array(small.buffer)[2], 1);
  // The rest of it is gone; the next one is whole, and what is behind it in the buffer is left
  // alone.
  const large = new Uint8Array(64).fill(0xee);
  assert.equal(system.receive(fd, large), EVENT_SIZE);
  const [message] = decodeMessages(large.subarray(0, EVENT_SIZE));
  assert.equal(message?.sequence, 2);
  assert.equal(message?.port, system.netlinkPort(fd));
  assert.deepEqual(decodeNsidMessage(message?.payload ?? new Uint8Array()), { family: 0, nsid: -1 });
  assert.ok(large.subarray(EVENT_SIZE).every((byte) => byte === 0xee));
  assert.equal(system.receive(fd, large), -errno.EAGAIN);
});

test('receiveMany gives several datagrams in order: at most so many, and no more than slots', (t) => {
  const fd = connectedSocket(t);
  const inbox = takeBuffer(t, 4, 512);
  ask(fd, ...Array.from({ length: 9 }, () => process.pid));
  assert.equal(system.receiveMany(fd, inbox, 2), 2);
  assert.deepEqual(sequences(inbox, 2), [1, 2]);
  assert.equal(system.receiveMany(fd, inbox, 100), 4);
  assert.deepEqual(sequences(inbox, 4), [3, 4, 5, 6]);
  for (let slot = 0; slot < 4; slot++) {
    assert.equal(inbox.length(slot), EVENT_SIZE);
    assert.equal(inbox.truncated(slot), false);
    assert.equal(inbox.port(slot), 0);
    assert.equal(inbox.groups(slot), 0);
    assert.equal(inbox.origin(slot), null);
  }
  assert.equal(system.receiveMany(fd, inbox, 4), 3);
  assert.deepEqual(sequences(inbox, 3), [7, 8, 9]);
  assert.equal(system.receiveMany(fd, inbox, 4), -errno.EAGAIN);
});

test('a datagram that is longer than its slot: cut off, told, and its neighbours untouched', (t) => {
  const fd = connectedSocket(t);
  const inbox = takeBuffer(t, 3, 32);
  // An answer has 28 bytes; an error repeats the request, 36 bytes with its number.
  ask(fd, process.pid, 0, process.pid);
  assert.equal(system.receiveMany(fd, inbox, 3), 3);
  assert.deepEqual([inbox.truncated(0), inbox.truncated(1), inbox.truncated(2)], [false, true, false]);
  assert.deepEqual([inbox.length(0), inbox.length(1), inbox.length(2)], [EVENT_SIZE, 32, EVENT_SIZE]);
  assert.equal(decodeMessages(datagram(inbox, 2))[0]?.sequence, 3);
  // And the mark does not stay.
  ask(fd, process.pid, process.pid);
  assert.equal(system.receiveMany(fd, inbox, 3), 2);
  assert.deepEqual([inbox.truncated(0), inbox.truncated(1)], [false, false]);
});

test('the largest inbox: every slot holds its own datagram', (t) => {
  const fd = connectedSocket(t);
  const inbox = takeBuffer(t, 128, 512);
  ask(fd, ...Array.from({ length: 128 }, (_, index) => (index % 2 === 0 ? process.pid : 0)));
  assert.equal(system.receiveMany(fd, inbox, 128), 128);
  for (let slot = 0; slot < 128; slot++) {
    const [message] = decodeMessages(datagram(inbox, slot));
    assert.equal(message?.type, slot % 2 === 0 ? RTM_NEWNSID : 2);
  }
  assert.equal(new Set(Array.from({ length: 128 }, (_, slot) => inbox.start(slot))).size, 128);
  assert.equal(inbox.start(127) + 512, inbox.bytes.byteLength);
});

test('inboxes are used again, by whoever needs one of the same shape', () => {
  const one = system.takeBuffer(7, 96);
  const two = system.takeBuffer(7, 96);
  assert.notEqual(one, two);
  system.releaseBuffer(one);
  const other = system.takeBuffer(7, 64);
  assert.notEqual(other, one);
  assert.equal(system.takeBuffer(7, 96), one);
  assert.notEqual(system.takeBuffer(7, 96), one);
});

test('what another process sends to a connected socket is refused; multicast arrives, with its port', (t) => {
  freshTable(t);
  const foreign = new ForeignSender(t);
  const forged = encodeMessage({ type: RTM_NEWNSID, payload: encodeNsidMessage({ family: 0, nsid: 7 }) });
  const fd = listeningSocket(t);
  const inbox = takeBuffer(t, 4, 512);
  assert.equal(foreign.send(forged, system.netlinkPort(fd)), -errno.ECONNREFUSED);
  assert.equal(system.receiveMany(fd, inbox, 4), -errno.EAGAIN);
  foreign.multicast(forged, RTNLGRP_NSID);
  assert.equal(system.receiveMany(fd, inbox, 4), 1);
  assert.deepEqual(decodeNsidEvents(datagram(inbox, 0)), [{ type: 'newNsid', nsid: 7 }]);
  assert.notEqual(inbox.port(0), 0);
  assert.equal(inbox.port(0), foreign.port);
  assert.equal(inbox.groups(0), 2 ** (RTNLGRP_NSID - 1));
  // Not because nobody can: a socket that was never connected gets it.
  const open = makeSocket(t);
  ask(open, process.pid);
  assert.equal(system.receive(open, new Uint8Array(64)), EVENT_SIZE);
  assert.equal(foreign.send(forged, system.netlinkPort(open)), forged.byteLength);
  assert.equal(system.receiveMany(open, inbox, 4), 1);
  assert.equal(inbox.port(0), foreign.port);
});

test('an event of the kernel: port 0, its group, no origin; none after the group was left', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const fd = listeningSocket(t);
  const inbox = takeBuffer(t, 4, 512);
  const [one, two] = makeNamespaces(2) as [string, string];
  await connection.setNsid({ path: one }, 3);
  assert.equal(system.receiveMany(fd, inbox, 4), 1);
  assert.deepEqual(decodeNsidEvents(datagram(inbox, 0)), [{ type: 'newNsid', nsid: 3 }]);
  assert.equal(inbox.port(0), 0);
  assert.equal(inbox.groups(0), 0x08000000);
  assert.equal(inbox.origin(0), null);
  assert.equal(system.setOption(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, RTNLGRP_NSID), 0);
  await connection.setNsid({ path: two }, 4);
  assert.equal(system.receiveMany(fd, inbox, 4), -errno.EAGAIN);
});

test('the origin of an event: the id of the namespace whose table changed', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const fd = listeningSocket(t);
  assert.equal(system.setOption(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1), 0);
  const [elsewhere, mute] = makeNamespaces(2) as [string, string];
  const inbox = takeBuffer(t, 1, 512);
  const next = async (): Promise<unknown> => {
    await waitFor('an event', () => system.receiveMany(fd, inbox, 1) === 1);
    return [inbox.origin(0), ...decodeNsidEvents(datagram(inbox, 0))];
  };
  await connection.setNsid({ path: elsewhere }, 2 ** 31 - 1);
  assert.deepEqual(await next(), [null, { type: 'newNsid', nsid: 2 ** 31 - 1 }]);
  // A namespace without an id here is not heard of, so the first that comes is that of the other.
  const muted = await connect(t, { namespace: { path: mute } });
  await muted.setNsid({ path: makeNamespace() }, 8);
  const heard = await connect(t, { namespace: { path: elsewhere } });
  await heard.setNsid({ path: makeNamespace() }, 5);
  assert.deepEqual(await next(), [2 ** 31 - 1, { type: 'newNsid', nsid: 5 }]);
  // The slot forgets the origin of the datagram before.
  await connection.setNsid({ path: makeNamespace() }, 6);
  assert.deepEqual(await next(), [null, { type: 'newNsid', nsid: 6 }]);
  assert.equal(system.receiveMany(fd, inbox, 1), -errno.EAGAIN);
});
