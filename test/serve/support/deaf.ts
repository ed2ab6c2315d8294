/** Many clients that read nothing, while namespaces come and go. */
import { strict as assert } from 'node:assert';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { STALL } from '../../../src/serve/events/client.ts';
import { addNamespace, deleteNamespace, freshRun, ip } from '../../support/netns.ts';
import { waitFor } from '../../support/wait.ts';
import { HttpReplay } from './http-replay.ts';
import { deafClient, EventClient, served } from './served.ts';
import { StreamReader } from './stream-reader.ts';

/** Of this process, which is the server and its clients. */
const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
/** Far less than if each held its own: a snapshot alone is some hundred kB. */
const MOST_MORE = 80 * 1024 * 1024;

/** @param untilCut waits for those who take nothing to be cut off: half a minute, and until a ping */
export async function serveDeaf(
  t: TestContext,
  count: number,
  listen: string,
  untilCut: boolean,
): Promise<void> {
  freshRun(t);
  ip('netns', 'add', 'first');
  const named = (at: number): string => `/run/netns/n${at}`;
  const there = 200;
  for (let at = 0; at < there; at++) addNamespace(named(at));
  const { place, server, watcher, json, get } = await served(t, {
    clients: count + 1,
    ringEvents: 500,
    listen,
  });
  const replay = new HttpReplay();
  const reader = new StreamReader(replay.snapshot, replay.event);
  const client = new EventClient(place, reader);
  await client.connect();
  await waitFor('a snapshot', () => reader.snapshots === 1);
  const before = memory();
  const deaf: Socket[] = [];
  for (let at = 0; at < count; at++) deaf.push(await deafClient(place));
  t.after(() => {
    for (const socket of deaf) socket.destroy();
  });
  await waitFor('all of them', () => server.clients === count + 1);
  assert.match((await get('/v1/events')).text, /"type":"busy"/);
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < there; at++) {
      deleteNamespace(named(at));
      addNamespace(named(at));
      if (at % 20 === 0) await new Promise(setImmediate);
    }
  }
  const last = 'the one who reads to have it all';
  const isEqual = async (): Promise<boolean> => {
    // It shares a thread with all of them, and may have been too slow.
    if (client.isClosed) await client.connect();
    const now = new HttpReplay();
    now.snapshot({ namespaces: await json('/v1/namespaces'), links: await json('/v1/links') });
    return now.describe().join('\n') === replay.describe().join('\n');
  };
  await waitFor(last, isEqual);
  const { pauses, overflows } = watcher.stats();
  assert.deepEqual([pauses, overflows], [0, 0], 'the watcher was disturbed');
  const more = memory() - before;
  const left = server.clients - 1;
  t.diagnostic(`${count} clients that read nothing: ${Math.round(more / 1024)} kB more, ${left} left`);
  assert.ok(more < MOST_MORE, `${more}`);
  // A Unix socket holds little: it is full.
  if (!untilCut || !listen.startsWith('unix:')) return;
  await setTimeout(STALL);
  await waitFor('those who take nothing to be cut off', () => server.clients === 1);
}
