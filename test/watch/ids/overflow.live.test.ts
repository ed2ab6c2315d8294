/**
 * The kernel's receive buffer overflows because the event loop was blocked: what waits is dropped,
 * for it has a gap; what differs is told, then `resynced`, and the subscriber goes on. Right after
 * `resynced` the events come to what is.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { AtOnce } from './same-tick.ts';
import { range, summary } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { assignAll, destroyAll, takeOver } from '../../support/block-event-loop.ts';

/** Holds about ten notifications. */
const SMALL = { receiveBufferSize: 4096 };

/** More than that. */
const BURST = 25;

const RESYNCED = 'resynced (overflow)';

/**
 * Takes events up to `resynced` and fails if they do not come to what is, at once. @returns a
 * summary of those before it
 */
async function untilResynced(replay: NsidReplay): Promise<string[]> {
  const told = await replay.until(RESYNCED);
  const { entries } = await replay.connection.listNsids();
  const fresh = entries.map(({ nsid }) => nsid);
  assert.deepEqual(replay.subscriber.nsids(), fresh);
  assert.deepEqual(
    [...replay.model.ids].sort((a, b) => a - b),
    fresh,
  );
  return summary(told.slice(0, -1));
}

/** Fails if the subscriber does not hear what comes now. */
async function checkAlive(replay: NsidReplay, nsid = 1_000_000): Promise<void> {
  await replay.assign(makeNamespace(), nsid);
  assert.deepEqual(await replay.until(`new ${nsid}`), [`new ${nsid}`]);
}

// Fails if ENOBUFS is passed over, if the socket is not read empty and stays congested, and if
// resynced comes before what differs.
test('assignments are lost: emits each once, then one resynced', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, SMALL);
  await assignAll(replay.connection, makeNamespaces(300));
  assert.deepEqual(await untilResynced(replay), ['new 0-299']);
  const { overflows, resyncs, complete } = replay.subscriber.stats();
  assert.deepEqual({ overflows, resyncs, complete }, { overflows: 1, resyncs: 1, complete: true });
  assert.deepEqual(replay.events.at(-1), { type: 'resynced', reason: 'overflow', complete: true });
  await checkAlive(replay);
});

test('ends are lost', async (t) => {
  freshTable(t);
  const paths = makeNamespaces(300);
  await assignAll(await connect(t), paths);
  const replay = await NsidReplay.open(t, SMALL);
  assert.equal(replay.snapshot.length, 300);
  await destroyAll(replay.connection, paths.slice(10), range(10, 290));
  assert.deepEqual(await untilResynced(replay), ['del 10-299']);
  await checkAlive(replay);
});

// What changed hands meanwhile looks the same as before, and a namespace that came and went is not
// there: neither is told.
test('assignments and ends are lost, changes of hands among them', async (t) => {
  freshTable(t);
  const paths = makeNamespaces(100);
  const replay = await NsidReplay.open(t, SMALL);
  await assignAll(replay.connection, paths.slice(0, 5));
  assert.equal((await replay.settleAt(...range(0, 5))).length, 5);
  await assignAll(replay.connection, paths.slice(5), 5);
  assert.deepEqual(await untilResynced(replay), ['new 5-99']);

  await assignAll(replay.connection, makeNamespaces(50), 1000);
  await destroyAll(replay.connection, paths.slice(1, 40), range(1, 39));
  const fleeting = makeNamespace();
  await replay.assign(fleeting, 2000);
  await destroyAll(replay.connection, [fleeting], [2000]);
  const heir = makeNamespace();
  await destroyAll(replay.connection, paths.slice(0, 1), []);
  await takeOver(replay.connection, heir, 0);
  assert.deepEqual(await untilResynced(replay), ['del 1-39', 'new 1000-1049']);
  await destroyAll(replay.connection, [heir], [0]);
  assert.deepEqual(await replay.until('del 0'), ['del 0']);
});

test('again and again: each loss is reported', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, SMALL);
  for (let round = 0; round < 5; round++) {
    const paths = makeNamespaces(50);
    await assignAll(replay.connection, paths, 100 * round);
    assert.deepEqual(await untilResynced(replay), [`new ${100 * round}-${100 * round + 49}`]);
    await destroyAll(replay.connection, paths.slice(1), range(100 * round + 1, 49));
    assert.deepEqual(await untilResynced(replay), [`del ${100 * round + 1}-${100 * round + 49}`]);
    assert.equal(replay.subscriber.stats().resyncs, 2 * round + 2);
  }
  await checkAlive(replay);
});

/**
 * The system calls of a subscriber; `disturb` gets its turn before and after each request that it
 * sends.
 */
function disturbed(): { system: NetlinkSystem; hook: { disturb: () => void } } {
  const hook = { disturb: () => {} };
  const real = netlinkSystem();
  return {
    hook,
    system: {
      ...real,
      send(fd, bytes, length) {
        hook.disturb();
        const result = real.send(fd, bytes, length);
        hook.disturb();
        return result;
      },
    },
  };
}

