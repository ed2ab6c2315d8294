/** A search finds what is there, wherever it is among how many hosts, and tells the best first. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { event, identity, named } from '../../../../../test/page/support/wire.ts';
import { waitFor } from '../../../../../test/support/wait.ts';
import { FleetWatcher } from '../../../src/fleet-watcher.ts';
import { FleetSearch } from '../../../src/serve/search/fleet-search.ts';
import type { Found } from '../../../src/serve/search/found.ts';
import { FleetLab } from '../support/fleet-lab.ts';
import { lab } from '../support/hosts.ts';

async function searchOf(t: TestContext, { broker }: FleetLab): Promise<(query: string) => Promise<Found>> {
  const watcher = await FleetWatcher.open({ transport: broker.transport() });
  t.after(() => watcher.stop());
  const search = new FleetSearch(watcher, () => performance.now());
  return async (query) => {
    let found = await search.find(query);
    await waitFor('all to be looked into', async () => {
      found = await search.find(query);
      return found.pending === 0;
    });
    return found;
  };
}

const idsIn = ({ hosts }: Found): string[] => hosts.map(({ id }) => id);

test('the one host that has it is found among many that seem to have it', async (t) => {
  const fleet = new FleetLab();
  // Each has a bridge, and digits of all kinds; pictures of all of them would take seconds.
  const names = Array.from({ length: 20 }, (_, at) => `ns-${at}`);
  for (let at = 0; at < 1000; at++) fleet.add(`h${at}`, { name: `node-${at}` }, lab(names));
  fleet.add('odd', { name: 'odd' }, lab([...names, 'bridge', ...names.map((name) => `more-${name}`)]));
  const find = await searchOf(t, fleet);
  assert.deepEqual(idsIn(await find('nsid:25')), ['odd']);
  assert.deepEqual(idsIn(await find('bridge')), ['odd']);
  assert.deepEqual(idsIn(await find('pid:1025 more')), ['odd']);
  assert.deepEqual(idsIn(await find('host:bridge')), []);
});

test('a host that is called so comes first, then those that are found themselves', async (t) => {
  const fleet = new FleetLab();
  fleet.add('inside', { name: 'other' }, lab(['node-1']));
  for (let at = 300; at > 0; at--) fleet.add(`h${at}`, { name: `Node-${at}` }, lab([]));
  const find = await searchOf(t, fleet);
  const found = await find('node-1');
  assert.deepEqual(idsIn(found)[0], 'h1');
  assert.ok(found.more);
  assert.equal(found.hosts.length, 100);
  assert.deepEqual(idsIn(await find('host:node-7'))[0], 'h7');
  assert.deepEqual(idsIn(await find('node-29')), [
    'h29',
    ...Array.from({ length: 10 }, (_, at) => `h${299 - at}`),
  ]);
  assert.deepEqual(idsIn(await find('node-1 other')), ['inside']);
});

test('what happened since the last snapshot is found, and what ended is not', async (t) => {
  const fleet = new FleetLab();
  for (const key of ['one', 'two']) fleet.add(key, {}, lab(['blue', 'web']));
  const find = await searchOf(t, fleet);
  assert.deepEqual(idsIn(await find('green')), []);
  const told = { ...named('green'), ready: true, nsid: 7, namespace: identity(77), number: 9 };
  fleet.tell('two', [event('created', told)], lab(['blue', 'web', 'green']));
  assert.deepEqual(idsIn(await find('green')), ['two']);
  assert.deepEqual(idsIn(await find('nsid:7')), ['two']);
  assert.deepEqual(idsIn(await find('green id:77')), ['two']);
  assert.deepEqual(idsIn(await find('id:78')), []);
  const gone = { ...named('blue'), namespace: identity(2), nsid: 0, number: 2 };
  fleet.tell('one', [event('destroyed', { ...gone, names: [named('blue')] })], lab(['web']));
  assert.deepEqual(idsIn(await find('name:blue nsid:0')), ['two']);
  fleet.restart('two', '00000000000000bb');
  assert.deepEqual(idsIn(await find('green')), ['two']);
  fleet.head('two', { name: 'green-house' });
  const [host] = (await find('green')).hosts;
  assert.deepEqual([host?.name, host?.itself], ['green-house', true]);
});

test('an answer is there before all hosts have been looked into', async (t) => {
  const fleet = new FleetLab();
  for (let at = 0; at < 3; at++) fleet.add(`h${at}`, { name: `node-${at}` }, lab(['web']));
  const watcher = await FleetWatcher.open({ transport: fleet.broker.transport() });
  t.after(() => watcher.stop());
  // Each look at the clock takes so long that it is time for a break.
  let now = 0;
  const search = new FleetSearch(watcher, () => (now += 100));
  const first = search.find('node-1');
  const second = search.find('node-1');
  assert.deepEqual(idsIn(await first), ['h1']);
  assert.deepEqual(await second, await search.find('node-1'));
});
