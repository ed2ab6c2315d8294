/**
 * What the kernel tells a subscribed connection: everything that happens to ids, in order, and
 * nothing else.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { encodeMessage, encodeNsidMessage, RTM_NEWNSID, RTNLGRP_NSID } from '../../src/netlink/index.ts';
import type { Connection, ConnectionOptions, NamespaceNetlinkEvent } from '../../src/netlink/index.ts';
import { ForeignSender } from '../support/foreign.ts';
import { deleteNamespace, freshRun, ip, ipAsync, spawnHolder } from '../support/netns.ts';
import { atPaths, connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

async function subscribe(t: TestContext, options: ConnectionOptions = {}): Promise<Connection> {
  const connection = await connect(t, options);
  await connection.subscribeNamespaceEvents();
  return connection;
}

const next = (connection: Connection): Promise<NamespaceNetlinkEvent | undefined> =>
  within('an event', connection.recv());

const created = (nsid: number) => ({ type: 'newNsid', nsid });
const removed = (nsid: number) => ({ type: 'delNsid', nsid });

/**
 * Fails if there was an event that nobody has taken: the next one must be of an id that is assigned
 * now.
 */
async function assertQuiet(connection: Connection, nsid: number): Promise<void> {
  await connection.setNsid({ path: makeNamespace() }, nsid);
  assert.deepEqual(await next(connection), created(nsid));
  assert.equal(connection.tryRecv(), undefined);
}

test('ip netns set: the id, chosen or not; ip netns add, exec and del alone: nothing', async (t) => {
  freshTable(t);
  freshRun(t);
  const connection = await subscribe(t);
  for (const name of ['a', 'b', 'c']) await ipAsync('netns', 'add', name);
  await ipAsync('netns', 'exec', 'a', 'true');
  await ipAsync('netns', 'set', 'a', '5');
  assert.deepEqual(await next(connection), created(5));
  await ipAsync('netns', 'set', 'b', 'auto');
  assert.deepEqual(await next(connection), created(0));
  await ipAsync('netns', 'del', 'c');
  assert.equal(await connection.getNsid('a'), 5);
  await assertQuiet(connection, 77);
});

