/**
 * A consumer that lags: what waits, waits in the kernel. Never more than `bufferSize` events are
 * held, memory stays flat, and nothing is lost that the kernel could hold.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { collectGarbage } from '../../support/gc.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { waitFor } from '../../support/wait.ts';

/** What the heap holds, in bytes. */
async function heap(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

function makeAndDelete(path: string): void {
  writeFileSync(path, '');
  unlinkSync(path);
}

// Fails if the queue takes what comes, and if the records are read before there is room for their
// events.
test('holds bufferSize events that nobody takes, and leaves the rest in the kernel', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, bufferSize: 10 });
  const { watcher } = replay;
  const before = await heap();
  for (let pair = 0; pair < 6000; pair++) makeAndDelete(`${directory}/storm-${pair}`);
  await waitFor('the pause', () => watcher.stats().paused);
  const { records, pauses } = watcher.stats();
  assert.equal(pauses, 1);
  // One batch was read; the others come when they are asked for.
  for (let pair = 0; pair < 1000; pair++) makeAndDelete(`${directory}/more-${pair}`);
  await setTimeout(50);
  assert.deepEqual(
    { records: watcher.stats().records, buffered: watcher.stats().buffered },
    { records, buffered: 10 },
  );
  assert(records < 3000, `${records} records were read for 10 events`);
  const grown = (await heap()) - before;
  assert(grown < 500_000, `the heap has grown by ${grown} bytes`);
  assert.equal((await replay.settle()).length, 14_000);
  assert.equal(watcher.stats().overflows, 0);
  assert.equal(watcher.stats().paused, false);
});

for (const bufferSize of [1, 2, 100]) {
  // Fails if reading does not go on when there is room again.
  test(`emits all events to a consumer that takes a millisecond each, bufferSize ${bufferSize}`, async (t) => {
    const directory = netnsDirectory();
    const replay = await Replay.open(t, { directory, bufferSize, readyTimeout: 0 });
    const pairs = 400;
    const script = `
      for i in $(seq ${pairs}); do : > storm-$i; unlink storm-$i; done
      : > last`;
    const child = spawn('sh', ['-ec', script], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
    let most = 0;
    for (let taken = 0; taken < 2 * pairs + 1; taken++) {
      await replay.next();
      await setTimeout(1);
      most = Math.max(most, replay.watcher.stats().buffered);
    }
    if (child.exitCode === null) await once(child, 'exit');
    assert.equal(child.exitCode, 0);
    assert.deepEqual(await replay.settle(), []);
    assert(most <= bufferSize, `${most} were held`);
    assert.equal(replay.watcher.stats().overflows, 0);
    if (bufferSize === 1) assert(replay.watcher.stats().pauses > 0);
  });
}

test('converges with bufferSize 1 after ten times what the kernel can hold', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, bufferSize: 1, readyTimeout: 0 });
  addNamespace(`${directory}/first`);
  const before = await heap();
  for (let round = 0; round < 20; round++) {
    for (let pair = 0; pair < 4000; pair++) makeAndDelete(`${directory}/storm`);
    // The event loop goes round between, and one event is taken.
    await replay.next();
  }
  addNamespace(`${directory}/last`);
  assert.equal(replay.watcher.stats().buffered, 1);
  const grown = (await heap()) - before;
  assert(grown < 500_000, `the heap has grown by ${grown} bytes`);
  const told = await replay.settle();
  assert.equal(told.at(-1), 'resynced (overflow)');
  assert.deepEqual([...replay.model.names.keys()], ['first', 'last']);
});

// Fails if the events that wait are kept after they were taken, or what reports a pause is never
// let go.
test('keeps memory flat over many events', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, bufferSize: 1 });
  const { watcher } = replay;
  const round = async (): Promise<void> => {
    for (let pair = 0; pair < 2000; pair++) makeAndDelete(`${directory}/storm-${pair}`);
    for (let taken = 0; taken < 4000; taken++) await watcher.recv();
  };
  await round();
  const before = await heap();
  for (let times = 0; times < 10; times++) await round();
  const grown = (await heap()) - before;
  assert(grown < 500_000, `the heap has grown by ${grown} bytes`);
  assert.equal(watcher.stats().events, 44_000);
});
