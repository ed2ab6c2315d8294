/**
 * Notifications of ids are lost because nobody read them; what is told after that comes to what is,
 * whoever has which id by then.
 */
import '../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { assignAll, takeOver } from '../../support/block-event-loop.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

const SOL_SOCKET = 1;
const FLOOD = 30;
const FIRST = 100;

/** Receive buffers that hold about ten notifications. */
function smallBuffers(): UnifiedIo {
  const real = netlinkSystem();
  const setOption: typeof real.setOption = (fd, level, option, value) =>
    real.setOption(fd, level, option, level === SOL_SOCKET ? 4096 : value);
  return { system: { ...real, setOption }, clock: systemClock, diagnosis: new NameDiagnosis() };
}

async function place(t: TestContext): Promise<{ directory: string; replay: UnifiedReplay }> {
  freshTable(t);
  const directory = netnsDirectory();
  return { directory, replay: await UnifiedReplay.open(t, { directory }, smallBuffers()) };
}

/** More than the receive buffer holds, so that what comes now is lost; these stay. */
const flood = (replay: UnifiedReplay): Promise<void> =>
  assignAll(replay.connection, makeNamespaces(FLOOD), FIRST);

/** What is told up to `resynced`, and after it, but for the flood. */
async function told(replay: UnifiedReplay): Promise<string[]> {
  const all = [...(await replay.until('resynced nsids')), ...(await replay.settle())];
  return all.filter((line) => !/^assigned #1\d\d$/.test(line));
}

// Fails if the id is left to the one who had it before, of whose end nobody will be told any more.
test('an id changes hands in what is lost, from one name to another', async (t) => {
  const { directory, replay } = await place(t);
  const [a, b] = [`${directory}/a`, `${directory}/b`];
  addNamespace(a);
  await replay.connection.setNsid({ path: a }, 5);
  await replay.tells('created a', 'assigned #5 a');
  await flood(replay);
  deleteNamespace(a);
  addNamespace(b);
  await takeOver(replay.connection, b, 5);
  const [deleted, ...rest] = await told(replay);
  // Whoever has the id lives: that it is another one cannot be known yet.
  assert.match(deleted as string, /^deleted a/);
  assert.deepEqual(rest, ['created b', 'destroyed #5 a', 'assigned #5 b', 'resynced nsids']);
  deleteNamespace(b);
  await replay.tells('deleted b dead', 'destroyed #5 b');
});

test('an id changes hands in what is lost, from no name to one that was there', async (t) => {
  const { directory, replay } = await place(t);
  const path = `${directory}/b`;
  const elsewhere = makeNamespace();
  addNamespace(path);
  await replay.connection.setNsid({ path: elsewhere }, 5);
  await replay.tells('created b', 'assigned #5');
  await flood(replay);
  deleteNamespace(elsewhere);
  await takeOver(replay.connection, path, 5);
  assert.deepEqual(await told(replay), ['destroyed #5', 'assigned #5 b', 'resynced nsids']);
  deleteNamespace(path);
  await replay.tells('deleted b dead', 'destroyed #5 b');
});
