/**
 * `allNamespaces`: the tables of all namespaces that have an id here are listened to as well, and
 * their events say whose they are. Each table has ids of its own: the same number in two of them
 * means two namespaces.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NLM_F_DUMP } from '../../../src/netlink/index.ts';
import type { Connection } from '../../../src/netlink/index.ts';
import { NLMSG_HDRLEN } from '../../../src/netlink/message.ts';
import { RTGENMSG_SIZE } from '../../../src/netlink/nsid-message.ts';
import { littleEndian } from '../../../src/sys/endian.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { AtOnce } from './same-tick.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { range } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { assignAll, destroyAll } from '../../support/block-event-loop.ts';
import { still } from '../../support/sigstop.ts';
import { follow, subscribeProgram } from '../../support/watching.ts';

const ALL = { allNamespaces: true };
const RESYNCED = 'resynced (overflow)';

/** Whether a request asks for a list. */
const isDump = (bytes: Uint8Array): boolean =>
  (new DataView(bytes.buffer, bytes.byteOffset).getUint16(6, littleEndian) & NLM_F_DUMP) === NLM_F_DUMP;

/**
 * Another namespace with an id here, and a connection in it, which is closed with the test or
 * before.
 */
async function other(
  t: TestContext,
  here: Connection,
  nsid: number | null,
): Promise<{ path: string; inside: Connection }> {
  const path = makeNamespace();
  if (nsid !== null) await here.setNsid({ path }, nsid);
  return { path, inside: await connect(t, { namespace: { path } }) };
}

// Fails if the control message is not looked at, so that ids of different tables are mixed up.
test('events of a namespace that has an id here say so; own ones do not; one without an id is silent', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, ALL);
  const plain = await NsidReplay.open(t);
  const a = await other(t, replay.connection, 10);
  const b = await other(t, replay.connection, null);
  const [x = '', y = '', z = ''] = makeNamespaces(3);
  await a.inside.setNsid({ path: x }, 5);
  await b.inside.setNsid({ path: x }, 6);
  await replay.assign(y, 5);
  await replay.assign(b.path, 20);
  await b.inside.setNsid({ path: y }, 5);
  await a.inside.setNsid({ path: z }, 0);
  assert.deepEqual(await replay.settleAt(5, 10, 20), [
    'new 10',
    'new 5 in 10',
    'new 5',
    'new 20',
    'new 5 in 20',
    'new 0 in 10',
  ]);
  assert.deepEqual(replay.events.slice(1, 3), [
    { type: 'newNsid', nsid: 5, origin: 10 },
    { type: 'newNsid', nsid: 5 },
  ]);
  // Who did not ask for them hears none of them.
  assert.deepEqual(await plain.settleAt(5, 10, 20), ['new 10', 'new 5', 'new 20']);
});

// Fails if one end is taken for the other, or if the second is dropped as told already.
test('one destruction: one end in each table that had an id for it', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, ALL);
  const a = await other(t, replay.connection, 10);
  const b = await other(t, replay.connection, 20);
  const x = makeNamespace();
  await replay.assign(x, 5);
  await a.inside.setNsid({ path: x }, 5);
  await b.inside.setNsid({ path: x }, 7);
  await replay.settleAt(5, 10, 20);
  deleteNamespace(x);
  const told = await replay.barrier();
  assert.deepEqual(told.toSorted(), ['del 5', 'del 5 in 10', 'del 7 in 20']);
});

// Fails if ids of a namespace that is gone are kept, and mistaken for those of the next one that
// gets its id.
test('a namespace ends, and its table with it: another one gets its id', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, ALL);
  const a = await other(t, replay.connection, 10);
  const x = makeNamespace();
  await a.inside.setNsid({ path: x }, 5);
  assert.deepEqual(await replay.settleAt(10), ['new 10', 'new 5 in 10']);
  a.inside.close();
  deleteNamespace(a.path);
  assert.deepEqual(await replay.until('del 10'), ['del 10']);
  const b = await other(t, replay.connection, 10);
  await b.inside.setNsid({ path: x }, 5);
  assert.deepEqual(await replay.settleAt(10), ['new 10', 'new 5 in 10']);
  deleteNamespace(x);
  assert.deepEqual(await replay.until('del 5 in 10'), ['del 5 in 10']);
});

test('with the option namespace: the others are those that have an id there', async (t) => {
  freshTable(t);
  const here = await NsidReplay.open(t, ALL);
  const a = await other(t, here.connection, 10);
  const there = await NsidReplay.open(t, { ...ALL, namespace: { path: a.path } });
  const b = await other(t, there.connection, 4);
  const x = makeNamespace();
  await b.inside.setNsid({ path: x }, 5);
  await here.assign(x, 6);
  assert.deepEqual(await there.settleAt(4), ['new 4', 'new 5 in 4']);
  // Ids do not go on from one to the next: b has none here.
  assert.deepEqual(await here.settleAt(6, 10), ['new 10', 'new 4 in 10', 'new 6']);
});

