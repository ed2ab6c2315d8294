/**
 * Notifications of ids are lost, and among them that an id went from one name to another: the
 * listing after the loss shows the same id as before, so only its owner can tell. Who has it, and
 * whose end is whose, must be right all the same.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { freshTable, makeNamespaces } from '../../support/nsids.ts';
import { smallBuffer } from '../../support/small-buffer.ts';
import { assignAll, takeOver } from '../../support/standstill.ts';
import { UnifiedReplay } from '../../support/unified-replay.ts';

test('ids are lost, and one went from a name to another one', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const replay = await UnifiedReplay.open(t, { directory }, smallBuffer());
  addNamespace(`${directory}/a`);
  await assignAll(replay.connection, [`${directory}/a`]);
  await replay.tells('created a', 'assigned #0 a');
  await assignAll(replay.connection, makeNamespaces(40), 5000);
  deleteNamespace(`${directory}/a`);
  addNamespace(`${directory}/heir`);
  await takeOver(replay.connection, `${directory}/heir`, 0);
  await replay.until('resynced nsids');
  await replay.settle();
  const owners = replay.watcher.namespaces().filter(({ nsid }) => nsid === 0);
  assert.deepEqual(
    owners.map(({ names }) => names.map(({ name }) => name)),
    [['heir']],
  );
  deleteNamespace(`${directory}/heir`);
  assert.deepEqual(await replay.until('destroyed #0 heir'), ['deleted heir dead', 'destroyed #0 heir']);
});
