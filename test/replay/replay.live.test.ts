/** The page over a real server and a real host that changes at random. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Replay } from '../../src/replay/replay.ts';
import type { NamespaceRow, WireEvent, WireSnapshot } from '../../src/replay/wire.ts';
import { EventClient, served } from '../serve/support/served.ts';
import { StreamReader } from '../serve/support/stream-reader.ts';
import { ip } from '../support/netns.ts';
import { Random } from '../support/random.ts';
import { runs } from '../support/runs.ts';
import { waitFor } from '../support/wait.ts';
import { operate, startOperations } from '../watch/links/support/link-operations.ts';
import { freshHost } from '../watch/links/support/link-story.ts';
import { described, faultsOf } from '../page/support/described.ts';

async function churn(t: TestContext, seed: number, steps: number): Promise<void> {
  const random = new Random(seed);
  const host = freshHost(t);
  startOperations(host);
  ip('link', 'set', 'lo', 'up');
  const { port, json } = await served(t, { ringEvents: 5000 });
  const replay = new Replay();
  let seq = 0;
  const reader = new StreamReader(
    (fields) => {
      seq = Number(fields['seq']);
      replay.snapshot(fields as unknown as WireSnapshot, Date.now());
    },
    (fields) => replay.events([fields as unknown as WireEvent], ++seq, Date.now()),
  );
  const client = new EventClient(port, reader);
  t.after(() => client.cut());
  await client.connect();
  await waitFor('the snapshot', () => reader.snapshots === 1);
  const fresh = async (): Promise<Replay> => {
    const now = new Replay();
    const [namespaces, links] = [await json('/v1/namespaces'), await json('/v1/links')];
    const head = { epoch: 'fresh', seq, directory: '/var/run/netns', unavailable: [] };
    now.snapshot({ ...head, namespaces, links } as unknown as WireSnapshot, Date.now());
    return now;
  };
  let differences: string[] = [];
  // What happened a moment ago may not have been told yet.
  const isEqual = async (): Promise<boolean> => {
    replay.rows((await json('/v1/namespaces')) as unknown as NamespaceRow[], Date.now());
    const [here, there] = [described(replay.model), described((await fresh()).model)];
    differences = [
      ...here.filter((line) => !there.includes(line)).map((line) => `+ ${line}`),
      ...there.filter((line) => !here.includes(line)).map((line) => `- ${line}`),
    ];
    // A process that moves is in two for a moment.
    differences.push(...faultsOf(replay.model));
    return differences.length === 0;
  };
  for (let step = 0; step < steps; step++) {
    await operate(host, random);
    if (step % 20 !== 19 && step !== steps - 1) continue;
    await waitFor(`step ${step}, seed ${seed}`, isEqual).catch(() => assert.fail(differences.join('\n')));
  }
  assert.ok(reader.events > 0);
}

for (const seed of [1, 2])
  test(`a page that follows a server equals one that begins now, seed ${seed}`, (t) =>
    // Of fewer operations all may come to nothing.
    churn(t, seed, Math.max(40, runs(120))));
