/**
 * The kernel's queue (16,384 records) overflows because the event loop was blocked: the loss is
 * noticed, what differs is told, then `resynced`, and the watcher goes on. What the overflow
 * swallows may be anything, the end of the directory among it.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

/** Makes and deletes a file so often that the queue is full, and the event loop gets no turn. */
function fillQueue(directory: string, pairs = 20_000): void {
  const path = `${directory}/storm`;
  for (let pair = 0; pair < pairs; pair++) {
    writeFileSync(path, '');
    unlinkSync(path);
  }
}

interface Place {
  directory: string;
  replay: Replay;
}

/** A watched directory with the names `early`, `stays`, `swapped` and `unmounted`. */
async function place(t: TestContext): Promise<Place> {
  const directory = `${netnsDirectory()}/netns`;
  mkdirSync(directory);
  for (const name of ['early', 'stays', 'swapped', 'unmounted']) addNamespace(`${directory}/${name}`);
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true, readyTimeout: 300 });
  return { directory, replay };
}

/** The events of names other than the storm's. */
const others = (told: string[]): string[] => told.filter((line) => !line.includes(' storm'));

// Fails if IN_Q_OVERFLOW is ignored, and if resynced comes before what differs.
test('emits what differs and then one resynced event after 20,000 creations and deletions', async (t) => {
  const { directory, replay } = await place(t);
  fillQueue(directory);
  // All of these are lost.
  deleteNamespace(`${directory}/early`);
  addNamespace(`${directory}/late`);
  deleteNamespace(`${directory}/swapped`);
  addNamespace(`${directory}/swapped`);
  unmountNamespace(`${directory}/unmounted`);
  addNamespace(`${directory}/fleeting`);
  deleteNamespace(`${directory}/fleeting`);
  const told = others(await replay.settle());
  assert.equal(told.at(-1), 'resynced (overflow)');
  assert.deepEqual(told.toSorted(), [
    'created late',
    'created swapped',
    'deleted early',
    'deleted swapped',
    'resynced (overflow)',
    'unmounted unmounted',
  ]);
  const { overflows, resyncs, records } = replay.watcher.stats();
  assert.deepEqual({ overflows, resyncs }, { overflows: 1, resyncs: 1 });
  assert(records >= 16_384 && records < 40_000);
  addNamespace(`${directory}/after`);
  deleteNamespace(`${directory}/stays`);
  assert.deepEqual((await replay.settle()).toSorted(), ['created after', 'deleted stays']);
});

// Fails if resynced does not wait for names that the reading found not ready.
test('emits resynced after the names that were not ready yet', async (t) => {
  const { directory, replay } = await place(t);
  fillQueue(directory, 10_000);
  writeFileSync(`${directory}/stray`, '');
  writeFileSync(`${directory}/mounted`, '');
  const told = others(await replay.until('resynced (overflow)'));
  assert.deepEqual(told.toSorted(), [
    'created mounted (timeout)',
    'created stray (timeout)',
    'resynced (overflow)',
  ]);
  mountNamespace(`${directory}/mounted`);
  assert.deepEqual(await replay.settle(), ['mounted mounted']);
});

// Fails if the watch is believed to stand after a loss: the overflow swallows IN_DELETE_SELF and
// IN_IGNORED.
test('follows a directory that goes while the queue is full, and comes back later', async (t) => {
  const { directory, replay } = await place(t);
  fillQueue(directory, 10_000);
  for (const name of ['early', 'stays', 'swapped', 'unmounted']) deleteNamespace(`${directory}/${name}`);
  rmdirSync(directory);
  const told = others(await replay.settle());
  assert.deepEqual(told.slice(-2), ['directoryDeleted', 'resynced (overflow)']);
  assert.equal(told.length, 6);
  assert.equal(replay.watcher.isWatchingNetns, false);
  mkdirSync(directory);
  addNamespace(`${directory}/x`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created x']);
});

test('follows a directory that is removed and made again while the queue is full', async (t) => {
  const { directory, replay } = await place(t);
  fillQueue(directory, 10_000);
  for (const name of ['early', 'stays', 'swapped', 'unmounted']) deleteNamespace(`${directory}/${name}`);
  rmdirSync(directory);
  mkdirSync(directory);
  addNamespace(`${directory}/stays`);
  const told = others(await replay.settle());
  assert.deepEqual(told.slice(-4), [
    'directoryDeleted',
    'directoryCreated',
    'created stays',
    'resynced (overflow)',
  ]);
  addNamespace(`${directory}/x`);
  assert.deepEqual(await replay.settle(), ['created x']);
});

test('follows a directory that comes while records of its parent fill the queue', async (t) => {
  const root = netnsDirectory();
  const directory = `${root}/netns`;
  const replay = await Replay.open(t, { directory, emitDirectoryEvents: true });
  fillQueue(root, 10_000);
  mkdirSync(directory);
  addNamespace(`${directory}/x`);
  assert.deepEqual(await replay.settle(), ['directoryCreated', 'created x', 'resynced (overflow)']);
});

// Fails if the records behind the sign of a loss are believed: a second loss gives none while the
// first still waits in the queue.
test('emits one resynced event for two overflows of which the kernel reports one', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, bufferSize: 1, readyTimeout: 0 });
  fillQueue(directory, 10_000);
  // One batch is read, and makes room for as many records.
  await replay.next();
  const names = Array.from({ length: 4000 }, (_, index) => `${directory}/x${index}`);
  for (const name of names) writeFileSync(name, '');
  for (const name of names) unlinkSync(name);
  addNamespace(`${directory}/late`);
  const told = others(await replay.settle());
  assert.deepEqual(told.filter((line) => !line.includes(' x')).toSorted(), [
    'created late',
    'resynced (overflow)',
  ]);
  assert.equal(told.at(-1), 'resynced (overflow)');
});

test('emits a resynced event for each of three overflows', async (t) => {
  const { directory, replay } = await place(t);
  for (let round = 1; round <= 3; round++) {
    fillQueue(directory, 10_000);
    addNamespace(`${directory}/x${round}`);
    assert.deepEqual(others(await replay.settle()), [`created x${round}`, 'resynced (overflow)']);
    assert.equal(replay.watcher.stats().overflows, round);
  }
});
