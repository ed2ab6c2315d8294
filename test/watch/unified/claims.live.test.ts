/**
 * Whose an id is, where it changed hands while nobody read. An id is used again at once: a
 * namespace that says it is its own may be the second or third that has it, while the watcher still
 * has to hear of the first. Each owner's story is told to its end.
 */
import '../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { freshTable, makeNamespace } from '../../support/nsids.ts';
import { assignAll, takeOver } from '../../support/block-event-loop.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

/** A watched directory in a namespace whose table of ids is empty, and the path of a name in it. */
async function place(t: TestContext): Promise<{ path: string; replay: UnifiedReplay }> {
  freshTable(t);
  const directory = netnsDirectory();
  return { path: `${directory}/a`, replay: await UnifiedReplay.open(t, { directory }) };
}

/** A namespace without a name in the watched directory gets the id 5, and is gone again. */
async function passBy(replay: UnifiedReplay): Promise<void> {
  const elsewhere = makeNamespace();
  await takeOver(replay.connection, elsewhere, 5);
  deleteNamespace(elsewhere);
}

/** It goes as it came, with the id. */
async function ends(replay: UnifiedReplay, path: string): Promise<void> {
  deleteNamespace(path);
  assert.deepEqual(await replay.settleAt(), ['deleted a dead', 'destroyed #5 a']);
}

// Fails if the new owner is taken for the old one, which it is told as freed with then.
test('the id of a namespace without a name goes to a new name', async (t) => {
  const { path, replay } = await place(t);
  const elsewhere = makeNamespace();
  await replay.connection.setNsid({ path: elsewhere }, 5);
  await replay.tells('assigned #5');
  deleteNamespace(elsewhere);
  addNamespace(path);
  await takeOver(replay.connection, path, 5);
  assert.deepEqual(await replay.settleAt(5), ['destroyed #5', 'created a', 'assigned #5 a']);
  await ends(replay, path);
});

// Fails if the id's first beginning is told as that of who has it by now.
test('a namespace without a name comes and goes; its id goes to a new name', async (t) => {
  const { path, replay } = await place(t);
  await passBy(replay);
  await passBy(replay);
  addNamespace(path);
  await takeOver(replay.connection, path, 5);
  const passed = ['assigned #5', 'destroyed #5'];
  assert.deepEqual(await replay.settleAt(5), ['created a', ...passed, ...passed, 'assigned #5 a']);
  await ends(replay, path);
});

test('a namespace without a name comes and goes; its id goes to a name that is there', async (t) => {
  const { path, replay } = await place(t);
  addNamespace(path);
  await replay.tells('created a');
  await passBy(replay);
  await takeOver(replay.connection, path, 5);
  assert.deepEqual(await replay.settleAt(5), ['assigned #5', 'destroyed #5', 'assigned #5 a']);
  await ends(replay, path);
});

test('one name is made, given the same id and deleted, over and over', async (t) => {
  const { path, replay } = await place(t);
  for (let round = 0; round < 3; round++) {
    if (round > 0) deleteNamespace(path);
    addNamespace(path);
    await takeOver(replay.connection, path, 5);
  }
  const fleeting = ['created a (vanished)', 'deleted a'];
  const passed = ['assigned #5', 'destroyed #5'];
  assert.deepEqual(await replay.settleAt(5), [
    ...fleeting,
    ...fleeting,
    'created a',
    ...passed,
    ...passed,
    'assigned #5 a',
  ]);
  await ends(replay, path);
});

// Fails if what names say is worth nothing while more waits than a batch or two.
test('many nsids are assigned while nobody reads: each is emitted with its name', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const names = Array.from({ length: 1500 }, (_, index) => `n${index}`);
  for (const name of names) addNamespace(`${directory}/${name}`);
  const replay = await UnifiedReplay.open(t, { directory });
  // The oldest first, which are asked last.
  const paths = names.map((name) => `${directory}/${name}`);
  await assignAll(replay.connection, paths);
  const told = await replay.settle();
  const expected = names.map((name, index) => `assigned #${index} ${name}`);
  assert.deepEqual(told.toSorted(), expected.toSorted());
});
