/** Single losses and orders, step by step: what is told, what is asked, what is waited for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetHost } from '../../src/index.ts';
import { packed } from '../../src/wire/payload.ts';
import { FakeFleet } from '../support/fake-reader.ts';
import type { MemoryAgent } from '../support/memory-agent.ts';

const created = (agent: MemoryAgent, by: number): void => agent.act(0, by, 1);
const hostOf = (world: FakeFleet): FleetHost => world.fleet.host('one') as FleetHost;
const asksOf = (world: FakeFleet): number => world.broker.asks.get('one') ?? 0;

async function opened(): Promise<{ world: FakeFleet; agent: MemoryAgent }> {
  const world = new FakeFleet(true);
  const agent = world.agent('one');
  await world.open();
  return { world, agent };
}

test('numbers are missing: a snapshot is asked for, what differs is told, then what came later', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  world.transport.lose('deltas');
  created(agent, 1);
  world.transport.giveAll();
  assert.deepEqual([world.words(), hostOf(world).picture, asksOf(world)], [[], 'pending', 0]);
  assert.equal(world.fleet.namespaces('one').length, 1);
  world.clock.advance(500);
  assert.equal(asksOf(world), 1);
  created(agent, 2);
  world.transport.give('deltas');
  assert.deepEqual(world.words(), []);
  world.transport.giveAll();
  assert.deepEqual(world.words(), [
    'created one null',
    'created one null',
    'resynced one lost',
    'created one 3',
  ]);
  assert.deepEqual([hostOf(world).picture, hostOf(world).seq], ['current', 3]);
  assert.equal(world.fleet.namespaces('one').length, 4);
  await world.fleet.stop();
});

test('a head that knows of more: the events may be on the way, and come before the barrier', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  agent.head();
  world.transport.give('heads');
  assert.deepEqual([world.words(), hostOf(world).picture], [[], 'pending']);
  world.transport.giveAll();
  assert.deepEqual([world.words(), hostOf(world).picture], [['created one 1'], 'current']);
  world.clock.advance(60_000);
  assert.equal(asksOf(world), 0);
  await world.fleet.stop();
});

test('a head that knows of more, and the barrier comes without the events: they are lost', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  world.transport.lose('deltas');
  agent.head();
  world.transport.giveAll();
  world.clock.advance(500);
  assert.equal(asksOf(world), 1);
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['created one null', 'resynced one lost']);
  await world.fleet.stop();
});

test('a snapshot ahead of the events waits for them, and then nothing was lost', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  agent.snapshot();
  world.transport.give('snapshots');
  assert.deepEqual(world.words(), []);
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['created one 1']);
  await world.fleet.stop();
});

test('a snapshot that is older than the one that is there is passed over', async () => {
  const { world, agent } = await opened();
  const old = { epoch: agent.epoch, seq: 0, resync: null, body: packed(agent.json()) };
  for (let at = 0; at < 3; at++) created(agent, at);
  agent.snapshot();
  world.transport.giveAll();
  world.words();
  world.broker.snapshot('one', old);
  world.transport.giveAll();
  created(agent, 3);
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['created one 4']);
  assert.equal(world.fleet.namespaces('one').length, 5);
  assert.equal(world.fleet.snapshot('one')?.seq, 4);
  await world.fleet.stop();
});

test('what waits for a snapshot has a bound: then a later snapshot is needed', async () => {
  const { world, agent } = await opened();
  const path = 'x'.repeat(8000);
  const event = { type: 'directoryCreated', time: new Date(0).toISOString(), path } as never;
  const tell = (first: number, count: number): void =>
    world.broker.delta('one', {
      epoch: agent.epoch,
      first,
      events: Array.from({ length: count }, () => event),
    });
  // The first is lost; what comes after it waits, 4 MiB at most.
  tell(2, 500);
  tell(502, 100);
  tell(602, 1);
  world.transport.giveAll();
  const json = JSON.stringify({ ...(JSON.parse(agent.json()) as object), seq: 1 });
  world.broker.snapshot('one', { epoch: agent.epoch, seq: 1, resync: null, body: packed(json) });
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['resynced one lost']);
  assert.deepEqual([hostOf(world).seq, hostOf(world).picture], [1, 'pending']);
  await world.fleet.stop();
});

for (const reason of ['overflow', 'timeout', 'refused'] as const)
  test(`what an agent could not publish (${reason}) is told by what differs`, async () => {
    const { world, agent } = await opened();
    agent.happen(0, 0, 1);
    agent.happen(0, 1, 1);
    agent.drop(reason);
    created(agent, 2);
    world.transport.giveAll();
    assert.deepEqual(world.words(), [
      'created one null',
      'created one null',
      `resynced one ${reason}`,
      'created one 3',
    ]);
    assert.equal(asksOf(world), 0);
    await world.fleet.stop();
  });

test('what is told twice is passed over, also where it is told once more with what is new', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  world.transport.double('deltas');
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['created one 1']);
  created(agent, 1);
  const all = agent.feed.ring.after(0, { events: 9, bytes: 1e6 }) ?? [];
  const events = all.map((json) => JSON.parse(json) as never);
  world.broker.delta('one', { epoch: agent.epoch, first: 1, events });
  world.transport.lose('deltas');
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['created one 2']);
  await world.fleet.stop();
});

test('deltas may be read before the snapshot that they follow, and before the first head', async () => {
  const world = new FakeFleet(true);
  const agent = world.agent('one');
  created(agent, 0);
  created(agent, 1);
  const opening = world.open();
  world.transport.give('deltas');
  world.transport.give('snapshots');
  world.transport.give('heads');
  await opening;
  assert.deepEqual([hostOf(world).seq, hostOf(world).picture], [2, 'current']);
  assert.equal(world.fleet.namespaces('one').length, 3);
  await world.fleet.stop();
});

test('a barrier that was lost with the connection is asked for once more', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  world.transport.lose('deltas');
  agent.head();
  world.transport.give('heads');
  world.transport.cut();
  world.clock.advance(60_000);
  assert.equal(asksOf(world), 0);
  assert.deepEqual(world.words(), ['connection stale', 'hostLate one']);
  assert.equal(hostOf(world).picture, 'stale');
  world.transport.heal(false);
  agent.head();
  world.transport.giveAll();
  world.clock.advance(500);
  world.transport.giveAll();
  assert.deepEqual(world.words(), [
    'connection live',
    'hostLive one',
    'created one null',
    'resynced one lost',
  ]);
  await world.fleet.stop();
});

test('a store that was wiped: heads and snapshots that come anew tell nothing new', async () => {
  const { world, agent } = await opened();
  created(agent, 0);
  world.transport.giveAll();
  world.words();
  world.transport.cut();
  world.broker.wipe();
  world.transport.heal(true);
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['connection stale', 'connection live']);
  assert.equal(hostOf(world).picture, 'current');
  await world.fleet.stop();
});

test('a host that does not answer is asked ever less often, and few of many in a second', async () => {
  const world = new FakeFleet(true);
  const agents = Array.from({ length: 400 }, (_, at) => world.agent(`h${at}`, { interval: 3_600_000 }));
  await world.open();
  for (const agent of agents) created(agent, 0);
  while (world.transport.lose('deltas'));
  for (const agent of agents) agent.head();
  for (const agent of agents) agent.crash();
  world.transport.giveAll();
  const counts: number[] = [];
  for (let second = 0; second < 12; second++) {
    world.clock.advance(1000);
    counts.push([...world.broker.asks.values()].reduce((sum, count) => sum + count, 0));
  }
  assert.ok((counts[0] as number) <= 150, counts.join(', '));
  for (const [at, count] of counts.entries())
    assert.ok(at === 0 || count - (counts[at - 1] as number) <= 60, counts.join(', '));
  assert.equal(world.broker.asks.size, 400);
  world.clock.advance(600_000);
  const most = Math.max(...world.broker.asks.values());
  assert.ok(most >= 4 && most <= 13, `${most} asks in ten minutes`);
  await world.fleet.stop();
});

test('a part that is known no more asks for a snapshot, which knows that', async () => {
  const { world, agent } = await opened();
  const event = { type: 'linksUnavailable', time: new Date(0).toISOString(), reason: 'EPERM', message: 'no' };
  world.broker.delta('one', { epoch: agent.epoch, first: 1, events: [event as never] });
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['linksUnavailable one 1']);
  world.clock.advance(1000);
  assert.equal(asksOf(world), 1);
  await world.fleet.stop();
});

test('many events after a snapshot become part of it, and nothing is different', async () => {
  const { world, agent } = await opened();
  for (let at = 0; at < 4000; at++) agent.act(at % 14, at * 7, at * 3);
  world.transport.giveAll();
  while (world.taken().length > 0);
  const { seq, json } = world.fleet.snapshot('one') ?? {};
  assert.equal(seq, agent.feed.seq);
  const { toldBySnapshot } = await import('../support/told-lines.ts');
  assert.deepEqual(toldBySnapshot(json ?? ''), toldBySnapshot(agent.json()));
  await world.fleet.stop();
});
