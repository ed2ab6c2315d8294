/**
 * A netlink socket on the real kernel: what it receives, in which order, and what becomes of those
 * who wait.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  decodeMessages,
  decodeNsidEvents,
  encodeMessage,
  encodeNsidMessage,
  NetlinkSocket,
  NLM_F_REQUEST,
  RTM_GETNSID,
  RTM_NEWNSID,
  RTNLGRP_NSID,
} from '../../src/netlink/index.ts';
import type { Datagram, NetlinkSocketOptions } from '../../src/netlink/index.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { ForeignSender } from '../support/foreign.ts';
import { connect, freshTable, makeNamespace, makeNamespaces, openSocket } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

/** A socket that hears of namespace ids. */
async function listen(t: TestContext, options: NetlinkSocketOptions = {}): Promise<NetlinkSocket> {
  const socket = await openSocket(t, options);
  socket.addMembership(RTNLGRP_NSID);
  return socket;
}

/** A question whose answer has this sequence number. */
function question(sequence: number): Uint8Array {
  const payload = encodeNsidMessage({ family: 0, pid: process.pid });
  return encodeMessage({ type: RTM_GETNSID, flags: NLM_F_REQUEST, sequence, payload });
}

const sequenceOf = (datagram: Datagram | undefined): number | undefined =>
  datagram && decodeMessages(datagram.bytes)[0]?.sequence;

const nsidOf = (datagram: Datagram | undefined): number | undefined =>
  datagram && decodeNsidEvents(datagram.bytes)[0]?.nsid;

test('recv and tryRecv give datagrams in order, each once', async (t) => {
  const socket = await openSocket(t);
  assert.equal(socket.tryRecv(), undefined);
  socket.send(Buffer.concat([question(1), question(2), question(3)]));
  socket.send(question(4));
  assert.equal(sequenceOf(await socket.recv()), 1);
  assert.equal(sequenceOf(socket.tryRecv()), 2);
  const kept = await socket.recv();
  assert.equal(sequenceOf(socket.tryRecv()), 4);
  assert.equal(socket.tryRecv(), undefined);
  // What was given is the caller's: later datagrams do not write over it.
  assert.equal(sequenceOf(kept), 3);
  assert.equal(kept?.groups, 0);
  assert.equal('origin' in (kept ?? {}), false);
  assert.equal(decodeMessages(kept?.bytes ?? new Uint8Array())[0]?.port, socket.port);
  assert.deepEqual(socket.stats(), { received: 4, foreign: 0 });
});

