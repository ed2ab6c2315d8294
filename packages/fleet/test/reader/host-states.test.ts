/** Live, late, gone, started anew, two under one key, forgotten: by a clock that the test holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FleetHost } from '../../src/index.ts';
import { UNREACHED } from '../../src/wire/head.ts';
import type { Head } from '../../src/wire/head.ts';
import { FakeFleet, START } from '../support/fake-reader.ts';
import { headOf } from '../support/head.ts';

const HOUR = 3_600_000;
const EPOCH = '00000001000000aa';
const hostOf = (world: FakeFleet, id = 'one'): FleetHost => world.fleet.host(id) as FleetHost;

test('late after three intervals without a head, and live with the next; the picture stays', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one', { interval: 10_000 });
  agent.act(0, 0, 1);
  await using fleet = await world.open();
  world.clock.advance(30_000);
  assert.deepEqual(world.words(), []);
  world.clock.advance(1500);
  assert.deepEqual(world.words(), ['hostLate one']);
  assert.deepEqual([hostOf(world).state, hostOf(world).picture], ['late', 'stale']);
  assert.ok(hostOf(world).since >= START + 30_000 && hostOf(world).heard >= 30_000);
  assert.equal(fleet.namespaces('one').length, 2);
  agent.head();
  assert.deepEqual(world.words(), ['hostLive one']);
  assert.deepEqual([hostOf(world).state, hostOf(world).picture, hostOf(world).heard], ['live', 'current', 0]);
});

test('the age of a head counts, not when it was read', async () => {
  const world = new FakeFleet();
  world.agent('one', { interval: 10_000 });
  world.clock.advance(29_000);
  world.agent('two', { interval: 10_000 });
  world.clock.advance(5000);
  await using fleet = await world.open();
  assert.deepEqual(
    fleet.hosts().map(({ id, state, heard }) => [id, state, heard]),
    [
      ['one', 'late', 34_000],
      ['two', 'live', 5000],
    ],
  );
});

test('who says bye is gone at once, and is not late after it', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one');
  agent.act(0, 0, 1);
  await using fleet = await world.open();
  agent.bye();
  assert.deepEqual(world.words(), ['hostGone one']);
  world.clock.advance(HOUR);
  assert.deepEqual(world.words(), []);
  assert.deepEqual([hostOf(world).state, fleet.namespaces('one').length], ['gone', 2]);
});

test('an old head that a stalled server keeps late does not bring back who said bye', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one');
  await using fleet = await world.open();
  const late: Head[] = [];
  const broker = { head: (_key: string, head: Head) => late.push(head) };
  world.broker.head('one', { ...headOf(agent.epoch), bye: true, seq: 4 });
  world.clock.advance(HOUR);
  broker.head('one', { ...headOf(agent.epoch), seq: 4 });
  world.broker.head('one', late[0] as Head);
  assert.deepEqual(world.words(), ['hostGone one']);
  world.broker.head('one', { ...headOf(agent.epoch), seq: 5 });
  assert.deepEqual(world.words(), ['hostLive one']);
  assert.equal(fleet.hosts().length, 1);
});

test('an agent that starts anew: what it had is shown until there is a snapshot, then what differs', async () => {
  const world = new FakeFleet(true);
  const agent = world.agent('one');
  agent.act(0, 0, 1);
  agent.act(0, 1, 1);
  await using fleet = await world.open();
  agent.happen(2, 0, 0);
  const next = agent.restarted();
  world.transport.give('heads');
  assert.deepEqual(world.words(), ['hostRestarted one']);
  assert.deepEqual([hostOf(world).epoch, hostOf(world).picture], [next.epoch, 'pending']);
  assert.equal(fleet.namespaces('one').length, 3);
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['deleted one null', 'destroyed one null', 'resynced one restart']);
  assert.deepEqual([hostOf(world).picture, fleet.namespaces('one').length], ['current', 2]);
  next.act(0, 0, 1);
  world.transport.giveAll();
  assert.deepEqual(world.words(), ['created one 1']);
});

test('after a boot everything is another one, though ids are the same', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one');
  agent.act(0, 0, 1);
  await using fleet = await world.open();
  const next = agent.restarted({ boot: '00000009' });
  assert.deepEqual(world.words(), [
    'hostRestarted one',
    'deleted one null',
    'destroyed one null',
    'destroyed one null',
    'found one null',
    'resynced one restart',
  ]);
  next.act(0, 0, 1);
  assert.deepEqual(world.words(), ['created one 1']);
  assert.equal(fleet.namespaces('one').length, 2);
});

test('heads of a former start count for nothing while they may have been on the way', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one');
  await using fleet = await world.open();
  agent.restarted();
  world.words();
  world.clock.advance(19_000);
  world.broker.head('one', headOf(agent.epoch));
  assert.deepEqual(world.words(), []);
  assert.equal(fleet.hosts().length, 1);
});

test('two agents under one key are both listed, and one alone when the other has ended', async () => {
  const world = new FakeFleet();
  const one = world.agent('one', { name: 'first' });
  one.act(0, 0, 1);
  await using fleet = await world.open();
  const two = world.agent('one', { name: 'second', boot: '00000002' });
  world.clock.advance(21_000);
  two.head();
  world.words();
  one.head();
  const second = `one~${one.epoch}`;
  assert.deepEqual(world.words(), ['hostDuplicate one', `hostDuplicate ${second}`]);
  world.clock.advance(1000);
  assert.deepEqual(world.words(), [`resynced ${second} first look`]);
  assert.deepEqual(
    fleet.hosts().map(({ id, name, duplicate }) => [id, name, duplicate]),
    [
      ['one', 'second', true],
      [second, 'first', true],
    ],
  );
  assert.deepEqual([fleet.namespaces('one').length, fleet.namespaces(second).length], [1, 2]);
  one.act(0, 1, 1);
  assert.deepEqual(world.words(), [`created ${second} 2`]);
  one.bye();
  for (let minute = 0; minute < 8; minute++) {
    world.clock.advance(10_000);
    two.head();
  }
  assert.deepEqual(world.words(), [`hostGone ${second}`, `hostRemoved ${second}`]);
  assert.deepEqual(
    fleet.hosts().map(({ id, duplicate }) => [id, duplicate]),
    [['one', false]],
  );
});

test('of two agents the newer one ends: the other one is the host again', async () => {
  const world = new FakeFleet();
  const one = world.agent('one', { name: 'first' });
  await using fleet = await world.open();
  const two = world.agent('one', { name: 'second', boot: '00000002' });
  world.clock.advance(21_000);
  one.head();
  world.clock.advance(1000);
  two.bye();
  for (let minute = 0; minute < 8; minute++) {
    world.clock.advance(10_000);
    one.head();
  }
  const second = `one~${one.epoch}`;
  assert.deepEqual(world.words().slice(-6, -3), [
    'hostGone one',
    `hostRemoved ${second}`,
    'hostRestarted one',
  ]);
  assert.deepEqual(
    fleet.hosts().map(({ id, name, duplicate, state }) => [id, name, duplicate, state]),
    [['one', 'first', false, 'live']],
  );
});

test('clocks that are wrong by hours are told, and change nothing', async () => {
  const world = new FakeFleet();
  world.agent('ahead', { wall: () => world.wall() + 7 * HOUR });
  world.agent('behind', { wall: () => world.wall() - 9 * HOUR });
  await using fleet = await world.open();
  assert.deepEqual(
    fleet.hosts().map(({ id, state, skew, heard }) => [id, state, skew, heard]),
    [
      ['ahead', 'live', 7 * HOUR, 0],
      ['behind', 'live', -9 * HOUR, 0],
    ],
  );
  world.broker.head('behind', { ...headOf((fleet.host('behind') as FleetHost).epoch), time: 'noon' });
  assert.equal(fleet.host('behind')?.skew, null);
});

test('who was late for long is forgotten', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one');
  await using fleet = await world.open({ forgetAfter: HOUR });
  world.clock.advance(HOUR + 2000);
  assert.deepEqual(world.words(), ['hostLate one', 'hostRemoved one']);
  assert.deepEqual([fleet.hosts(), fleet.host('one'), fleet.snapshot('one')], [[], null, null]);
  agent.head();
  assert.deepEqual(world.words(), ['hostAdded one']);
});

test('who is forgotten soon is listed all the same, while it is live', async () => {
  const world = new FakeFleet();
  world.broker.head('live', headOf(EPOCH));
  world.broker.head('gone', { ...headOf(EPOCH), bye: true });
  world.broker.head('late', { ...headOf(EPOCH), interval: 1000 });
  world.clock.advance(10_000);
  await using fleet = await world.open({ heads: true, forgetAfter: 1000 });
  assert.deepEqual(
    fleet.hosts().map(({ id, state }) => [id, state]),
    [['live', 'live']],
  );
});

test('ten thousand hosts that are late at once are each told', async () => {
  const COUNT = 10_000;
  const world = new FakeFleet(true);
  for (let at = 0; at < COUNT; at++) world.broker.head(`h${at}`, headOf(EPOCH));
  await using fleet = await world.open({ heads: true });
  const types = new Map<string, number>();
  const reading = (async () => {
    for await (const { type } of fleet) types.set(type, (types.get(type) ?? 0) + 1);
  })();
  for (let second = 0; second < 60; second++)
    for (let tick = 0; tick < 4; tick++) {
      world.clock.advance(250);
      await setImmediate();
      await setImmediate();
    }
  assert.deepEqual([...types], [['hostLate', COUNT]]);
  assert.equal(fleet.stats().dropped, 0);
  await fleet.stop();
  await reading;
});

test('while the reader itself stood still nobody was late: what came is read first', async () => {
  const world = new FakeFleet(true);
  const agent = world.agent('one');
  const silent = world.agent('two');
  assert.ok(silent.isAlive);
  await using fleet = await world.open();
  world.clock.pass(120_000);
  agent.head();
  world.clock.fire();
  assert.deepEqual(world.words(), []);
  world.clock.advance(2000);
  world.transport.giveAll();
  assert.deepEqual(world.words(), []);
  world.clock.advance(5000);
  assert.deepEqual(world.words(), ['hostLate two']);
  assert.equal(fleet.host('one')?.state, 'live');
});

test('a head that is older than the known one, which a stalled server keeps late, counts for nothing', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open({ heads: true });
  const counts = { namespaces: 7, names: 7, links: 7 };
  world.broker.head('one', { ...headOf(EPOCH), seq: 7, counts });
  world.clock.advance(40_000);
  world.broker.head('one', { ...headOf(EPOCH), seq: 6 });
  assert.equal(fleet.host('one')?.counts.names, 7);
  world.clock.advance(7000);
  assert.deepEqual(world.words(), ['hostAdded one', 'hostLate one']);
  world.broker.head('one', { ...headOf(EPOCH), seq: 7 });
  assert.deepEqual(world.words(), ['hostLive one']);
});

test('a host that was not reached yet is late, is asked for nothing, and is live when it is', async () => {
  const world = new FakeFleet();
  world.clock.advance(60_000);
  await using fleet = await world.open();
  world.broker.head('one', { ...headOf(UNREACHED), interval: 1000 });
  world.clock.advance(60_000);
  assert.deepEqual(world.words(), ['hostAdded one', 'hostLate one']);
  const asks = world.broker.asks.get('one') ?? 0;
  world.clock.advance(60_000);
  assert.equal(world.broker.asks.get('one') ?? 0, asks);
  const agent = world.agent('one');
  assert.deepEqual(world.words(), ['hostLive one', 'resynced one first look']);
  world.broker.head('one', headOf(UNREACHED));
  world.clock.advance(21_000);
  world.broker.head('one', headOf(UNREACHED));
  assert.deepEqual(world.words(), []);
  assert.deepEqual([hostOf(world).epoch, fleet.hosts().length], [agent.epoch, 1]);
});
