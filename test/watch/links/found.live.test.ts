/**
 * Namespaces that only a link leads to: without a name, without a process, or with one that nobody
 * looks for. They are found, looked into, and their end is told; they are one entry, whatever else
 * becomes known of them.
 */
import '../../support/pid-namespace.ts';
import { strict as assert } from 'node:assert';
import { symlinkSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import { addAlias, deleteNamespace, spawnHolder } from '../../support/netns.ts';
import { connect } from '../../support/nsids.ts';
import { waitFor } from '../../support/wait.ts';
import { freshHost, inside, LinkStory, move, veth } from './support/link-story.ts';

/** Numbers below it are nsids that the kernel chose. */
const FIRST = 1_000_000;

const entriesOf = (story: LinkStory): number => story.follower.watcher.namespaces().length;

test('a chain: the host, one that a process is in, one that a descriptor holds', async (t) => {
  const host = freshHost(t);
  const [inhabited, held] = [await host.addInhabited(), host.addHeld()];
  veth({ place: host.own, name: 'a', index: 40 }, { place: inhabited, name: 'b', index: 50 });
  veth({ place: inhabited, name: 'c', index: 51 }, { place: held, name: 'd', index: 60 });
  const story = await LinkStory.open(t, host);
  await story.settle();
  assert.equal(story.peer('own', 'a'), `-> ${inhabited.label}:b`);
  assert.equal(story.peer(inhabited.label, 'c'), `-> ${held.label}:d`);
  for (const { label } of [inhabited, held]) {
    const { number, names, own, linksState } = story.entry(label);
    assert(number !== undefined && number !== null && number >= FIRST);
    assert.deepEqual([names, own, linksState], [[], false, 'live']);
  }
  // What happens in the last of them is heard.
  inside(held, (requests) => requests.add('bridge', { name: 'br', index: 70 }));
  assert.deepEqual(await story.settle(), [`added ${held.label}:br alone`]);
  const number = story.entry(held.label).number;
  host.release(held);
  const told = await story.until(`destroyed ${held.label}`);
  assert(told.includes(`removed ${held.label}:d`) && told.includes(`removed ${held.label}:br`));
  assert(story.events.some((event) => event.type === 'destroyed' && event.number === number));
  await host.leave(inhabited, false);
  await story.until(`destroyed ${inhabited.label}`);
  await story.settle();
  assert.equal(entriesOf(story), 1);
});

test('found while it is watched, also behind one that is found', async (t) => {
  const host = freshHost(t);
  const [near, far] = [host.addHeld(), host.addHeld()];
  veth({ place: near, name: 'c', index: 51 }, { place: far, name: 'd', index: 60 });
  const story = await LinkStory.open(t, host);
  assert.equal(entriesOf(story), 1);
  veth({ place: host.own, name: 'a', index: 40 }, { place: near, name: 'b', index: 50 });
  const told = await story.settle();
  assert.equal(told.filter((line) => line === 'found').length, 2);
  assert.equal(story.peer(near.label, 'c'), `-> ${far.label}:d`);
  assert.equal(entriesOf(story), 3);
});

// The kernel gives the lowest nsid that is free.
test('the nsid of one that died is used again at once: another entry, with another number', async (t) => {
  const host = freshHost(t);
  const story = await LinkStory.open(t, host);
  const numbers = new Set<number>();
  for (let round = 0; round < 20; round++) {
    const [held, other] = [host.addHeld(), host.addHeld()];
    veth({ place: host.own, name: `a${round}`, index: 0 }, { place: held, name: 'b', index: 50 });
    if (round % 2 === 0) await story.settle();
    host.release(held);
    veth({ place: host.own, name: `x${round}`, index: 0 }, { place: other, name: 'y', index: 50 });
    await story.settle();
    assert.equal(story.peer('own', `x${round}`), `-> ${other.label}:y`);
    const { number } = story.entry(other.label);
    assert(typeof number === 'number' && number >= FIRST && !numbers.has(number), `${number} twice`);
    numbers.add(number);
    host.release(other);
    await story.until(`destroyed ${other.label}`);
    assert(story.events.some((event) => event.type === 'destroyed' && event.number === number));
    await story.settle();
    assert.equal(entriesOf(story), 1);
  }
});

test('one that is named later is the same entry', async (t) => {
  const host = freshHost(t);
  const held = host.addHeld();
  veth({ place: host.own, name: 'a', index: 40 }, { place: held, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host);
  const { number } = story.entry(held.label);
  addAlias(held.path, '/run/netns/late');
  await story.settle();
  const { names, number: same, namespace } = story.entry(held.label);
  assert.deepEqual(
    names.map(({ name }) => name),
    ['late'],
  );
  assert.equal(same, number);
  assert(namespace !== null);
  assert.equal(entriesOf(story), 2);
  // And it is known by its name where a link leads to it.
  const peer = story.link('own', 'a').peer;
  assert.deepEqual(
    peer?.netns.names.map(({ name }) => name),
    ['late'],
  );
  deleteNamespace('/run/netns/late');
  await story.settle();
  assert.equal(story.peer('own', 'a'), `-> ${held.label}:b`);
  host.release(held);
  const told = await story.until(`destroyed ${held.label}`);
  assert.equal(told.filter((line) => line.startsWith('destroyed ')).length, 1);
  await story.settle();
  assert.equal(entriesOf(story), 1);
});

test('one that is named and then deleted ends with its name', async (t) => {
  const host = freshHost(t);
  const held = host.addHeld();
  veth({ place: host.own, name: 'a', index: 40 }, { place: held, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host);
  addAlias(held.path, '/run/netns/late');
  await story.settle();
  host.release(held);
  deleteNamespace('/run/netns/late');
  await story.until(`destroyed ${held.label}`);
  await story.settle();
  assert.deepEqual(
    story.follower.links().map(({ name }) => name),
    ['lo', 'id-own'],
  );
});

// Its name is still there when it dies.
test('one whose name is a link to the namespace of a process, and remains', async (t) => {
  const host = freshHost(t);
  const inhabited = await host.addInhabited();
  veth({ place: host.own, name: 'a', index: 40 }, { place: inhabited, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host);
  const { number } = story.entry(inhabited.label);
  symlinkSync(inhabited.path, '/run/netns/pod');
  await story.settle();
  assert.equal(story.entry(inhabited.label).number, number);
  assert.equal(entriesOf(story), 2);
  await host.leave(inhabited, false);
  await story.settle();
  assert.deepEqual(
    story.follower.links().map(({ name }) => name),
    ['lo', 'id-own'],
  );
  // The nsid that it had is free.
  const other = host.addHeld();
  veth({ place: host.own, name: 'x', index: 41 }, { place: other, name: 'y', index: 51 });
  await story.settle();
  assert.equal(story.peer('own', 'x'), `-> ${other.label}:y`);
  unlinkSync('/run/netns/pod');
  await story.settle();
  assert.equal(entriesOf(story), 2);
  host.release(other);
  await story.settle();
  assert.equal(entriesOf(story), 1);
});

test('one that gets an nsid of the observer is the same entry, and ends once', async (t) => {
  const host = freshHost(t);
  const connection = await connect(t);
  const near = host.addHeld();
  const [before, during, never] = [host.addHeld(), host.addHeld(), host.addHeld()] as const;
  await connection.setNsid({ path: before.path }, 705);
  // A link of the observer's own gives the nsid of its far end away as soon as it is made.
  veth({ place: host.own, name: 'a', index: 40 }, { place: near, name: 'b', index: 50 });
  for (const [at, place] of [before, during, never].entries())
    veth({ place: near, name: `c${at}`, index: 60 + at }, { place, name: 'd', index: 50 });
  const story = await LinkStory.open(t, host);
  assert.equal(entriesOf(story), 5);
  assert.equal(story.entry(before.label).nsid, 705);
  assert.equal(story.entry(never.label).nsid, null);
  await connection.setNsid({ path: during.path }, 706);
  await story.settle();
  await waitFor('its nsid', () => {
    story.follower.take();
    return story.entry(during.label).nsid === 706;
  });
  assert.equal(entriesOf(story), 5);
  for (const place of [before, during, never, near]) {
    host.release(place);
    await story.until(`destroyed ${place.label}`);
  }
  await story.settle();
  assert.equal(entriesOf(story), 1);
  const ends = story.events.flatMap((event) => (event.type === 'destroyed' ? [event.nsid] : []));
  assert.deepEqual(ends, [705, 706, null, 0]);
});

test('a link that moves to one that nobody knows: it is found, and the link has moved', async (t) => {
  const host = freshHost(t);
  const held = host.addHeld();
  veth({ place: host.own, name: 'a', index: 40 }, { place: host.own, name: 'b', index: 41 });
  const story = await LinkStory.open(t, host);
  move({ place: host.own, name: 'b', index: 41 }, held);
  await story.settle();
  assert.equal(story.peer('own', 'a'), `-> ${held.label}:b`);
  assert.equal(story.peer(held.label, 'b'), '-> own:a');
});

test('one that a process enters later is the same entry, where processes are looked for', async (t) => {
  const host = freshHost(t);
  const held = host.addHeld();
  veth({ place: host.own, name: 'a', index: 40 }, { place: held, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host, { unnamed: true });
  const { number, pids } = story.entry(held.label);
  assert.deepEqual(pids, []);
  const count = entriesOf(story);
  const holder = await spawnHolder(t, held.path);
  await waitFor('the process', () => {
    story.follower.take();
    return story.entry(held.label).pids?.includes(holder.pid) === true;
  });
  assert.equal(story.entry(held.label).number, number);
  assert.equal(entriesOf(story), count);
  assert.deepEqual(story.link('own', 'a').peer?.netns.pids, [holder.pid]);
  await holder.end();
  host.release(held);
  await story.until(`destroyed ${held.label}`);
  assert.equal(story.events.filter(({ type }) => type === 'destroyed').length, 1);
});
