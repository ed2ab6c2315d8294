/**
 * All ids of a namespace: every one of them, or a list that says it may be short, however many
 * there are and however they lie.
 */
import { strict as assert } from 'node:assert';
import { before, test } from 'node:test';
import { Connection, encodeRtGenMsg, RTM_GETNSID } from '../../src/netlink/index.ts';
import type { ListNsidsOptions, NsidListing } from '../../src/netlink/index.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { deleteNamespace } from '../support/netns.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { waitFor } from '../support/wait.ts';

const MANY = 3000;

/** The same for all tests, each of which has a table of its own. */
let paths: string[] = [];
before(() => {
  paths = makeNamespaces(MANY);
});

const path = (index: number): string => paths[index] as string;

/** Gives namespaces, from the first on, these ids. */
async function assign(connection: Connection, ids: Iterable<number>, first = 0): Promise<void> {
  let index = first;
  for (const nsid of ids) await connection.setNsid({ path: path(index++) }, nsid);
}

/** Whether the kernel's own dump lacks ids (Linux 6.10 and later). */
async function isCutOff(connection: Connection, count: number): Promise<boolean> {
  const { messages } = await connection.dump({ type: RTM_GETNSID, payload: encodeRtGenMsg({ family: 0 }) });
  return messages.length < count;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, nsid) => nsid);
const ids = ({ entries }: NsidListing): number[] => entries.map(({ nsid }) => nsid);

test('none, and a few, in ascending order', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  assert.deepEqual(await connection.listNsids(), { entries: [], complete: true });
  await assign(connection, [70, 3, 2 ** 31 - 1, 0, 8, 100_000, 4, 5, 6, 7]);
  assert.deepEqual(await connection.listNsids(), {
    entries: [0, 3, 4, 5, 6, 7, 8, 70, 100_000, 2 ** 31 - 1].map((nsid) => ({ nsid, current: nsid })),
    complete: true,
  });
});

test('two hundred, and those that are gone are not among them', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await assign(connection, upTo(200));
  const listing = await connection.listNsids();
  assert.deepEqual([ids(listing), listing.complete], [upTo(200), true]);
  // Also where it is the first that a connection is asked: the kernel makes its datagrams as large
  // as what was received into before.
  assert.deepEqual(await (await connect(t)).listNsids(), listing);
  const doomed = makeNamespace();
  await connection.setNsid({ path: doomed }, 200);
  assert.deepEqual(ids(await connection.listNsids()), upTo(201));
  deleteNamespace(doomed);
  await waitFor('the end of the namespace', async () => ids(await connection.listNsids()).length === 200);
});

// The sizes at which one of the kernel's buffers is full: 4 kB, 8 kB and 32 kB.
test('never short without saying so, at every number of ids around a full buffer', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  let assigned = 0;
  for (const [from, to] of [
    [100, 150],
    [250, 300],
    [1120, 1180],
  ] as const) {
    await assign(connection, upTo(from).slice(assigned), assigned);
    for (assigned = from; assigned < to; assigned++) {
      const listing = await connection.listNsids();
      // They follow one another, so that those beyond the dump are found.
      assert.deepEqual(ids(listing), upTo(assigned));
      if (assigned <= 1100) assert.equal(listing.complete, true);
      assert.equal(listing.reason, listing.complete ? undefined : 'dump-truncated');
      await connection.setNsid({ path: path(assigned) }, assigned);
    }
  }
  assert.equal((await connection.listNsids()).complete, !(await isCutOff(connection, assigned)));
});

test('a kernel that was short of memory and took a small buffer is asked again', async (t) => {
  freshTable(t);
  await assign(await connect(t), upTo(200));
  const real = netlinkSystem();
  let receives = 0;
  const system: NetlinkSystem = {
    ...real,
    // It takes the same one for the first dump of a socket that has received into small buffers
    // only.
    receive: (fd, into) => real.receive(fd, ++receives === 1 ? into.subarray(0, 512) : into),
  };
  await using connection = await Connection.open({}, system);
  const listing = await connection.listNsids();
  assert.deepEqual([ids(listing), listing.complete], [upTo(200), true]);
});

test('three thousand', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await assign(connection, upTo(MANY));
  const listing = await connection.listNsids();
  assert.deepEqual(ids(listing), upTo(MANY));
  assert.deepEqual(listing.entries[2999], { nsid: 2999, current: 2999 });
  assert.equal(listing.complete, !(await isCutOff(connection, MANY)));
});