test('calls of recv that wait are served in order', async (t) => {
  const socket = await openSocket(t);
  const waiting = Array.from({ length: 20 }, () => socket.recv());
  for (let sequence = 1; sequence <= 10; sequence++) socket.send(question(sequence));
  assert.deepEqual(
    (await within('ten answers', Promise.all(waiting.slice(0, 10)))).map(sequenceOf),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  // Once more through the event loop, with those that waited on.
  for (let sequence = 11; sequence <= 21; sequence++) socket.send(question(sequence));
  const rest = await within('ten more', Promise.all(waiting.slice(10)));
  assert.deepEqual(rest.map(sequenceOf), [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  assert.equal(sequenceOf(await socket.recv()), 21);
});

test('who waits first is served first, although the answer is there before the next one asks', async (t) => {
  const socket = await openSocket(t);
  const first = socket.recv();
  socket.send(question(1));
  const second = socket.recv();
  socket.send(question(2));
  assert.deepEqual((await within('the answers', Promise.all([first, second]))).map(sequenceOf), [1, 2]);
});

// Fails if the program is woken at each turn of the event loop for what nobody wants.
test('what nobody takes wakes nobody', async (t) => {
  const real = netlinkSystem();
  let wakes = 0;
  const system: NetlinkSystem = {
    ...real,
    onReadable: (fd, listener) =>
      real.onReadable(fd, () => {
        wakes++;
        listener();
      }),
  };
  const socket = await NetlinkSocket.open({}, system);
  t.after(() => socket.close());
  const waiting = socket.recv();
  socket.send(Buffer.concat([question(1), question(2)]));
  assert.equal(sequenceOf(await within('an answer', waiting)), 1);
  wakes = 0;
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  assert.equal(wakes, 0);
  assert.equal(sequenceOf(await socket.recv()), 2);
});

test('waiting works again and again', async (t) => {
  const socket = await openSocket(t);
  for (let sequence = 1; sequence <= 100; sequence++) {
    const waiting = socket.recv();
    socket.send(question(sequence));
    assert.equal(sequenceOf(await within('an answer', waiting)), sequence);
  }
});

test('a group: its notifications while a member, and none after', async (t) => {
  freshTable(t);
  const [socket, connection] = [await openSocket(t), await connect(t)];
  const [a, b, c] = makeNamespaces(3) as [string, string, string];
  await connection.setNsid({ path: a }, 1);
  assert.equal(socket.tryRecv(), undefined);
  socket.addMembership(RTNLGRP_NSID);
  const waiting = socket.recv();
  await connection.setNsid({ path: b }, 2);
  const told = await within('the notification', waiting);
  assert.deepEqual(decodeNsidEvents(told?.bytes ?? new Uint8Array()), [{ type: 'newNsid', nsid: 2 }]);
  assert.equal(told?.groups, 2 ** (RTNLGRP_NSID - 1));
  socket.dropMembership(RTNLGRP_NSID);
  await connection.setNsid({ path: c }, 3);
  assert.equal(socket.tryRecv(), undefined);
  // Joining twice is joining, and leaving what was never joined is nothing.
  socket.addMembership(RTNLGRP_NSID);
  socket.addMembership(RTNLGRP_NSID);
  await connection.setNsid({ path: makeNamespace() }, 4);
  assert.equal(nsidOf(socket.tryRecv()), 4);
  assert.equal(socket.tryRecv(), undefined);
  socket.dropMembership(1);
});

test('notifications of other namespaces, with their origin', async (t) => {
  freshTable(t);
  const [socket, connection] = [await listen(t), await connect(t)];
  socket.listenAllNamespaces();
  const elsewhere = makeNamespace();
  await connection.setNsid({ path: elsewhere }, 33);
  const own = await within('an event', socket.recv());
  assert.deepEqual([nsidOf(own), own?.origin, 'origin' in (own ?? {})], [33, undefined, false]);
  const there = await connect(t, { namespace: { path: elsewhere } });
  await there.setNsid({ path: makeNamespace() }, 44);
  const foreign = await within('an event', socket.recv());
  assert.deepEqual([nsidOf(foreign), foreign?.origin], [44, 33]);
});

test('what another process multicasts is counted and ignored, however long', async (t) => {
  freshTable(t);
  const [socket, connection] = [await listen(t), await connect(t)];
  const forged = encodeMessage({ type: RTM_NEWNSID, payload: encodeNsidMessage({ family: 0, nsid: 7 }) });
  const foreign = new ForeignSender(t);
  foreign.multicast(forged, RTNLGRP_NSID);
  foreign.multicast(new Uint8Array(100_000), RTNLGRP_NSID);
  foreign.multicast(new Uint8Array(1), RTNLGRP_NSID);
  await connection.setNsid({ path: makeNamespace() }, 4);
  assert.equal(nsidOf(socket.tryRecv()), 4);
  foreign.multicast(forged, RTNLGRP_NSID);
  const waiting = socket.recv();
  await connection.setNsid({ path: makeNamespace() }, 5);
  assert.equal(nsidOf(await within('the event', waiting)), 5);
  assert.deepEqual(socket.stats(), { received: 2, foreign: 4 });
});

test('send: bytes only, and no more than fit', async (t) => {
  const socket = await openSocket(t);
  for (const bytes of ['text', [1, 2], new ArrayBuffer(4), null])
    assert.throws(() => socket.send(bytes as unknown as Uint8Array), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  assert.throws(() => socket.send(new Uint8Array(64 * 1024 * 1024)), { code: 'EMSGSIZE', syscall: 'send' });
  // A part of a buffer, from where it begins.
  const padded = Buffer.concat([Buffer.alloc(8, 0xff), question(3), Buffer.alloc(8, 0xff)]);
  socket.send(padded.subarray(8, padded.length - 8));
  assert.equal(sequenceOf(socket.tryRecv()), 3);
  assert.equal(socket.tryRecv(), undefined);
});

test('closed while recv waits: all end with undefined, and everything after too', async (t) => {
  await openSocket(t);
  await withoutLeak(async () => {
    const socket = await NetlinkSocket.open();
    const waiting = [socket.recv(), socket.recv(), socket.recv()];
    socket.close();
    assert.deepEqual(await within('the end', Promise.all(waiting)), [undefined, undefined, undefined]);
    socket.close();
    assert.equal(await socket.recv(), undefined);
    assert.equal(socket.tryRecv(), undefined);
    socket.ref();
    socket.unref();
  });
});

test('closed with answers that nobody took: none is given any more', async () => {
  const socket = await NetlinkSocket.open();
  socket.send(question(1));
  socket.close();
  assert.equal(socket.tryRecv(), undefined);
  assert.equal(await socket.recv(), undefined);
});

test('used after the close: ERR_NLINK_CLOSED', async () => {
  const socket = await NetlinkSocket.open();
  const { port } = socket;
  socket.close();
  const closed = { name: 'NlinkError', code: 'ERR_NLINK_CLOSED' };
  assert.throws(() => socket.send(question(1)), closed);
  assert.throws(() => socket.addMembership(RTNLGRP_NSID), closed);
  assert.throws(() => socket.dropMembership(RTNLGRP_NSID), closed);
  assert.throws(() => socket.listenAllNamespaces(), closed);
  assert.throws(() => socket.receiveBufferSize, closed);
  assert.equal(socket.port, port);
});

test('await using closes it, also when what it is used for fails', async (t) => {
  await openSocket(t);
  let kept: NetlinkSocket | undefined;
  const use = async (): Promise<void> => {
    await using socket = await NetlinkSocket.open();
    kept = socket;
    throw new Error('in use');
  };
  await withoutLeak(() => assert.rejects(use(), /in use/));
  assert.throws(() => kept?.send(question(1)), { code: 'ERR_NLINK_CLOSED' });
});