test('a device whose other end moves into a namespace: an id in each of the two tables', async (t) => {
  freshTable(t);
  freshRun(t);
  ip('netns', 'add', 'there');
  const [here, there] = [await subscribe(t), await subscribe(t, { namespace: 'there' })];
  await ipAsync('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  await ipAsync('link', 'set', 'v1', 'netns', 'there');
  assert.deepEqual(await next(here), created(0));
  assert.deepEqual(await next(there), created(0));
  assert.equal(await here.getNsid('there'), 0);
  assert.equal(await there.getNsid({ pid: process.pid }), 0);
  await assertQuiet(here, 10);
  await assertQuiet(there, 20);
});

test('a namespace ends: emitted in every table in which it had an nsid', async (t) => {
  freshTable(t);
  const [one, two, elsewhere] = makeNamespaces(3) as [string, string, string];
  const [here, there] = [await subscribe(t), await subscribe(t, { namespace: { path: elsewhere } })];
  await here.setNsid({ path: one }, 4);
  await there.setNsid({ path: one }, 9);
  await here.setNsid({ path: two }, 5);
  assert.deepEqual(
    [await next(here), await next(here), await next(there)],
    [created(4), created(5), created(9)],
  );
  deleteNamespace(one);
  assert.deepEqual(await next(here), removed(4));
  assert.deepEqual(await next(there), removed(9));
  deleteNamespace(two);
  assert.deepEqual(await next(here), removed(5));
  await assertQuiet(there, 30);
});

test('a namespace that is held by a process or a descriptor ends when the last one lets go', async (t) => {
  freshTable(t);
  const path = makeNamespace();
  const holder = await spawnHolder(t, path);
  const connection = await subscribe(t);
  await connection.setNsid({ path }, 6);
  assert.deepEqual(await next(connection), created(6));
  const fd = openSync(path, 'r');
  deleteNamespace(path);
  await assertQuiet(connection, 60);
  assert.equal(await connection.getNsid({ pid: holder.pid }), 6);
  await holder.end();
  await assertQuiet(connection, 61);
  assert.equal(await connection.getNsid({ fd }), 6);
  closeSync(fd);
  assert.deepEqual(await next(connection), removed(6));
});

test('an id that is free again goes to the next one', async (t) => {
  freshTable(t);
  const connection = await subscribe(t);
  for (let round = 0; round < 20; round++) {
    const path = makeNamespace();
    assert.equal(await connection.setNsid({ path }, 'auto'), 0);
    assert.deepEqual(await next(connection), created(0));
    deleteNamespace(path);
    assert.deepEqual(await next(connection), removed(0));
  }
});

test('many at once: assigned in order, and each end emitted once', async (t) => {
  freshTable(t);
  const connection = await subscribe(t);
  const paths = makeNamespaces(200);
  for (const [nsid, path] of paths.entries()) await connection.setNsid({ path }, nsid);
  for (let nsid = 0; nsid < 200; nsid++) assert.deepEqual(await next(connection), created(nsid));
  for (const path of paths) deleteNamespace(path);
  const ended: number[] = [];
  while (ended.length < 200) {
    const event = await next(connection);
    assert.ok(event?.type === 'delNsid');
    ended.push(event.nsid);
  }
  // The kernel keeps no order among those that end together.
  assert.deepEqual(
    ended.toSorted((a, b) => a - b),
    paths.map((_, nsid) => nsid),
  );
  await assertQuiet(connection, 500);
});

// Fails if an answer is taken for an event, or an event for an answer.
test('queries in between are answered and events emitted, whichever comes first', async (t) => {
  freshTable(t);
  const connection = await subscribe(t);
  const paths = makeNamespaces(60);
  const told: (NamespaceNetlinkEvent | undefined)[] = [];
  const waiting = Array.from({ length: 30 }, async () => told.push(await connection.recv()));
  for (const [nsid, path] of paths.entries()) {
    assert.equal(await connection.getNsid({ path }), null);
    assert.equal(await connection.setNsid({ path }, nsid), nsid);
    assert.equal(await connection.getNsid({ path }), nsid);
    assert.deepEqual(await connection.getNsids(atPaths([path, '/missing-too', path])), [
      nsid,
      (await missing(connection))[0],
      nsid,
    ]);
    assert.equal((await connection.listNsids()).entries.length, nsid + 1);
    // Lets those who wait have what is there by now, for some of the time.
    if (nsid % 7 === 0) await new Promise(setImmediate);
  }
  await within('those who wait', Promise.all(waiting));
  for (let event = connection.tryRecv(); event !== undefined; event = connection.tryRecv()) told.push(event);
  assert.deepEqual(
    told,
    paths.map((_, nsid) => created(nsid)),
  );
});

const missing = (connection: Connection) => connection.getNsids(atPaths(['/missing-too']));

test('every subscriber gets each event once from its subscription on, however often it subscribed', async (t) => {
  freshTable(t);
  const [early, late] = [await subscribe(t), await connect(t)];
  const [a, b, c] = makeNamespaces(3) as [string, string, string];
  await early.setNsid({ path: a }, 1);
  await late.subscribeNamespaceEvents();
  await late.subscribeNamespaceEvents();
  await late.setNsid({ path: b }, 2);
  assert.deepEqual([await next(early), await next(early)], [created(1), created(2)]);
  await late.setNsid({ path: c }, 3);
  assert.deepEqual(await next(late), created(2));
  await late.subscribeNamespaceEvents();
  assert.deepEqual(await next(late), created(3));
  assert.equal(late.tryRecv(), undefined);
});

test('ignores what another process multicasts', async (t) => {
  freshTable(t);
  const connection = await subscribe(t);
  const forged = encodeMessage({ type: RTM_NEWNSID, payload: encodeNsidMessage({ family: 0, nsid: 7 }) });
  new ForeignSender(t).multicast(forged, RTNLGRP_NSID);
  await assertQuiet(connection, 8);
});
