/**
 * Links that move between namespaces: told as moved, from where they were to where they are, with
 * the far ends and upper devices that the kernel does not speak of.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkMovedEvent } from '../../../src/watch/links/link-types.ts';
import { freshHost, inside, LinkStory, move, veth } from './support/link-story.ts';

const moves = (story: LinkStory): LinkMovedEvent[] =>
  story.events.flatMap((event) => (event.type === 'linkMoved' ? [event] : []));

test('from and to: with its name and index, with a new name, and with a new index', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: host.own, name: 'near', index: 40 }, { place: one, name: 'a', index: 50 });
  const story = await LinkStory.open(t, host);
  move({ place: one, name: 'a', index: 50 }, two);
  assert.deepEqual((await story.settle()).toSorted(), [
    'changed own:near peer -> two-2:a',
    'moved one-1:a to two-2:a',
  ]);
  move({ place: two, name: 'a', index: 50 }, one, 'b', 77);
  assert.deepEqual((await story.settle()).toSorted(), [
    'changed own:near peer -> one-1:b',
    'moved two-2:a to one-1:b',
  ]);
  const [first, second] = moves(story);
  assert(first !== undefined && second !== undefined);
  assert.equal(first.from.netns.number, story.entry('one-1').number);
  assert.equal(first.to.netns.number, story.entry('two-2').number);
  assert.deepEqual([first.from.ifindex, first.to.ifindex], [50, 50]);
  assert.deepEqual([second.from.ifindex, second.from.name], [50, 'a']);
  assert.deepEqual([second.to.ifindex, second.to.name, second.link.ifindex], [77, 'b', 77]);
  assert.deepEqual(
    second.to.netns.names.map(({ name }) => name),
    ['one'],
  );
  // An index that is taken there: the next free one.
  inside(two, (requests) => requests.add('bridge', { name: 'taken', index: 77 }));
  await story.settle();
  move({ place: one, name: 'b', index: 77 }, two, 'c');
  const told = await story.settle();
  assert(told.includes('moved one-1:b to two-2:c'), told.join('\n'));
  assert.notEqual(story.link('two-2', 'c').ifindex, 77);
});

test('one that is up moves and is down there', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  veth({ place: host.own, name: 'near', index: 40 }, { place: host.own, name: 'a', index: 41 });
  for (const index of [40, 41]) inside(host.own, (requests) => requests.up(index, true));
  const story = await LinkStory.open(t, host);
  move({ place: host.own, name: 'a', index: 41 }, one);
  await story.settle();
  assert.deepEqual(
    moves(story).map(({ link }) => link.up),
    [false],
  );
  assert.equal(story.peer('own', 'near'), '-> one-1:a');
});

// Nothing at all is sent of the far end where both are down.
test('the far end of one that moved is told, though both are down', async (t) => {
  const host = freshHost(t);
  const places = [host.addNamed('one'), host.addHeld(), await host.addInhabited()] as const;
  const [one] = places;
  veth({ place: host.own, name: 'near', index: 40 }, { place: one, name: 'a', index: 50 });
  // So that all are known.
  for (const place of places)
    veth({ place: host.own, name: `to-${place.label}`, index: 0 }, { place, name: 'eth0', index: 0 });
  const story = await LinkStory.open(t, host);
  let from = one;
  for (const to of [places[1], places[2], one, places[1]]) {
    move({ place: from, name: 'a', index: 50 }, to);
    const told = await story.settle();
    assert.deepEqual(told.toSorted(), [
      `changed own:near peer -> ${to.label}:a`,
      `moved ${from.label}:a to ${to.label}:a`,
    ]);
    from = to;
  }
});

test('a lower device moves while what stands upon it is down', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: one, name: 'low', index: 50 }, { place: host.own, name: 'near', index: 40 });
  inside(one, (requests) => {
    requests.add('macvlan', { name: 'm', index: 60 }, { lower: 50 });
    requests.add('macvlan', { name: 'n', index: 61 }, { lower: 50 });
  });
  const story = await LinkStory.open(t, host);
  assert.equal(story.link('one-1', 'm').peerState, 'one-sided');
  move({ place: one, name: 'm', index: 60 }, two);
  await story.settle();
  assert.equal(story.peer('two-2', 'm'), '-> one-1:low');
  move({ place: one, name: 'low', index: 50 }, two, null, 80);
  await story.settle();
  assert.equal(story.peer('two-2', 'm'), '-> two-2:low');
  assert.equal(story.peer('one-1', 'n'), '-> two-2:low');
  assert.equal(story.peer('own', 'near'), '-> two-2:low');
  // They end with it.
  inside(two, (requests) => requests.remove(80));
  assert.deepEqual((await story.settle()).toSorted(), [
    'removed one-1:n',
    'removed own:near',
    'removed two-2:low',
    'removed two-2:m',
  ]);
});

test('there and back before anybody looks: nothing, or what differs', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: host.own, name: 'near', index: 40 }, { place: one, name: 'a', index: 50 });
  const story = await LinkStory.open(t, host);
  move({ place: one, name: 'a', index: 50 }, two);
  move({ place: two, name: 'a', index: 50 }, one);
  assert.deepEqual(await story.settle(), []);
  move({ place: one, name: 'a', index: 50 }, two, 'b');
  move({ place: two, name: 'b', index: 50 }, one);
  assert.deepEqual((await story.settle()).toSorted(), [
    'changed one-1:b name -> own:near',
    'changed own:near peer -> one-1:b',
  ]);
});

test('through several namespaces at once: one move, from the first to the last', async (t) => {
  const host = freshHost(t);
  const [one, two, three] = [host.addNamed('one'), host.addNamed('two'), host.addNamed('three')];
  veth({ place: host.own, name: 'near', index: 40 }, { place: one, name: 'a', index: 50 });
  const story = await LinkStory.open(t, host);
  move({ place: one, name: 'a', index: 50 }, two, 'b', 60);
  move({ place: two, name: 'b', index: 60 }, three, 'c', 70);
  move({ place: three, name: 'c', index: 70 }, host.own, 'd', 80);
  assert.deepEqual((await story.settle()).toSorted(), [
    'changed own:near peer -> own:d',
    'moved one-1:a to own:d',
  ]);
});

test('two links change places: whoever keeps a table is never wrong', async (t) => {
  const host = freshHost(t);
  const [one, two, three] = [host.addNamed('one'), host.addNamed('two'), host.addNamed('three')];
  veth({ place: host.own, name: 'x', index: 40 }, { place: one, name: 'a', index: 50 });
  veth({ place: host.own, name: 'y', index: 41 }, { place: two, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host);
  move({ place: one, name: 'a', index: 50 }, three);
  move({ place: two, name: 'b', index: 50 }, one);
  move({ place: three, name: 'a', index: 50 }, two);
  const told = await story.settle();
  assert.equal(story.peer('own', 'x'), '-> two-2:a');
  assert.equal(story.peer('own', 'y'), '-> one-1:b');
  // One of them moves; the other one makes room and comes back.
  assert.equal(told.filter((line) => line.startsWith('moved ')).length, 1, told.join('\n'));
  assert.equal(told.filter((line) => line.startsWith('removed ')).length, 1, told.join('\n'));
  assert.equal(told.filter((line) => line.startsWith('added ')).length, 1, told.join('\n'));
});

test('one takes the place that another one leaves: both are moves', async (t) => {
  const host = freshHost(t);
  const [one, two, three] = [host.addNamed('one'), host.addNamed('two'), host.addNamed('three')];
  veth({ place: host.own, name: 'x', index: 40 }, { place: one, name: 'a', index: 50 });
  veth({ place: host.own, name: 'y', index: 41 }, { place: two, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host);
  move({ place: two, name: 'b', index: 50 }, three);
  move({ place: one, name: 'a', index: 50 }, two);
  const told = await story.settle();
  assert.deepEqual(
    told.filter((line) => line.startsWith('moved ')),
    ['moved two-2:b to three-3:b', 'moved one-1:a to two-2:a'],
  );
});

test('out of a namespace that ends right after', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: host.own, name: 'near', index: 40 }, { place: one, name: 'a', index: 50 });
  const story = await LinkStory.open(t, host);
  move({ place: one, name: 'a', index: 50 }, two);
  host.unname(one, false);
  const told = [...(await story.until('destroyed one-1')), ...(await story.settle())];
  assert.equal(story.peer('own', 'near'), '-> two-2:a');
  const end = told.indexOf('destroyed one-1');
  assert(end >= 0 && !told.slice(end + 1).some((line) => line.includes('one-1')), told.join('\n'));
});
