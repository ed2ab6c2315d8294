/**
 * Listening needs no privilege: an ordinary user is told what root is told, and makes losses good
 * as well. What does need some says which.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { deleteNamespace } from '../../support/netns.ts';
import { range } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { assignAll, destroyAll, takeOver } from '../../support/block-event-loop.ts';
import { still } from '../../support/sigstop.ts';
import { follow, subscribeProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';

/** A subscriber of an ordinary user. */
function subscribe(t: TestContext, options: object = {}): () => Promise<Line> {
  return follow(t, spawnOrdinary(subscribeProgram, JSON.stringify(options)));
}

// Fails if asking about an id, listing them, or the receive buffer takes a right.
test('an ordinary user sees what root sees', async (t) => {
  freshTable(t);
  const [a = '', b = '', c = ''] = makeNamespaces(3);
  const connection = await connect(t);
  await connection.setNsid({ path: a }, 7);
  const next = subscribe(t);
  assert.deepEqual(await next(), { type: 'open', nsids: [7] });
  const replay = await NsidReplay.open(t);
  await replay.assign(b, 2);
  deleteNamespace(a);
  await takeOver(connection, c, 7);
  const paths = makeNamespaces(50);
  await assignAll(connection, paths, 100);
  await destroyAll(connection, paths, range(100, 50));
  await replay.settleAt(2, 7);
  assert.equal(replay.events.length, 1 + 2 + 100);
  for (const event of replay.events) assert.deepEqual(await next(), event);
});

test('an ordinary user gets the differences after a loss', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const paths = makeNamespaces(40);
  await assignAll(connection, paths);
  const next = subscribe(t, { receiveBufferSize: 4096 });
  assert.deepEqual((await next()).nsids, range(0, 40));
  await still(async () => {
    await destroyAll(connection, paths.slice(0, 30), range(0, 30));
    await connection.setNsid({ path: makeNamespace() }, 100);
  });
  for (const nsid of range(0, 30)) assert.deepEqual(await next(), { type: 'delNsid', nsid });
  assert.deepEqual(await next(), { type: 'newNsid', nsid: 100 });
  assert.deepEqual(await next(), { type: 'resynced', reason: 'overflow', complete: true });
});

test('an ordinary user may not enter another namespace: EPERM, and what it takes', async (t) => {
  freshTable(t);
  const next = subscribe(t, { namespace: { path: makeNamespace() } });
  const { message, ...rest } = await next();
  assert.deepEqual(rest, { type: 'error', code: 'EPERM', syscall: 'setns' });
  assert.match(message ?? '', /needs CAP_SYS_ADMIN/);
});

// Fails if it goes there before it knows that it can come back.
test('who could enter but not return is refused before', async (t) => {
  freshTable(t);
  const options = JSON.stringify({ namespace: { path: '/proc/self/ns/net' } });
  const next = follow(t, spawn('unshare', ['-Ur', process.execPath, subscribeProgram, options]));
  const { type, code } = await next();
  assert.deepEqual([type, code], ['error', 'ERR_NLINK_NO_RETURN']);
});
