/** How old a head is, what is forgotten with a host, and what a lost connection says of pictures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetHost } from '../../src/index.ts';
import { FakeFleet } from '../support/fake-reader.ts';
import { headOf } from '../support/head.ts';

const HOUR = 3_600_000;
const EPOCH = '00000001000000aa';
const hostOf = (world: FakeFleet): FleetHost => world.fleet.host('one') as FleetHost;

test('how far a clock is off is told as of the moment when its head was kept', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open();
  world.clock.advance(5000);
  const time = new Date(world.wall() - 3000).toISOString();
  world.broker.head('one', headOf(EPOCH, { time }), 3000);
  assert.deepEqual([fleet.host('one')?.heard, hostOf(world).skew], [3000, 0]);
});

test('a head that is older than what is kept of hosts brings none back', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open({ forgetAfter: HOUR });
  world.broker.head('one', headOf(EPOCH), HOUR + 1);
  assert.deepEqual([world.words(), fleet.hosts()], [[], []]);
  world.broker.head('one', headOf(EPOCH), HOUR);
  assert.deepEqual(world.words(), ['hostAdded one']);
});

test('what no agent makes is counted until its host is forgotten', async () => {
  const world = new FakeFleet();
  const agent = world.agent('one');
  await using fleet = await world.open({ forgetAfter: HOUR });
  world.broker.malformed('one');
  assert.equal(hostOf(world).malformed, 1);
  world.clock.advance(HOUR + 2000);
  agent.head();
  assert.deepEqual([fleet.hosts().length, hostOf(world).malformed], [1, 0]);
});

test('while the connection is lost no picture is current, though its host is live', async () => {
  const world = new FakeFleet();
  world.agent('one');
  await using fleet = await world.open();
  world.transport.cut();
  const { state, picture } = hostOf(world);
  assert.deepEqual([fleet.connection, state, picture], ['stale', 'live', 'stale']);
  world.transport.heal(false);
  assert.equal(hostOf(world).picture, 'current');
});
