/**
 * What the kernel tells of links and must not be believed as it stands: a newborn veth without its
 * other end, a port that leaves its bridge, a namespace that ends without a word of its links, an
 * index that is used again, a vxlan that leads to itself.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { freshHost, inside, LinkStory, move, veth } from './support/link-story.ts';

// The first end is announced with IFLA_LINK 0, and not again (veth_newlink in drivers/net/veth.c).
test('both ends of a new veth lead to each other', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  const story = await LinkStory.open(t, host);
  for (let round = 0; round < 10; round++) {
    veth(
      { place: one, name: `a${round}`, index: 100 + round },
      { place: two, name: `b${round}`, index: 200 + round },
    );
    const told = await story.settle();
    assert.deepEqual(told.toSorted(), [
      `added one-1:a${round} -> two-2:b${round}`,
      `added two-2:b${round} -> one-1:a${round}`,
    ]);
    assert.equal(story.link('one-1', `a${round}`).peerState, 'paired');
  }
});

test('a pair within one namespace, and one whose ends have the same index', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  const story = await LinkStory.open(t, host);
  veth({ place: one, name: 'a', index: 50 }, { place: two, name: 'a', index: 50 });
  veth({ place: one, name: 'b', index: 60 }, { place: one, name: 'c', index: 61 });
  veth({ place: two, name: 'b', index: 60 }, { place: host.own, name: 'b', index: 60 });
  await story.settle();
  assert.equal(story.peer('one-1', 'a'), '-> two-2:a');
  assert.equal(story.peer('two-2', 'a'), '-> one-1:a');
  assert.equal(story.peer('one-1', 'b'), '-> one-1:c');
  assert.equal(story.peer('two-2', 'b'), '-> own:b');
  inside(one, (requests) => requests.remove(50));
  const told = await story.settle();
  assert.deepEqual(told.toSorted(), ['removed one-1:a', 'removed two-2:a']);
});

// A message of AF_BRIDGE (br_ifinfo_notify in net/bridge/br_netlink.c) is about the port.
test('a port that leaves its bridge is not removed', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  inside(one, (requests) => requests.add('bridge', { name: 'br', index: 30 }));
  veth({ place: one, name: 'a', index: 50 }, { place: one, name: 'b', index: 51 });
  const story = await LinkStory.open(t, host);
  for (let round = 0; round < 5; round++) {
    inside(one, (requests) => requests.master(50, 30));
    const joined = await story.settle();
    assert(
      joined.every((line) => line.startsWith('changed ')),
      joined.join('\n'),
    );
    assert.equal(story.link('one-1', 'a').master, 30);
    assert.equal(story.link('one-1', 'a').slaveKind, 'bridge');
    inside(one, (requests) => requests.master(50, 0));
    const left = await story.settle();
    assert(
      left.every((line) => line.startsWith('changed ')),
      left.join('\n'),
    );
    assert.equal(story.link('one-1', 'a').master, null);
  }
  inside(one, (requests) => requests.master(50, 30));
  await story.settle();
  inside(one, (requests) => requests.remove(30));
  const told = await story.settle();
  assert.deepEqual(
    told.filter((line) => !line.startsWith('changed ')),
    ['removed one-1:br'],
  );
  assert.equal(story.link('one-1', 'a').master, null);
});

// Its own RTM_DELLINKs reach nobody (cleanup_net in net/core/net_namespace.c).
test('a namespace that ends: each of its links is removed before that is told, and their far ends', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: one, name: 'a', index: 50 }, { place: two, name: 'b', index: 50 });
  veth({ place: one, name: 'c', index: 60 }, { place: host.own, name: 'd', index: 60 });
  inside(one, (requests) => requests.add('vxlan', { name: 'x', index: 70 }, { id: 7 }));
  const story = await LinkStory.open(t, host);
  host.unname(one, false);
  const told = await story.until('destroyed one-1');
  const end = told.indexOf('destroyed one-1');
  for (const name of ['a', 'c', 'x']) {
    const at = told.indexOf(`removed one-1:${name}`);
    assert(at >= 0 && at < end, told.join('\n'));
  }
  await story.settle();
  const removed = story.events.flatMap((event) => (event.type === 'linkRemoved' ? [event.link.name] : []));
  assert.deepEqual(removed.toSorted(), ['a', 'b', 'c', 'd', 'id-one-1', 'lo', 'x']);
});

test('two namespaces with links to each other that end at once', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  for (let at = 0; at < 5; at++)
    veth({ place: one, name: `a${at}`, index: 50 + at }, { place: two, name: `b${at}`, index: 50 + at });
  const story = await LinkStory.open(t, host);
  host.unname(one, false);
  host.unname(two, false);
  const told = await story.settle();
  for (const label of ['one-1', 'two-2'])
    if (!told.includes(`destroyed ${label}`)) told.push(...(await story.until(`destroyed ${label}`)));
  for (const label of ['one-1', 'two-2']) {
    const end = told.indexOf(`destroyed ${label}`);
    assert(end >= 0, told.join('\n'));
    const removed = told.filter((line, at) => line.startsWith(`removed ${label}`) && at < end);
    assert.equal(removed.length, 5);
    assert(!told.slice(end + 1).some((line) => line.includes(label)), told.join('\n'));
  }
});

test('an index that is used again at once, by a link of the same kind and of another', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: one, name: 'a', index: 50 }, { place: two, name: 'far', index: 90 });
  const story = await LinkStory.open(t, host);
  inside(one, (requests) => {
    requests.remove(50);
    requests.add('veth', { name: 'a', index: 50 }, { peer: { name: 'b', index: 51 } });
  });
  const told = await story.settle();
  // Whoever takes it for the one before tells of a change.
  assert.deepEqual(told.toSorted(), [
    'added one-1:a -> one-1:b',
    'added one-1:b -> one-1:a',
    'removed one-1:a',
    'removed two-2:far',
  ]);
  assert(told.indexOf('removed one-1:a') < told.indexOf('added one-1:a -> one-1:b'));
  inside(one, (requests) => {
    requests.remove(50);
    requests.add('bridge', { name: 'a', index: 50 });
    requests.add('vxlan', { name: 'x', index: 51 }, { id: 3 });
  });
  assert.deepEqual((await story.settle()).toSorted(), [
    'added one-1:a alone',
    'added one-1:x alone',
    'removed one-1:a',
    'removed one-1:b',
  ]);
  assert.equal(story.link('one-1', 'a').kind, 'bridge');
});

// Its IFLA_LINK is its own index there (vxlan_get_iflink falls back on dev_get_iflink).
test('a vxlan abroad leads to its lower device, or to where it was made', async (t) => {
  const host = freshHost(t);
  const [one, two] = [host.addNamed('one'), host.addNamed('two')];
  veth({ place: one, name: 'low', index: 50 }, { place: one, name: 'other', index: 51 });
  inside(one, (requests) => {
    requests.add('vxlan', { name: 'bound', index: 70 }, { lower: 50, id: 7 });
    requests.add('vxlan', { name: 'free', index: 71 }, { id: 8 });
  });
  // What has the index of the lower device where it is.
  inside(two, (requests) => requests.add('bridge', { name: 'decoy', index: 50 }));
  const story = await LinkStory.open(t, host);
  assert.equal(story.peer('one-1', 'bound'), '-> one-1:low');
  assert.equal(story.peer('one-1', 'free'), 'alone');
  for (const [name, index] of [
    ['bound', 70],
    ['free', 71],
  ] as const)
    move({ place: one, name, index }, two);
  assert.deepEqual((await story.settle()).toSorted(), [
    'moved one-1:bound to two-2:bound',
    'moved one-1:free to two-2:free',
  ]);
  assert.equal(story.peer('two-2', 'bound'), '-> one-1:low');
  assert.equal(story.peer('two-2', 'free'), '-> one-1:null');
  assert.equal(story.link('two-2', 'free').peerState, 'one-sided');
  inside(one, (requests) => requests.rename(50, 'lower'));
  assert.deepEqual((await story.settle()).toSorted(), [
    'changed one-1:lower name -> one-1:other',
    'changed one-1:other peer -> one-1:lower',
    'changed two-2:bound peer -> one-1:lower',
  ]);
  // They die with the namespace that they send in.
  host.unname(one, false);
  const told = await story.settle();
  assert(told.includes('removed two-2:bound') && told.includes('removed two-2:free'), told.join('\n'));
});
