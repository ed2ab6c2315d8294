/**
 * A consumer that lags: what waits, waits in the kernel. Never more than `bufferSize` events are
 * held, memory stays flat, and nothing is lost that the kernel could hold.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { collectGarbage } from '../../support/gc.ts';
import { range } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { assignAll, destroyAll } from '../../support/block-event-loop.ts';
import { waitFor } from '../../support/wait.ts';

/**
 * Few enough for the receive buffer that an ordinary user gets by default: it holds 512
 * notifications.
 */
const COUNT = 400;

/** What the heap holds, in bytes. */
async function heap(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

// Fails if the queue takes what comes, and if notifications are read before there is room for their
// events.
test('nobody takes the events: bufferSize of them are held, the rest waits in the kernel', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { bufferSize: 10 });
  const { subscriber } = replay;
  const paths = makeNamespaces(COUNT);
  await assignAll(replay.connection, paths.slice(0, 200));
  await waitFor('the pause', () => subscriber.stats().paused);
  const { datagrams, pauses } = subscriber.stats();
  assert.equal(pauses, 1);
  // One batch was read; the others come when they are asked for.
  await assignAll(replay.connection, paths.slice(200), 200);
  await setTimeout(50);
  const { buffered, ...stats } = subscriber.stats();
  assert.deepEqual({ datagrams: stats.datagrams, buffered }, { datagrams, buffered: 10 });
  assert(datagrams <= 64, `${datagrams} notifications were read for 10 events`);
  assert.deepEqual(
    await replay.settleAt(...range(0, COUNT)),
    range(0, COUNT).map((nsid) => `new ${nsid}`),
  );
  const { overflows, resyncs, paused } = subscriber.stats();
  assert.deepEqual({ overflows, resyncs, paused }, { overflows: 0, resyncs: 0, paused: false });
});

for (const bufferSize of [1, 2, 100]) {
  // Fails if reading does not go on when there is room again, or an end is forgotten whose id was
  // asked about.
  test(`a consumer who takes a millisecond an event, bufferSize ${bufferSize}: all emitted`, async (t) => {
    freshTable(t);
    const replay = await NsidReplay.open(t, { bufferSize });
    const paths = makeNamespaces(200);
    await assignAll(replay.connection, paths);
    await destroyAll(replay.connection, paths.slice(100), range(100, 100));
    let most = 0;
    for (let taken = 0; taken < 300; taken++) {
      await replay.next();
      await setTimeout(1);
      most = Math.max(most, replay.subscriber.stats().buffered);
    }
    assert.deepEqual(await replay.settleAt(...range(0, 100)), []);
    assert(most <= bufferSize, `${most} were held`);
    const { overflows, resyncs, pauses } = replay.subscriber.stats();
    assert.deepEqual({ overflows, resyncs }, { overflows: 0, resyncs: 0 });
    if (bufferSize === 1) assert(pauses > 0);
  });
}

test('bufferSize 1 and many times what the kernel can hold: resynced, and the state converges', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { bufferSize: 1, receiveBufferSize: 4096 });
  const { subscriber } = replay;
  const rounds = 12;
  const before = await heap();
  for (let round = 0; round < rounds; round++) {
    const paths = makeNamespaces(50);
    await assignAll(replay.connection, paths, 50 * round);
    await destroyAll(replay.connection, paths.slice(1), range(50 * round + 1, 49));
    // The event loop goes round between, and one event is taken.
    await replay.next();
    assert(subscriber.stats().buffered <= 1);
  }
  const grown = (await heap()) - before;
  assert(grown < 1_000_000, `the heap has grown by ${grown} bytes`);
  await replay.settleAt(...range(0, rounds).map((round) => 50 * round));
  assert(subscriber.stats().resyncs > 0);
  assert.equal(replay.told.at(-1), 'resynced (overflow)');
  await replay.assign(makeNamespace(), 5000);
  assert.deepEqual(await replay.until('new 5000'), ['new 5000']);
});

// Fails if events are kept after they were taken, or if what was asked about an id is.
test('memory stays flat over many events', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { bufferSize: 1 });
  const { subscriber, connection } = replay;
  const round = async (): Promise<void> => {
    const paths = makeNamespaces(100);
    await assignAll(connection, paths);
    await destroyAll(connection, paths, range(0, 100));
    for (let taken = 0; taken < 200; taken++) await subscriber.recv();
  };
  await round();
  await round();
  const before = await heap();
  for (let times = 0; times < 10; times++) await round();
  const grown = (await heap()) - before;
  assert(grown < 500_000, `the heap has grown by ${grown} bytes`);
  const { events, overflows } = subscriber.stats();
  assert.deepEqual({ events, overflows }, { events: 2400, overflows: 0 });
});

test('tryRecv takes what is there, and never waits', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { bufferSize: 1 });
  const { subscriber, connection } = replay;
  assert.equal(subscriber.tryRecv(), undefined);
  await assignAll(connection, makeNamespaces(100));
  for (const nsid of range(0, 100)) assert.deepEqual(subscriber.tryRecv(), { type: 'newNsid', nsid });
  assert.equal(subscriber.tryRecv(), undefined);
  // As long as nobody asked, it is not told either.
  await replay.assign(makeNamespace(), 500);
  assert.deepEqual(subscriber.nsids(), range(0, 100));
  assert.deepEqual(subscriber.tryRecv(), { type: 'newNsid', nsid: 500 });
});