test('beyond what the dump holds: known ids are found, and those that follow closely', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await assign(connection, [...upTo(1200), 2000, 1_000_000, 2 ** 31 - 1]);
  const far = [1_000_000, 2 ** 31 - 1];
  const near = [...upTo(1200), 2000];
  const cutOff = await isCutOff(connection, 1203);
  const listing = await connection.listNsids();
  assert.deepEqual([ids(listing), listing.complete], [cutOff ? near : [...near, ...far], !cutOff]);
  // Known: in the dump, beyond it, not assigned at all, twice.
  const known = [5, 1_000_000, 77_777_777, 1_000_000, 2 ** 31 - 1];
  const more = await connection.listNsids({ known });
  assert.deepEqual([ids(more), more.complete], [[...near, ...far], !cutOff]);
  // From any iterable, and many more than are asked for together.
  const many = await connection.listNsids({
    known: new Set(Array.from({ length: 500 }, (_, i) => 999_900 + i)),
  });
  assert.deepEqual(ids(many), [...near, ...far.slice(0, cutOff ? 1 : 2)]);
});

test('known ids that are not assigned do not show up', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await assign(connection, [1, 2]);
  const listing = await connection.listNsids({ known: [0, 1, 2, 3] });
  assert.deepEqual([ids(listing), listing.complete], [[1, 2], true]);
});

test('a target: its ids, and those that the same namespaces have here', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const there = await connect(t, { namespace: { path: path(0) } });
  await connection.setNsid({ path: path(0) }, 50);
  assert.deepEqual(await connection.listNsids({ target: 50 }), { entries: [], complete: true });
  await assign(there, [7, 8, 9], 1);
  await there.setNsid({ pid: process.pid }, 0);
  await connection.setNsid({ path: path(2) }, 60);
  await connection.setNsid({ path: path(4) }, 61);
  assert.deepEqual(await connection.listNsids({ target: 50 }), {
    entries: [
      // This namespace itself, which has no id in its own table.
      { nsid: 0, current: null },
      { nsid: 7, current: null },
      { nsid: 8, current: 60 },
      { nsid: 9, current: null },
    ],
    complete: true,
  });
  // The other way round the target cannot be asked for: it is no id there.
  await assert.rejects(there.listNsids({ target: 50 }), { code: 'EINVAL' });
  const back = await there.listNsids({ target: 0 });
  assert.deepEqual(back.entries, [
    { nsid: 50, current: null },
    { nsid: 60, current: 8 },
    { nsid: 61, current: null },
  ]);
});

test('a target with more ids than the dump holds: a list that says that it may be short', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const there = await connect(t, { namespace: { path: path(MANY - 1) } });
  await connection.setNsid({ path: path(MANY - 1) }, 5);
  // Ids of this namespace have no place in the list of another.
  await connection.setNsid({ path: path(0) }, 1500);
  await connection.setNsid({ path: path(1) }, 950);
  await assign(there, upTo(880));
  const whole = await connection.listNsids({ target: 5 });
  assert.deepEqual([ids(whole), whole.complete], [upTo(880), true]);
  for (let count = 880; count < 930; count++) {
    const listing = await connection.listNsids({ target: 5 });
    if (listing.complete) assert.equal(listing.entries.length, count);
    else assert.equal(listing.reason, 'dump-truncated');
    assert.deepEqual(ids(listing), upTo(listing.entries.length));
    await there.setNsid({ path: path(count) }, count);
  }
  await assign(there, upTo(1200).slice(930), 930);
  const { entries, complete } = await connection.listNsids({ target: 5 });
  assert.equal(complete, entries.length === 1200);
  assert.equal(complete, !(await isCutOff(there, 1200)));
});

test('a target that is no id here: EINVAL', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await assert.rejects(connection.listNsids({ target: 5 }), {
    name: 'NetlinkError',
    code: 'EINVAL',
    syscall: 'RTM_GETNSID',
    text: 'Invalid target network namespace id',
    message: /not an nsid of this namespace/,
  });
  assert.deepEqual(await connection.listNsids(), { entries: [], complete: true });
});

test('refuses an invalid list of nsids before it sends anything', async () => {
  const connection = await Connection.open();
  // Whatever would be sent now would be refused with another code.
  connection.close();
  const cases: [unknown, RegExp][] = [
    [null, /^options must be/],
    [5, /^options must be/],
    [{ target: -1 }, /^target must be a whole number from 0 to 2147483647/],
    [{ target: 1.5 }, /^target/],
    [{ target: '5' }, /^target/],
    [{ target: null }, /^target/],
    [{ known: 5 }, /^known must be an iterable of nsids/],
    [{ known: null }, /^known/],
    [{ known: '12' }, /^known/],
    [{ known: {} }, /^known/],
    [{ known: [0, -1] }, /^known\[1\] must be/],
    [{ known: [2 ** 31] }, /^known\[0\]/],
  ];
  for (const [options, message] of cases) {
    const refused = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT', message };
    await assert.rejects(connection.listNsids(options as ListNsidsOptions), refused);
  }
  await assert.rejects(connection.listNsids(), { code: 'ERR_NLINK_CLOSED' });
});
