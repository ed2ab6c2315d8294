/**
 * Much at once: pairs between fifty namespaces by one `ip -batch`; hundreds of namespaces with a
 * link each that end together; more than the receive buffer holds. Right in the end, and told.
 */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freshTable } from '../../support/nsids.ts';
import { ip } from '../../support/netns.ts';
import { runs } from '../../support/runs.ts';
import { startStorm } from '../../support/storm.ts';
import { LinkFollower, settle } from './support/link-follower.ts';
import { LinkHost } from './support/link-host.ts';
import { describeLinks } from './support/link-replay.ts';
import { LinkRequests } from './support/link-requests.ts';
import { smallBuffer } from '../unified/small-buffer.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';

const linkStorm = fileURLToPath(new URL('../fixtures/link-storm.js', import.meta.url));

const PATIENCE = 20_000;
const NAMESPACES = 50;
const PAIRS = 100;
const MANY = runs(300);

function manyNamespaces(t: TestContext, count: number): LinkHost {
  freshTable(t);
  const host = new LinkHost(t);
  for (let at = 0; at < count; at++) host.addNamed(`m${at}`);
  return host;
}

async function follow(
  t: TestContext,
  options: Parameters<typeof LinkFollower.open>[0] = {},
  io?: UnifiedIo,
): Promise<LinkFollower> {
  const follower = await LinkFollower.open(options, io);
  t.after(() => follower.watcher.stop());
  return follower;
}

/** As one command makes them. */
function batch(): void {
  const lines = Array.from({ length: PAIRS }, (_, pair) => {
    const [near, far] = [pair % NAMESPACES, (pair * 7 + 3) % NAMESPACES];
    return `link add p${pair} netns m${near} type veth peer name q${pair} netns m${far}`;
  });
  writeFileSync('/run/batch', `${lines.join('\n')}\n`);
  ip('-batch', '/run/batch');
}

test('a hundred pairs between fifty namespaces, made in one go', async (t) => {
  const host = manyNamespaces(t, NAMESPACES);
  const follower = await follow(t);
  batch();
  assert.deepEqual(await settle(() => host.places, [follower], PATIENCE), []);
  const later = await follow(t);
  assert.deepEqual(describeLinks(follower.watcher.namespaces()), describeLinks(later.watcher.namespaces()));
  const paired = follower.links().filter(({ peer }) => peer?.name?.[0] === 'p' || peer?.name?.[0] === 'q');
  assert.equal(paired.length, 2 * PAIRS);
});

test('hundreds of namespaces with a link each that end together', async (t) => {
  const host = manyNamespaces(t, MANY);
  for (const { path, name } of host.places)
    if (name !== null)
      LinkRequests.inside(null, (requests) =>
        requests.add('veth', { name: `v-${name}`, index: 0 }, { peer: { name: 'eth0', index: 0, path } }),
      );
  const follower = await follow(t);
  const there = follower.links().filter(({ peer }) => peer?.name === 'eth0');
  assert.equal(there.length, MANY);
  for (const place of [...host.places]) if (place.hold === 'name') host.unname(place, false);
  assert.deepEqual(await settle(() => host.places, [follower], PATIENCE), []);
  assert.deepEqual(
    follower.links().map(({ name }) => name),
    ['lo', 'id-own'],
  );
});

test('more events than the receive buffer holds: told that some were lost, and right', async (t) => {
  const host = manyNamespaces(t, NAMESPACES);
  const follower = await follow(t, {}, smallBuffer());
  batch();
  assert.deepEqual(await settle(() => host.places, [follower], PATIENCE), []);
  assert.match(follower.toldLast, /^resynced/m);
  follower.forget();
  // Ends of links are lost as well.
  for (const { path } of host.places)
    LinkRequests.inside(path, (requests) => {
      const ends = requests.list().filter(({ name }) => name.startsWith('p'));
      for (const { index } of ends) requests.remove(index);
    });
  assert.deepEqual(await settle(() => host.places, [follower], PATIENCE), []);
  assert.match(follower.toldLast, /^resynced/m);
});

// What is listed while it changes is listed again (NLM_F_DUMP_INTR), and what comes after is heard.
test('opened again and again while links come and go, more than one datagram has: right in the end', async (t) => {
  const host = manyNamespaces(t, 3);
  for (let at = 0; at < 100; at++)
    LinkRequests.inside(host.places[1]?.path ?? null, (requests) =>
      requests.add('bridge', { name: `x${at}`, index: 0 }),
    );
  const path = host.places[1]?.path ?? '';
  const storm = startStorm(['nsenter', `--net=${path}`, process.execPath, linkStorm, '8', 'churn']);
  t.after(() => storm.end());
  const followers: LinkFollower[] = [];
  for (let round = 0; round < 10; round++) {
    followers.push(await follow(t));
    await setTimeout(30);
    for (const follower of followers) follower.take();
  }
  await storm.end();
  assert.deepEqual(await settle(() => host.places, followers, PATIENCE), []);
});
