/**
 * A full receive buffer (ENOBUFS): told once, by whoever receives next; what was kept comes after
 * it, in order; and when that is read to its end the socket hears again.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { decodeNsidEvents, NetlinkSocket, RTNLGRP_NSID } from '../../src/netlink/index.ts';
import type { Connection } from '../../src/netlink/index.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

const lost = { code: 'ENOBUFS', syscall: 'recvmmsg' };

interface Scene {
  socket: NetlinkSocket;
  connection: Connection;
  /**
   * Assigns ids from `first` on, many more than the socket has room for. The event loop does not
   * turn meanwhile.
   */
  flood: (first: number) => Promise<void>;
}

/** A socket with a buffer that holds some ten notifications. */
async function setScene(t: TestContext): Promise<Scene> {
  freshTable(t);
  const connection = await connect(t);
  const socket = await NetlinkSocket.open({ receiveBufferSize: 4096 });
  t.after(() => socket.close());
  socket.addMembership(RTNLGRP_NSID);
  const flood = async (first: number): Promise<void> => {
    const paths = makeNamespaces(30);
    for (const [index, path] of paths.entries()) await connection.setNsid({ path }, first + index);
  };
  return { socket, connection, flood };
}

const nsidOf = (bytes: Uint8Array | undefined): number | undefined =>
  bytes && decodeNsidEvents(bytes)[0]?.nsid;

/** What is left in the socket. */
function drain(socket: NetlinkSocket): (number | undefined)[] {
  const ids: (number | undefined)[] = [];
  for (let datagram = socket.tryRecv(); datagram !== undefined; datagram = socket.tryRecv())
    ids.push(nsidOf(datagram.bytes));
  return ids;
}

/** Fails unless these are the first ones of a flood, and not all. */
function assertOldest(ids: readonly (number | undefined)[], first: number): void {
  assert.ok(ids.length > 0 && ids.length < 30, `${ids.length} kept`);
  assert.deepEqual(
    ids,
    ids.map((_, index) => first + index),
  );
}

test('recv rejects once, then gives the oldest, then waits for what is new', async (t) => {
  const { socket, connection, flood } = await setScene(t);
  for (const first of [0, 100, 200]) {
    await flood(first);
    await assert.rejects(socket.recv(), lost);
    const kept = [nsidOf((await socket.recv())?.bytes), ...drain(socket)];
    assertOldest(kept, first);
    const waiting = socket.recv();
    await connection.setNsid({ path: makeNamespace() }, first + 50);
    assert.equal(nsidOf((await within('what is new', waiting))?.bytes), first + 50);
  }
  assert.equal(socket.tryRecv(), undefined);
});

test('tryRecv throws once', async (t) => {
  const { socket, flood } = await setScene(t);
  await flood(0);
  assert.throws(() => socket.tryRecv(), lost);
  assertOldest(drain(socket), 0);
});

test('of several waiting readers the first gets the event, the next what was kept, the rest what is new', async (t) => {
  const { socket, connection, flood } = await setScene(t);
  for (const first of [0, 100]) {
    const waiting = Array.from({ length: 30 }, () => socket.recv());
    let settled = 0;
    for (const call of waiting) {
      const count = (): number => settled++;
      call.then(count, count);
    }
    await flood(first);
    await assert.rejects(within('the loss', waiting[0] as Promise<unknown>), lost);
    await setImmediate();
    const kept = await Promise.all(waiting.slice(1, settled));
    assertOldest(
      kept.map((datagram) => nsidOf(datagram?.bytes)),
      first,
    );
    for (let nsid = first + settled; nsid < first + 30; nsid++) {
      await connection.setNsid({ path: makeNamespace() }, nsid + 30);
      const datagram = await within('what is new', waiting[nsid - first] as (typeof waiting)[0]);
      assert.equal(nsidOf(datagram?.bytes), nsid + 30);
    }
    assert.equal(socket.tryRecv(), undefined);
  }
});
