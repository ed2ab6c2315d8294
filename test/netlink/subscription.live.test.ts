/** The life of a subscription: before it, its losses, and each of its ends. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Connection, RTNLGRP_NSID } from '../../src/netlink/index.ts';
import type { NamespaceNetlinkEvent } from '../../src/netlink/index.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { ForeignSender } from '../support/foreign.ts';
import { atPaths, connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

const created = (nsid: number) => ({ type: 'newNsid', nsid });

/** A subscribed connection whose receive buffer holds some ten notifications. */
async function openSmall(): Promise<Connection> {
  const SOL_SOCKET = 1;
  const real = netlinkSystem();
  const system = {
    ...real,
    // The only option of this level that is set is the size of the receive buffer.
    setOption: (fd: number, level: number, option: number, value: number) =>
      real.setOption(fd, level, option, level === SOL_SOCKET ? 4096 : value),
  };
  const connection = await Connection.open({}, system);
  await connection.subscribeNamespaceEvents();
  return connection;
}

test('after a burst: drops what waited, reports one loss, then emits what is new', async (t) => {
  freshTable(t);
  const connection = await openSmall();
  t.after(() => connection.close());
  for (const first of [0, 100, 200]) {
    const paths = makeNamespaces(30);
    for (const [index, path] of paths.entries()) await connection.setNsid({ path }, first + index);
    assert.deepEqual(await within('the loss', connection.recv()), { type: 'overrun', reason: 'overflow' });
    assert.equal(connection.tryRecv(), undefined);
    // The truth is not lost, and can be asked for over the same connection.
    assert.deepEqual(
      await connection.getNsids(atPaths(paths)),
      paths.map((_, index) => first + index),
    );
    await connection.setNsid({ path: makeNamespace() }, first + 50);
    assert.deepEqual(await within('an event', connection.recv()), created(first + 50));
  }
});

test('a burst while several wait: the loss to the first, what is new to the others', async (t) => {
  freshTable(t);
  const connection = await openSmall();
  t.after(() => connection.close());
  const waiting = Array.from({ length: 3 }, () => connection.recv());
  for (const [nsid, path] of makeNamespaces(30).entries()) await connection.setNsid({ path }, nsid);
  assert.deepEqual(await within('the loss', waiting[0] as Promise<unknown>), {
    type: 'overrun',
    reason: 'overflow',
  });
  for (const nsid of [51, 52]) {
    await connection.setNsid({ path: makeNamespace() }, nsid);
    assert.deepEqual(await within('an event', waiting[nsid - 50] as Promise<unknown>), created(nsid));
  }
});

test('a flood from another process fills the buffer: a loss, and nothing of the flood', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await connection.subscribeNamespaceEvents();
  const foreign = new ForeignSender(t);
  // More than the 8 MiB that it has.
  for (let round = 0; round < 200; round++) foreign.multicast(new Uint8Array(100_000), RTNLGRP_NSID);
  await connection.setNsid({ path: makeNamespace() }, 1);
  assert.deepEqual(await within('the loss', connection.recv()), { type: 'overrun', reason: 'overflow' });
  await connection.setNsid({ path: makeNamespace() }, 2);
  assert.deepEqual(await within('an event', connection.recv()), created(2));
});

test('a thousand that nobody takes wait in the kernel', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await connection.subscribeNamespaceEvents();
  for (const [nsid, path] of makeNamespaces(1000).entries()) await connection.setNsid({ path }, nsid);
  for (let nsid = 0; nsid < 1000; nsid++) assert.deepEqual(connection.tryRecv(), created(nsid));
  assert.equal(connection.tryRecv(), undefined);
});

test('calls of recv are served in order', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await connection.subscribeNamespaceEvents();
  const waiting = Array.from({ length: 20 }, () => connection.recv());
  for (const [nsid, path] of makeNamespaces(20).entries()) await connection.setNsid({ path }, nsid);
  assert.deepEqual(
    await within('twenty events', Promise.all(waiting)),
    waiting.map((_, nsid) => created(nsid)),
  );
});

test('asked for without a subscription: ERR_NLINK_CONSUMER, and it can be made good', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const refused = { name: 'NlinkError', code: 'ERR_NLINK_CONSUMER', message: /subscribeNamespaceEvents/ };
  assert.throws(() => connection.tryRecv(), refused);
  await assert.rejects(connection.recv(), refused);
  await connection.subscribeNamespaceEvents();
  await connection.setNsid({ path: makeNamespace() }, 3);
  assert.deepEqual(await within('an event', connection.recv()), created(3));
});

/** Ways to leave a loop. */
const ways: Record<string, (event: NamespaceNetlinkEvent) => boolean> = {
  break: () => false,
  throw: () => {
    throw new Error('thrown in the loop');
  },
};

for (const [name, goOn] of Object.entries(ways)) {
  test(`leaving the loop closes the connection: ${name}`, async (t) => {
    freshTable(t);
    (await connect(t)).close();
    const path = makeNamespace();
    await withoutLeak(async () => {
      const connection = await Connection.open();
      await connection.subscribeNamespaceEvents();
      await connection.setNsid({ path }, 1);
      const loop = (async () => {
        for await (const event of connection) if (!goOn(event)) break;
      })();
      if (name === 'throw') await assert.rejects(within('the loop', loop), /thrown in the loop/);
      else await within('the loop', loop);
      assert.equal(await connection.recv(), undefined);
      assert.equal(connection.tryRecv(), undefined);
      await assert.rejects(connection.getNsid({ pid: process.pid }), { code: 'ERR_NLINK_CLOSED' });
    });
  });
}

test('closed while a loop and others wait: all of them end', async (t) => {
  freshTable(t);
  (await connect(t)).close();
  await withoutLeak(async () => {
    const connection = await Connection.open();
    await connection.subscribeNamespaceEvents();
    const events: NamespaceNetlinkEvent[] = [];
    const loop = (async () => {
      for await (const event of connection) events.push(event);
    })();
    const waiting = [connection.recv(), connection.recv()];
    await new Promise(setImmediate);
    connection.close();
    await within('the loop', loop);
    assert.deepEqual(await within('the others', Promise.all(waiting)), [undefined, undefined]);
    assert.deepEqual(events, []);
    connection.close();
    connection.ref();
    connection.unref();
    await connection[Symbol.asyncDispose]();
  });
});

test('closed before: queries nothing, emits nothing', async () => {
  const connection = await Connection.open();
  connection.close();
  const closed = { name: 'NlinkError', code: 'ERR_NLINK_CLOSED' };
  await assert.rejects(connection.subscribeNamespaceEvents(), closed);
  await assert.rejects(connection.getNsid({ pid: process.pid }), closed);
  await assert.rejects(connection.setNsid({ pid: process.pid }, 'auto'), closed);
  await assert.rejects(connection.listNsids(), closed);
  assert.equal(await connection.recv(), undefined);
});
