/**
 * The full read that the graph is held against in random tests: it finds what was made, and two of
 * them are the same while nothing changes.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { freshTable } from '../../support/nsids.ts';
import { Random } from '../../support/random.ts';
import { waitFor } from '../../support/wait.ts';
import { differences, reachable } from './support/graph-view.ts';
import type { ViewedLink } from './support/graph-view.ts';
import { LinkHost } from './support/link-host.ts';
import { operate, startOperations } from './support/link-operations.ts';
import { LinkRequests } from './support/link-requests.ts';
import { readTruth } from './support/link-truth.ts';

/** Reads until two reads in a row are the same. */
async function settled(host: LinkHost): Promise<ViewedLink[]> {
  let last: ViewedLink[] = [];
  await waitFor('a truth that stands still', async () => {
    const next = (await readTruth(host.places)) ?? [];
    const all = new Set(host.places.map(({ label }) => label));
    const isSame = next.length > 0 && differences(next, { links: () => last }, all).length === 0;
    last = next;
    return isSame;
  });
  return last;
}

test('finds far ends in namespaces with and without names', async (t) => {
  freshTable(t);
  const host = new LinkHost(t);
  const named = host.addNamed('blue');
  const held = host.addHeld();
  const inhabited = await host.addInhabited();
  const veth = (at: typeof named, path: string, name: string): void =>
    LinkRequests.inside(at.path, (requests) =>
      requests.add('veth', { name, index: 30 }, { peer: { name: `${name}-far`, index: 30, path } }),
    );
  veth(host.own, named.path, 'a');
  veth(inhabited, held.path, 'b');
  LinkRequests.inside(named.path, (requests) => {
    requests.add('veth', { name: 'c', index: 40 }, { peer: { name: 'd', index: 41 } });
    requests.add('macvlan', { name: 'm', index: 42, path: held.path }, { lower: 40 });
    requests.add('vxlan', { name: 'x', index: 43 }, { lower: 40, id: 7 });
    requests.add('vxlan', { name: 'y', index: 44 }, { id: 8 });
    for (const index of [43, 44]) requests.move(index, { path: held.path, name: null, index: index + 10 });
  });
  const truth = await settled(host);
  const peers = truth
    .filter(({ peer }) => peer !== null)
    .map(({ netns, name, peer }) => `${netns} ${name} -> ${peer?.netns} ${peer?.ifindex} ${peer?.name}`);
  assert.deepEqual(peers.sort(), [
    'blue-1 a-far -> own 30 a',
    'blue-1 c -> blue-1 41 d',
    'blue-1 d -> blue-1 40 c',
    'h-2 b-far -> p-3 30 b',
    'h-2 m -> blue-1 40 c',
    'h-2 x -> blue-1 40 c',
    'h-2 y -> blue-1 null null',
    'own a -> blue-1 30 a-far',
    'p-3 b -> h-2 30 b-far',
  ]);
  assert.deepEqual([...reachable(['own'], truth)].sort(), ['blue-1', 'own']);
  assert.deepEqual([...reachable(['p-3'], truth)].sort(), ['blue-1', 'h-2', 'own', 'p-3']);
});

test('is the same twice while nothing changes, after random operations', async (t) => {
  freshTable(t);
  const random = new Random(20261130);
  const host = new LinkHost(t);
  startOperations(host);
  const done: string[] = [];
  for (let pause = 0; pause < 3; pause++) {
    for (let steps = 0; steps < 40; steps++) done.push(await operate(host, random));
    const truth = await settled(host);
    assert(truth.length > host.places.length * 2, done.join('\n'));
  }
  const failed = done.filter((line) => /: E[A-Z]+$/.test(line)).length;
  assert(failed < done.length / 2, done.join('\n'));
});