// Fails if only the own table is listed again after a loss.
test('after an overflow: emits the end of nsids of other namespaces that are gone', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { ...ALL, receiveBufferSize: 4096 });
  const a = await other(t, replay.connection, 10);
  const b = await other(t, replay.connection, 20);
  const paths = makeNamespaces(8);
  await assignAll(a.inside, paths.slice(0, 4));
  assert.equal((await replay.settleAt(10, 20)).length, 6);
  await assignAll(b.inside, paths.slice(4));
  assert.equal((await replay.settleAt(10, 20)).length, 4);

  await assignAll(replay.connection, makeNamespaces(30), 100);
  await destroyAll(a.inside, paths.slice(1, 4), range(1, 3));
  await destroyAll(b.inside, paths.slice(4, 5), [0]);
  const told = await replay.until(RESYNCED);
  assert.deepEqual(told.filter((line) => line.includes(' in ')).toSorted(), [
    'del 0 in 20',
    'del 1 in 10',
    'del 2 in 10',
    'del 3 in 10',
  ]);
  assert.equal(told.length, 30 + 4 + 1);
  // What is left of them is known as before.
  await destroyAll(a.inside, paths.slice(0, 1), [0]);
  assert.deepEqual(await replay.until('del 0 in 10'), ['del 0 in 10']);
});

test('a namespace ends in the overflow: emits the end of its nsid, and nothing more of its table', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { ...ALL, receiveBufferSize: 4096 });
  const a = await other(t, replay.connection, 10);
  const x = makeNamespace();
  await a.inside.setNsid({ path: x }, 5);
  await replay.settleAt(10);
  a.inside.close();
  await destroyAll(replay.connection, [a.path], [10]);
  await assignAll(replay.connection, makeNamespaces(30), 100);
  const told = await replay.until(RESYNCED);
  assert.deepEqual(told.slice(0, 1), ['del 10']);
  assert.equal(told.length, 1 + 30 + 1);
  const b = await other(t, replay.connection, 10);
  await b.inside.setNsid({ path: x }, 5);
  assert.deepEqual(await replay.until('new 5 in 10'), ['new 10', 'new 5 in 10']);
});

// Fails if the end that a listing found is told once more by the notification of it, which came in
// between.
test('an nsid of another namespace is freed just before its table is listed: emits one end', async (t) => {
  freshTable(t);
  const real = netlinkSystem();
  const hook = { beforeListing: () => {} };
  const system: NetlinkSystem = {
    ...real,
    send(fd, bytes, length) {
      // Only a dump of another table has an attribute.
      if (isDump(bytes) && length > NLMSG_HDRLEN + RTGENMSG_SIZE) hook.beforeListing();
      return real.send(fd, bytes, length);
    },
  };
  const replay = await NsidReplay.open(
    t,
    { ...ALL, receiveBufferSize: 4096 },
    { system, clock: systemClock },
  );
  const a = await other(t, replay.connection, 10);
  const x = makeNamespace();
  const inA = new AtOnce(t, { namespace: { path: a.path } });
  inA.assign(x, 5);
  assert.deepEqual(await replay.settleAt(10), ['new 10', 'new 5 in 10']);
  let listings = 0;
  hook.beforeListing = () => {
    if (listings++ === 0) inA.destroy(x, 5);
  };
  await assignAll(replay.connection, makeNamespaces(30), 100);
  const told = await replay.until(RESYNCED);
  assert.equal(listings, 1);
  told.push(...(await replay.barrier()));
  assert.deepEqual(
    told.filter((line) => line.includes(' in ')),
    ['del 5 in 10'],
  );
});

test('without CAP_NET_BROADCAST: EPERM, and what it takes', async (t) => {
  freshTable(t);
  const next = follow(t, spawnOrdinary(subscribeProgram, JSON.stringify(ALL)));
  const { message, ...rest } = await next();
  assert.deepEqual(rest, { type: 'error', code: 'EPERM', syscall: 'setsockopt' });
  assert.match(
    message ?? '',
    /needs CAP_NET_BROADCAST in the user namespace that owns this network namespace/,
  );
});

// To be told of another table takes less than to ask for it. Fails if a refusal after a loss ends
// the subscriber.
test('without CAP_NET_ADMIN: emits events of the others, and goes on after a loss although it may not list them', async (t) => {
  freshTable(t);
  const here = await connect(t);
  const a = await other(t, here, 10);
  const options = JSON.stringify({ ...ALL, receiveBufferSize: 4096 });
  const child = spawn('setpriv', ['--bounding-set=-net_admin', process.execPath, subscribeProgram, options]);
  const next = follow(t, child);
  assert.deepEqual(await next(), { type: 'open', nsids: [10] });
  const [x = '', y = '', ...paths] = makeNamespaces(32);
  await a.inside.setNsid({ path: x }, 5);
  assert.deepEqual(await next(), { type: 'newNsid', nsid: 5, origin: 10 });
  await still(() => assignAll(here, paths, 100));
  for (const nsid of range(100, 30)) assert.deepEqual(await next(), { type: 'newNsid', nsid });
  assert.deepEqual(await next(), { type: 'resynced', reason: 'overflow', complete: true });
  await a.inside.setNsid({ path: y }, 6);
  assert.deepEqual(await next(), { type: 'newNsid', nsid: 6, origin: 10 });
  await destroyAll(a.inside, [x], [5]);
  assert.deepEqual(await next(), { type: 'delNsid', nsid: 5, origin: 10 });
});
