/**
 * The option `names` of the unified watcher: the inventory holds names that match; the nsids of
 * other namespaces are reported without a name.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

/** Names of the inventory, in order. */
const names = (replay: UnifiedReplay): string[] =>
  replay.watcher
    .namespaces()
    .flatMap((entry) => entry.names.map(({ name }) => name))
    .toSorted();

test('lists and reports names that match; the nsid of another has no name', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  for (const name of ['web-1', 'db-1']) addNamespace(`${directory}/${name}`);
  const replay = await UnifiedReplay.open(t, { directory, names: 'web-*' });
  assert.deepEqual(names(replay), ['web-1']);
  addNamespace(`${directory}/db-2`);
  addNamespace(`${directory}/web-2`);
  await replay.tells('created web-2');
  await replay.connection.setNsid({ path: `${directory}/web-1` }, 5);
  await replay.tells('assigned #5 web-1');
  await replay.connection.setNsid({ path: `${directory}/db-1` }, 6);
  await replay.tells('assigned #6');
  deleteNamespace(`${directory}/db-1`);
  await replay.tells('destroyed #6');
  deleteNamespace(`${directory}/web-1`);
  await replay.tells('deleted web-1 dead', 'destroyed #5 web-1');
  assert.deepEqual(names(replay), ['web-2']);
});

test('a name that does not match keeps the namespace of one that does alive', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/web`);
  addAlias(`${directory}/web`, `${directory}/other`);
  const replay = await UnifiedReplay.open(t, { directory, names: ['web'] });
  await replay.connection.setNsid({ path: `${directory}/web` }, 5);
  await replay.tells('assigned #5 web');
  deleteNamespace(`${directory}/web`);
  await replay.tells('deleted web alive');
  deleteNamespace(`${directory}/other`);
  await replay.tells('destroyed #5 web');
});

test('a rename across the border of the filter, in two directories', async (t) => {
  freshTable(t);
  const directories = [netnsDirectory(), netnsDirectory()];
  for (const directory of directories) writeFileSync(`${directory}/in`, '');
  const replay = await UnifiedReplay.open(t, { directories, names: 'in*', readyTimeout: 0 });
  assert.deepEqual(names(replay), ['in', 'in']);
  renameSync(`${directories[0]}/in`, `${directories[0]}/out`);
  await replay.tells('deleted in');
  renameSync(`${directories[0]}/out`, `${directories[0]}/in-2`);
  await replay.tells('created in-2 (not-a-namespace)');
});

test('after an overflow, and in a directory that replaces another, the filter holds', async (t) => {
  freshTable(t);
  const root = netnsDirectory();
  const [directory, next] = [`${root}/netns`, `${root}/next`];
  for (const path of [directory, next]) mkdirSync(path);
  writeFileSync(`${directory}/web-1`, '');
  for (const name of ['web-3', 'db-3']) writeFileSync(`${next}/${name}`, '');
  const replay = await UnifiedReplay.open(t, { directory, names: 'web-*', readyTimeout: 0 });
  for (let pair = 0; pair < 10_000; pair++) {
    writeFileSync(`${directory}/storm`, '');
    unlinkSync(`${directory}/storm`);
  }
  for (const name of ['web-2', 'db-2']) writeFileSync(`${directory}/${name}`, '');
  await replay.tells('created web-2 (not-a-namespace)', 'resynced names');
  renameSync(directory, `${root}/old`);
  renameSync(next, directory);
  await replay.tells('deleted web-1', 'deleted web-2', 'created web-3 (not-a-namespace)');
});
