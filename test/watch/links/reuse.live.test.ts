/**
 * Ends are lost, and the nsids that the kernel had chosen are others' by then: whoever believes
 * them takes these for those that died.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { smallBuffer } from '../unified/small-buffer.ts';
import { freshHost, LinkStory, veth } from './support/link-story.ts';
import type { LinkHost, Place } from './support/link-host.ts';

const MANY = 40;
const still = new Int32Array(new SharedArrayBuffer(4));

function town(host: LinkHost, stem: string): Place[] {
  return Array.from({ length: MANY }, (_, at) => {
    const place = host.addHeld();
    veth({ place: host.own, name: `${stem}${at}`, index: 0 }, { place, name: 'eth0', index: 0 });
    return place;
  });
}

test('more ends than the buffer holds, and as many new namespaces, while nobody reads', async (t) => {
  const host = freshHost(t);
  const before = town(host, 'a');
  const story = await LinkStory.open(t, host, {}, smallBuffer());
  const numbers = new Map(before.map(({ label }) => [label, story.entry(label).number]));
  for (const place of before) host.release(place);
  // The kernel frees them meanwhile, and the event loop stands still.
  Atomics.wait(still, 0, 0, 1500);
  const after = town(host, 'b');
  await story.settle();
  const { deaths } = story.follower.watcher.stats();
  assert(deaths !== null && deaths.overflows > 0, 'none was lost');
  const old = new Set(numbers.values());
  for (const { label } of after)
    assert(!old.has(story.entry(label).number), `${label} has the number of one that died`);
  const destroyed = story.events.flatMap((event) => (event.type === 'destroyed' ? [event.number] : []));
  assert.equal(new Set(destroyed).size, MANY);
});