for (const [what, times] of [
  ['once, before the first question', 1],
  ['for a while', 4],
  ['again and again, so that it has to be done once more', 30],
] as const) {
  // Fails if what is lost during the listing is thought to be in it, or lost without a sign since
  // the socket was not read empty.
  test(`lost again while the ids are listed: ${what}`, async (t) => {
    freshTable(t);
    const { system, hook } = disturbed();
    const replay = await NsidReplay.open(t, SMALL, { system, clock: systemClock });
    const at = new AtOnce(t);
    const paths = makeNamespaces(BURST * (times + 1));
    let bursts = 0;
    const burst = (): void => {
      if (bursts > times) return;
      const first = BURST * bursts++;
      for (const [index, path] of paths.slice(first, first + BURST).entries()) at.assign(path, first + index);
      // And one of those before ends.
      if (first > 0) at.destroy(paths[first - 1] as string, first - 1);
    };
    hook.disturb = burst;
    burst();
    await replay.until(RESYNCED);
    const isLeft = (nsid: number): boolean => nsid % BURST < BURST - 1 || nsid === paths.length - 1;
    const left = [...paths.keys()].filter(isLeft);
    await replay.settleAt(...left);
    const told = replay.told.filter((line) => left.includes(Number(line.split(' ')[1])));
    assert.deepEqual(summary(told), summary(left.map((nsid) => `new ${nsid}`)));
    const resyncs = replay.told.filter((line) => line === RESYNCED).length;
    assert(times < 30 ? resyncs === 1 : resyncs > 1, `${resyncs} times`);
    await checkAlive(replay);
  });
}

// Fails if the socket is not read empty first: until then it loses whatever comes, and does not say
// so again.
test('what comes after the listing is heard, however much waited before it', async (t) => {
  freshTable(t);
  const { system, hook } = disturbed();
  // Holds some 150 notifications, more than one system call receives.
  const replay = await NsidReplay.open(t, { receiveBufferSize: 64 * 1024 }, { system, clock: systemClock });
  const at = new AtOnce(t);
  const late = makeNamespaces(10);
  let next = 1000;
  hook.disturb = () => {
    const path = late.pop();
    if (path !== undefined) at.assign(path, next++);
  };
  await assignAll(replay.connection, makeNamespaces(400));
  await replay.until(RESYNCED);
  while (late.length > 0) hook.disturb();
  await replay.settleAt(...range(0, 400), ...range(1000, 10));
  assert.equal(replay.subscriber.stats().overflows, 1);
});

/**
 * More than a dump's one datagram holds (Linux 6.10 and later: `rtnl_net_dumpid` ends after it).
 */
const MANY = 1200;

// Fails if a dump is believed to be all: since Linux 6.10 it ends after some 1,158 ids, without a
// sign.
test('more ids than a dump holds: those that are known survive, and their end is noticed', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, SMALL);
  const [far = '', farther = ''] = makeNamespaces(2);
  await replay.assign(far, 1_000_000);
  await replay.assign(farther, 2_000_000);
  await replay.settleAt(1_000_000, 2_000_000);
  await assignAll(replay.connection, makeNamespaces(MANY));
  const told = await replay.until(RESYNCED);
  assert.deepEqual(summary(told.slice(0, -1)), [`new 0-${MANY - 1}`]);
  const { complete } = await replay.connection.listNsids();
  t.diagnostic(`the dump is ${complete ? 'complete' : 'cut off'}`);
  assert.deepEqual(replay.events.at(-1), { type: 'resynced', reason: 'overflow', complete });

  // One that is opened now cannot know of the far ones where the dump is cut off; it tells their
  // end all the same.
  const late = await NsidReplay.open(t);
  assert.equal(late.subscriber.stats().complete, complete);
  assert.deepEqual(late.snapshot.slice(0, MANY), range(0, MANY));

  await assignAll(replay.connection, makeNamespaces(20), MANY);
  await destroyAll(replay.connection, [far], [1_000_000]);
  const near = `new ${MANY}-${MANY + 19}`;
  const differs = await replay.until(RESYNCED);
  assert.deepEqual(summary(differs.slice(0, -1)), [near, 'del 1000000']);
  assert.deepEqual(summary(await late.until('del 1000000')), [near, 'del 1000000']);
  await destroyAll(replay.connection, [farther], [2_000_000]);
  assert.deepEqual(await replay.until('del 2000000'), ['del 2000000']);
  assert.deepEqual(await late.until('del 2000000'), ['del 2000000']);
});

/** The kernel cuts off what it writes into an inbox of this size, and says so. */
function withSlots(slotSize: number): NetlinkSystem {
  const system = netlinkSystem();
  const NOTIFICATIONS = 64;
  return {
    ...system,
    takeBuffer: (slots, size) => system.takeBuffer(slots, slots === NOTIFICATIONS ? slotSize : size),
  };
}

// Fails if a notification that was cut off is read, or passed over.
test('notifications are cut off: a loss like any other', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, {}, { system: withSlots(24), clock: systemClock });
  const paths = makeNamespaces(3);
  await assignAll(replay.connection, paths);
  assert.deepEqual(await replay.settleAt(0, 1, 2), ['new 0', 'new 1', 'new 2', 'resynced (truncated)']);
  await destroyAll(replay.connection, paths.slice(0, 2), [0, 1]);
  assert.deepEqual((await replay.settleAt(2)).slice(-1), ['resynced (truncated)']);
  assert.deepEqual(replay.subscriber.stats().overflows, 0);
});
