/** One who follows the events by HTTP while links and names come and go, cut off again and again. */
import { strict as assert } from 'node:assert';
import { setTimeout } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { ip } from '../../support/netns.ts';
import { Random } from '../../support/random.ts';
import { waitFor } from '../../support/wait.ts';
import { operate, startOperations } from '../../watch/links/support/link-operations.ts';
import { freshHost } from '../../watch/links/support/link-story.ts';
import { HttpReplay } from './http-replay.ts';
import { EventClient, served } from './served.ts';
import { StreamReader } from './stream-reader.ts';

/** @returns how often it began with a snapshot */
export async function cutAtRandom(
  t: TestContext,
  cuts: number,
  seed: number,
  isNdjson: boolean,
): Promise<number> {
  const random = new Random(seed);
  const host = freshHost(t);
  startOperations(host);
  // Its own namespace is a new one.
  ip('link', 'set', 'lo', 'up');
  const { port, json } = await served(t, { ringEvents: 60 });
  const replay = new HttpReplay();
  const reader = new StreamReader(replay.snapshot, replay.event);
  const client = new EventClient(port, reader, isNdjson);
  const act = async (most: number): Promise<void> => {
    for (let at = random.below(most); at >= 0; at--) await operate(host, random);
  };
  for (let cut = 0; cut < cuts; cut++) {
    await client.connect(random.below(2) === 0 ? 'header' : 'url');
    await act(8);
    await setTimeout(random.below(30));
    client.cut();
    // Now and then for longer than the ring reaches back.
    await act(random.below(10) === 0 ? 60 : 6);
  }
  await client.connect();
  const truth = async (): Promise<HttpReplay> => {
    const now = new HttpReplay();
    now.snapshot({ namespaces: await json('/v1/namespaces'), links: await json('/v1/links') });
    return now;
  };
  // What both said when they were compared last: the server may learn of more at any time.
  let compared: { told: string[]; there: string[]; dead: unknown } = { told: [], there: [], dead: [] };
  const isEqual = async (): Promise<boolean> => {
    const now = await truth();
    compared = { told: replay.describe(), there: now.describe(), dead: replay.deadIn(now) };
    return compared.told.join('\n') === compared.there.join('\n') && replay.deadIn(now).length === 0;
  };
  await waitFor('what is there', isEqual).catch(() => {});
  assert.deepEqual(compared.told, compared.there, `seed ${seed}`);
  assert.deepEqual(compared.dead, [], `seed ${seed}`);
  assert.ok(reader.events > cuts);
  return reader.snapshots;
}
