/**
 * The kernel's queues overflow because the event loop was blocked, that of names (inotify), that of
 * ids (netlink) or both: what differs is told, then `resynced` once, with what was lost. Right
 * after it the events come to what a watcher opened anew finds.
 */
import { strict as assert } from 'node:assert';
import { writeFileSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { smallBuffer } from '../../support/small-buffer.ts';
import { assignAll, destroyAll } from '../../support/standstill.ts';
import { describe } from '../../support/unified-model.ts';
import { UnifiedReplay } from '../../support/unified-replay.ts';

/** More than inotify's queue of 16,384 holds. */
function fillQueue(directory: string): void {
  for (let pair = 0; pair < 10_000; pair++) {
    writeFileSync(`${directory}/storm`, '');
    unlinkSync(`${directory}/storm`);
  }
}

/**
 * Takes events up to the first `resynced`, and fails if they do not come to what is, at once.
 * @returns those before, without the storm's
 */
async function untilResynced(replay: UnifiedReplay, ...lost: string[]): Promise<string[]> {
  const told = await replay.until(['resynced', ...lost].join(' '));
  const fresh = await replay.fresh();
  assert.deepEqual(replay.model.describe(), fresh, 'the events do not come to what is');
  assert.deepEqual(describe(replay.watcher.namespaces()), fresh);
  const rest = told.slice(0, -1).filter((line) => !line.includes('storm'));
  assert(!rest.some((line) => line.startsWith('resynced')), 'resynced twice');
  return rest;
}

interface Place {
  directory: string;
  paths: string[];
  replay: UnifiedReplay;
}

/** Namespaces that are watched, the first half with their number as id. */
async function place(t: TestContext, count: number): Promise<Place> {
  freshTable(t);
  const directory = netnsDirectory();
  const paths = Array.from({ length: count }, (_, index) => `${directory}/n${index}`);
  for (const path of paths) addNamespace(path);
  const replay = await UnifiedReplay.open(t, { directory }, smallBuffer());
  await assignAll(replay.connection, paths.slice(0, 5));
  await replay.tells(...[0, 1, 2, 3, 4].map((nsid) => `assigned #${nsid} n${nsid}`));
  return { directory, paths, replay };
}

test('ids are lost: assignments, ends', async (t) => {
  const { paths, replay } = await place(t, 60);
  await assignAll(replay.connection, paths.slice(5), 5);
  const told = await untilResynced(replay, 'nsids');
  assert.deepEqual(
    told.toSorted(),
    paths
      .slice(5)
      .map((_, index) => `assigned #${index + 5} n${index + 5}`)
      .toSorted(),
  );
  await destroyAll(replay.connection, paths, paths.keys());
  const ends = await replay.settleAt();
  assert.equal(ends.filter((line) => line.startsWith('deleted ') && line.endsWith(' dead')).length, 60);
  assert.equal(ends.filter((line) => line.startsWith('destroyed ')).length, 60);
  assert.equal(ends.filter((line) => line.startsWith('resynced')).length, 1);
  assert.equal(ends.length, 121);
});

// Fails if each loss is told on its own although they are made good together, and if resynced comes
// before what differs.
test('names and ids are lost at once: one resynced for both', async (t) => {
  const { directory, paths, replay } = await place(t, 60);
  fillQueue(directory);
  await assignAll(replay.connection, paths.slice(5), 5);
  addNamespace(`${directory}/late`);
  await replay.connection.setNsid({ path: `${directory}/late` }, 1000);
  await destroyAll(replay.connection, paths.slice(0, 3), [0, 1, 2]);
  const told = await untilResynced(replay, 'names', 'nsids');
  assert.deepEqual(
    told.toSorted(),
    [
      ...[0, 1, 2].flatMap((nsid) => [`deleted n${nsid} dead`, `destroyed #${nsid} n${nsid}`]),
      ...paths.slice(5).map((_, index) => `assigned #${index + 5} n${index + 5}`),
      'created late',
      'assigned #1000 late',
    ].toSorted(),
  );
  assert.deepEqual(await replay.settle(), []);
  const event = replay.events.at(-1);
  assert.deepEqual(event, { type: 'resynced', lost: ['names', 'nsids'], complete: true });
  const { overflows, resyncs, nsids } = replay.watcher.stats();
  assert.deepEqual([overflows, resyncs, nsids?.overflows, nsids?.resyncs], [1, 1, 1, 1]);
  deleteNamespace(`${directory}/late`);
  await replay.tells('deleted late dead', 'destroyed #1000 late');
});

test('names alone are lost', async (t) => {
  const { directory, paths, replay } = await place(t, 8);
  fillQueue(directory);
  for (const path of paths.slice(0, 2)) deleteNamespace(path);
  addNamespace(`${directory}/late`);
  const told = await replay.until('resynced names');
  const rest = [...told, ...(await replay.settleAt(2, 3, 4))].filter((line) => !line.includes('storm'));
  assert.deepEqual(rest.toSorted(), [
    'created late',
    'deleted n0 dead',
    'deleted n1 dead',
    'destroyed #0 n0',
    'destroyed #1 n1',
    'resynced names',
  ]);
});
