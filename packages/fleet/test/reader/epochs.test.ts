/** Starts of agents under one key, out of order, by clocks that the test holds: host.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetHost } from '../../src/index.ts';
import { packed } from '../../src/wire/payload.ts';
import { FakeFleet } from '../support/fake-reader.ts';
import { headOf } from '../support/head.ts';
import { epochOf } from '../support/memory-agent.ts';

const EMPTY = { directory: '/', unavailable: [], namespaces: [], links: [] };

function snapshot(world: FakeFleet, epoch: string): void {
  const body = packed(JSON.stringify({ epoch, seq: 0, ...EMPTY }));
  world.broker.snapshot('one', { epoch, seq: 0, resync: null, body });
}

const idsOf = (world: FakeFleet): string[] => world.fleet.hosts().map(({ id, epoch }) => `${id} ${epoch}`);

/** Two agents that are marked. */
async function doubled(): Promise<{ world: FakeFleet; one: string; two: string }> {
  const world = new FakeFleet();
  const [one, two] = [epochOf('00000001'), epochOf('00000002')];
  await world.open();
  world.broker.head('one', headOf(one));
  world.broker.head('one', headOf(two));
  world.clock.advance(21_000);
  world.broker.head('one', headOf(two));
  world.broker.head('one', headOf(one));
  world.words();
  return { world, one, two };
}

test('what is on a host may come before its first head, and is told after the host', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open();
  const epoch = epochOf('00000001');
  snapshot(world, epoch);
  assert.deepEqual([world.words(), fleet.hosts()], [[], []]);
  world.broker.head('one', headOf(epoch));
  assert.deepEqual(world.words(), ['hostAdded one', 'resynced one first look']);
});

test('of starts of which no head came only two are kept', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open();
  const epochs = Array.from({ length: 3 }, () => epochOf('00000001'));
  for (const epoch of epochs) snapshot(world, epoch);
  const pictures: (string | undefined)[] = [];
  for (const epoch of epochs) {
    world.broker.head('one', headOf(epoch));
    pictures.push(fleet.host('one')?.picture);
  }
  assert.deepEqual(pictures, ['none', 'current', 'current']);
});

test('a head that was kept before those of the newer start is of one before', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open();
  const [old, now] = [epochOf('00000001'), epochOf('00000001')];
  world.broker.head('one', headOf(now));
  world.words();
  world.broker.head('one', headOf(old), 5000);
  assert.deepEqual([world.words(), fleet.host('one')?.epoch], [[], now]);
});

test('a goodbye of a start before is no second agent', async () => {
  const world = new FakeFleet();
  await using fleet = await world.open();
  const [one, two] = [epochOf('00000001'), epochOf('00000001')];
  world.broker.head('one', headOf(one));
  world.broker.head('one', headOf(two));
  world.clock.advance(21_000);
  world.broker.head('one', headOf(two));
  world.words();
  world.broker.head('one', headOf(one, { bye: true }));
  assert.deepEqual([world.words(), fleet.hosts().length], [[], 1]);
});

test('of three agents two are listed, always the same', async () => {
  const { world, one, two } = await doubled();
  const three = epochOf('00000003');
  const before = idsOf(world);
  assert.deepEqual(before, [`one ${two}`, `one~${one} ${one}`]);
  // It is the newest, so it is the host; the one before it still speaks.
  world.broker.head('one', headOf(three));
  world.clock.advance(21_000);
  for (const epoch of [one, three, two]) world.broker.head('one', headOf(epoch));
  assert.deepEqual(idsOf(world), [`one ${three}`, `one~${one} ${one}`]);
  await world.fleet.stop();
});

test('one of two agents that starts anew is one of two still', async () => {
  const { world, one } = await doubled();
  const three = epochOf('00000002');
  world.broker.head('one', headOf(three));
  assert.deepEqual(
    world.fleet.hosts().map(({ epoch, duplicate }: FleetHost) => [epoch, duplicate]),
    [
      [three, true],
      [one, true],
    ],
  );
  await world.fleet.stop();
});
