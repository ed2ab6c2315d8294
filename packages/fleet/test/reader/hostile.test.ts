/** A host that sends what no agent makes, or far too much: only its own picture suffers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { modelRuns } from '../../../../test/support/runs.ts';
import type { WireSnapshot } from '../../src/core.ts';
import type { FleetHost } from '../../src/index.ts';
import { packed } from '../../src/wire/payload.ts';
import { FakeFleet } from '../support/fake-reader.ts';
import { epochOf, MemoryAgent } from '../support/memory-agent.ts';

const hostOf = (world: FakeFleet, id: string): FleetHost => world.fleet.host(id) as FleetHost;

test('a snapshot that no agent makes is counted, and stands for nothing', async () => {
  const world = new FakeFleet();
  const agent = world.agent('bad');
  world.agent('good');
  agent.act(0, 0, 1);
  await using fleet = await world.open();
  const { epoch } = agent;
  const right = JSON.parse(agent.json()) as WireSnapshot;
  const bodies = [
    Buffer.from('{'),
    Buffer.from('[]'),
    Buffer.from('{}'),
    gzipSync('x').subarray(0, 10),
    gzipSync(Buffer.alloc(80 * 1024 * 1024, 0x20)),
    packed(JSON.stringify({ ...right, epoch: epochOf('00000001') })),
    packed(JSON.stringify({ ...right, seq: 99 })),
    packed(JSON.stringify({ ...right, namespaces: [{ ...right.namespaces[0], namespace: 7 }] })),
    packed(JSON.stringify({ ...right, links: [{}] })),
    packed(JSON.stringify({ ...right, directory: null })),
  ];
  for (const body of bodies) {
    world.broker.snapshot('bad', { epoch, seq: 1, resync: null, body });
    // It is not read again at once.
    world.clock.advance(1000);
  }
  assert.equal(hostOf(world, 'bad').malformed, bodies.length);
  assert.equal(hostOf(world, 'good').malformed, 0);
  assert.equal(fleet.namespaces('bad').length, 2);
  assert.deepEqual(world.words(), []);
});

test('what is nested so deep that it cannot be written again harms nobody', async () => {
  const world = new FakeFleet();
  const agent = world.agent('bad');
  world.agent('good');
  agent.act(0, 0, 1);
  await using fleet = await world.open();
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const { epoch } = agent;
  const where = `"time":"${new Date(0).toISOString()}","nsid":null,"namespace":null`;
  for (const event of [
    `{"type":"found",${where},"deep":${deep}}`,
    `{"type":"linkAdded",${where},"link":{"ifindex":1,"name":"a","kind":null,"altNames":[],"peer":null,"details":{"deep":${deep}}}}`,
  ])
    world.broker.deltaText('bad', `{"epoch":"${epoch}","first":2,"events":[${event}]}`);
  const body = packed(agent.json().replace('"links":[', `"deep":${deep},"links":[`));
  world.broker.snapshot('bad', { epoch, seq: 1, resync: null, body });
  world.clock.advance(1000);
  assert.equal(hostOf(world, 'bad').malformed, 3);
  assert.equal(hostOf(world, 'good').malformed, 0);
  assert.equal(fleet.namespaces('bad').length, 2);
});

test('an event that no agent makes is as good as lost', async () => {
  const world = new FakeFleet();
  const agent = world.agent('bad');
  await using fleet = await world.open();
  const time = new Date(0).toISOString();
  const link = { ifindex: 1, name: 'a', kind: null, altNames: [], peer: null };
  const where = { nsid: null, namespace: null };
  const wrong = [
    { type: 'created', time },
    { type: 'created', time, ...where, name: 'a', path: 7, directory: '/' },
    { type: 'destroyed', time, ...where, names: 'a' },
    { type: 'found', time, ...where, pids: 'all' },
    { type: 'linkAdded', time, ...where },
    { type: 'linkAdded', time, ...where, link: { ...link, altNames: 7 } },
    { type: 'deleted', time, ...where, link },
    { type: 'found', time, namespace: { id: 1 }, nsid: null },
    { type: 'destroyed', time, ...where, names: [{ name: 'x'.repeat(10_000), path: '', directory: '' }] },
  ];
  for (const event of wrong)
    world.broker.delta('bad', { epoch: agent.epoch, first: 1, events: [event as never] });
  assert.equal(hostOf(world, 'bad').malformed, wrong.length);
  assert.deepEqual(world.words(), []);
  agent.act(0, 0, 1);
  assert.deepEqual(world.words(), ['created bad 1']);
  assert.equal(fleet.namespaces('bad').length, 2);
});

test('events that make no sense, though each field is right, end in no picture or in some', async () => {
  const texts = fc.constantFrom('a', 'b', '__proto__', '', '\udc80');
  const numbers = fc.constantFrom(null, 0, 1, -1, Number.MAX_SAFE_INTEGER);
  const identity = fc.constantFrom(
    null,
    { id: '1', dev: '1', ino: '1', since: '1' },
    { id: null, dev: '1', ino: '1', since: '1' },
    { id: '__proto__', dev: '', ino: '', since: '' },
  );
  const name = fc.record({ name: texts, path: texts, directory: texts });
  const peer = fc.option(fc.record({ netns: texts, number: numbers, ifindex: numbers, name: texts }));
  const link = fc.record({ ifindex: numbers, name: texts, kind: texts, altNames: fc.array(texts), peer });
  const where = fc.record({ nsid: numbers, namespace: identity, number: numbers, own: fc.boolean() });
  const event = fc
    .tuple(
      fc.constantFrom('created', 'mounted', 'unmounted', 'deleted', 'nsidAssigned', 'found', 'destroyed'),
      fc.constantFrom('linkAdded', 'linkChanged', 'linkMoved', 'linkRemoved'),
      fc.boolean(),
      where,
      name,
      link,
      fc.record({ ready: fc.boolean(), alive: fc.option(fc.boolean()), names: fc.array(name) }),
    )
    .map(([type, linkType, isLink, place, named, one, rest]) =>
      isLink
        ? { type: linkType, time: 't', ...place, names: [named], link: one, from: { ...place, ...one } }
        : { type, time: 't', ...place, ...named, ...rest },
    );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 30, size: 'max' }), async (events) => {
      const world = new FakeFleet();
      const agent = world.agent('bad');
      const good = world.agent('good');
      await world.open();
      world.broker.delta('bad', { epoch: agent.epoch, first: 1, events: events as never });
      world.fleet.namespaces('bad');
      world.fleet.snapshot('bad');
      good.act(0, 0, 1);
      assert.ok(world.words().includes('created good 1'));
      agent.snapshot();
      // An agent of this world answers what it is asked, and then all is well.
      const next = new MemoryAgent(world.broker, 'bad', { boot: '00000005', wall: () => world.wall() });
      next.act(0, 0, 1);
      world.clock.advance(5000);
      assert.equal(world.fleet.namespaces('bad').length, 2);
      await world.fleet.stop();
    }),
    { numRuns: modelRuns(150) },
  );
});

test('thousands of epochs: few are taken, few are kept, and the true one is taken in the end', async () => {
  const world = new FakeFleet();
  const agent = world.agent('bad');
  const good = world.agent('good');
  await using fleet = await world.open();
  const events: string[] = [];
  for (let at = 0; at < 3000; at++) {
    const epoch = epochOf('0000000f');
    world.broker.delta('bad', { epoch, first: 1, events: [{ type: 'resynced', time: 't' } as never] });
    world.broker.head('bad', { ...headLike(hostOf(world, 'bad')), epoch });
    if (at % 100 === 0) events.push(...world.words());
  }
  events.push(...world.words());
  assert.ok(events.length <= 20, `${events.length} events`);
  assert.ok(hostOf(world, 'bad').malformed > 2900);
  good.act(0, 0, 1);
  assert.deepEqual(world.words(), ['created good 1']);
  world.clock.advance(20_000);
  const next = agent.restarted();
  world.clock.advance(1000);
  assert.equal(hostOf(world, 'bad').epoch, next.epoch);
  assert.equal(fleet.hosts().filter(({ key }) => key === 'bad').length, 1);
});

test('a host in a storm that nobody reads: its events are dropped and told so, those of others are not', async () => {
  const world = new FakeFleet();
  const loud = world.agent('loud');
  const calm = world.agent('calm');
  await using fleet = await world.open({ bufferSize: 200 });
  calm.act(0, 0, 1);
  for (let at = 0; at < 5000; at++) loud.act(at % 2 === 0 ? 0 : 2, 0, 1);
  calm.act(0, 1, 1);
  assert.ok(fleet.stats().buffered < 300, String(fleet.stats().buffered));
  const words = world.words();
  assert.ok(words.includes('created calm 1') && words.includes('created calm 2'));
  assert.ok(words.includes('resynced loud unread look'));
  assert.ok(fleet.stats().dropped > 0);
  // From then on it is told as before.
  loud.act(0, 3, 1);
  assert.deepEqual(world.words(), [`created loud ${loud.feed.seq}`]);
});

const headLike = ({ epoch, name, interval, shard, counts, versions }: FleetHost) => ({
  ...{ epoch, name, interval, shard, counts, versions },
  ...{ seq: 0, time: 't', target: null, unavailable: [], bye: false },
});
