/** The stream: hosts and what happens to them, and what is on those that are open. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { waitFor } from '../../../../test/support/wait.ts';
import { event, named } from '../../../../test/page/support/wire.ts';
import { Replay } from '../../src/core.ts';
import type { WireEvent, WireSnapshot } from '../../src/core.ts';
import type { HostRow } from '../../src/serve/host-row.ts';
import { FleetLab, servedFleet } from './support/fleet-lab.ts';
import { FleetStream } from './support/fleet-stream.ts';
import { lab } from './support/hosts.ts';

const created = (name: string): WireEvent => event('created', { ...named(name), ready: false, reason: 'x' });
const twoHosts = (): FleetLab => {
  const fleet = new FleetLab();
  fleet.add('alpha', { name: 'alpha' }, lab(['blue']));
  fleet.add('beta', { name: 'beta' }, lab(['red', 'green']));
  return fleet;
};
interface HostEvents {
  host: string;
  events: WireEvent[];
}
interface HostSnapshot {
  host: string;
  snapshot: WireSnapshot;
}

test('a snapshot of all hosts, then what happens to them; nothing of what is on them', async (t) => {
  const fleet = twoHosts();
  const { port } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port);
  await stream.until('a snapshot', () => stream.of('snapshot').length === 1);
  const [snapshot] = stream.of<{ hosts: HostRow[]; connection: { state: string } }>('snapshot');
  assert.deepEqual(snapshot?.hosts.map(({ name, state }) => [name, state]).sort(), [
    ['alpha', 'live'],
    ['beta', 'live'],
  ]);
  assert.equal(snapshot?.connection.state, 'live');
  fleet.add('gamma', { name: 'gamma' }, lab([]));
  fleet.tell('beta', [created('new')], lab(['red', 'green', 'new']));
  await stream.until('a host', () => stream.events.some(({ type }) => type === 'hostAdded'));
  fleet.head('alpha', { bye: true });
  await stream.until('its end', () => stream.events.some(({ type }) => type === 'hostGone'));
  assert.deepEqual(stream.of('hostSnapshot'), []);
  assert.deepEqual(stream.of('hostEvents'), []);
});

test('of hosts that are open all that is on them, then what happens there, each by its host', async (t) => {
  const fleet = twoHosts();
  const { port } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port, '/v1/events?open=beta,missing');
  await stream.until('what is there', () => stream.of('hostSnapshot').length === 1);
  const [first] = stream.of<HostSnapshot>('hostSnapshot');
  assert.equal(first?.host, 'beta');
  assert.deepEqual(
    first?.snapshot.namespaces.map(({ name }) => name),
    [null, 'red', 'green'],
  );
  fleet.tell('alpha', [created('passed-over')], lab(['blue', 'passed-over']));
  fleet.tell('beta', [created('one'), created('two')], lab(['red', 'green', 'one', 'two']));
  const told = (): HostEvents[] => stream.of<HostEvents>('hostEvents');
  await stream.until('events', () => told().length > 0);
  assert.deepEqual(
    told().flatMap(({ host, events }) => events.map(({ name }) => `${host} ${name}`)),
    ['beta one', 'beta two'],
  );
});

test('a host that is open and was not heard yet is told when it comes', async (t) => {
  const fleet = twoHosts();
  fleet.add('empty', {}, null);
  const { port } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port, '/v1/events?open=empty');
  await stream.until('a snapshot of hosts', () => stream.of('snapshot').length === 1);
  assert.deepEqual(stream.of('hostSnapshot'), []);
  fleet.show('empty', lab(['late-comer']));
  await stream.until('what is there', () => stream.of('hostSnapshot').length > 0);
  const last = stream.of<HostSnapshot>('hostSnapshot').at(-1);
  assert.ok(last?.snapshot.namespaces.some(({ name }) => name === 'late-comer'));
});

test('after a loss, and after its agent started anew, what is there is told anew', async (t) => {
  const fleet = twoHosts();
  const { port } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port, '/v1/events?open=beta');
  const replay = new Replay();
  const names = (): string[] => {
    for (const { type, data } of stream.messages.splice(0)) {
      if (type === 'hostSnapshot') replay.snapshot((data as HostSnapshot).snapshot, 0);
      if (type === 'hostEvents') replay.events((data as HostEvents).events, 0, 0);
    }
    replay.tick(Infinity);
    return [...replay.model.namespaces.values()].map(({ label }) => label).sort();
  };
  const are = (...wanted: string[]): (() => boolean) => {
    const all = ['(this namespace)', ...wanted].sort().join();
    return () => names().join() === all;
  };
  await stream.until('what is there', are('red', 'green'));
  fleet.lose('beta', 3, lab(['red', 'lost-and-found']));
  await stream.until('what was lost', are('red', 'lost-and-found'));
  fleet.restart('beta', '00000000000000bb');
  fleet.tell('beta', [created('after')], lab(['red', 'lost-and-found', 'after']));
  await stream.until('what came after', are('red', 'lost-and-found', 'after'));
});

test('who comes back is told what was missed, not all anew', async (t) => {
  const fleet = twoHosts();
  const { port } = await servedFleet(t, fleet);
  const first = await FleetStream.open(t, port);
  await first.until('a snapshot', () => first.of('snapshot').length === 1);
  first.close();
  fleet.add('gamma', {}, lab([]));
  const again = await FleetStream.open(t, port, `/v1/events?since=${first.cursor}&open=beta`);
  await again.until('what was missed', () => again.events.some(({ type }) => type === 'hostAdded'));
  await again.until('what is open', () => again.of('hostSnapshot').length === 1);
  assert.deepEqual(again.of('snapshot'), []);
  const elsewhere = await FleetStream.open(t, port, '/v1/events?since=0123456789abcdef:1');
  await elsewhere.until('all of it', () => elsewhere.of('snapshot').length === 1);
});

test('the connection is told: stale, and live again', async (t) => {
  const fleet = twoHosts();
  const { port, transport, get } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port);
  const states = (): unknown[] =>
    stream.events.filter(({ type }) => type === 'connection').map(({ state }) => state);
  await stream.until('a snapshot', () => stream.of('snapshot').length === 1);
  assert.equal((await get('/readyz')).status, 200);
  const before = states().length;
  transport.cut();
  await stream.until('a silence', () => states().at(-1) === 'stale');
  assert.equal((await get('/readyz')).status, 503);
  assert.equal((await get('/healthz')).status, 200);
  transport.heal(false);
  await stream.until('its end', () => states().at(-1) === 'live');
  assert.ok(states().length >= before + 2);
});

test('what is heard of hosts is told now and then, without an id', async (t) => {
  const fleet = twoHosts();
  const { port } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port);
  await stream.until('a snapshot', () => stream.of('snapshot').length === 1);
  await stream.until('when it was heard', () => {
    fleet.head('alpha', { counts: { namespaces: 77, names: 1, links: 2 } });
    return stream.of('heard').length > 0;
  });
  assert.deepEqual(
    stream.of<{ heard: object }>('heard').flatMap(({ heard }) => Object.keys(heard)),
    ['alpha'],
  );
  const counts = stream.events
    .filter(({ type }) => type === 'hostChanged')
    .map(({ host }) => (host as HostRow).counts.namespaces);
  assert.deepEqual(counts, [77]);
  assert.ok(stream.messages.every(({ type, id }) => (id === null) === (type === 'heard')));
});

test('the same as NDJSON, and its end', async (t) => {
  const fleet = twoHosts();
  const { port, server } = await servedFleet(t, fleet);
  const headers = { accept: 'application/x-ndjson' };
  const stream = await FleetStream.open(t, port, '/v1/events?open=beta', headers);
  await stream.until('both', () => stream.of('snapshot').length + stream.of('hostSnapshot').length === 2);
  fleet.tell('beta', [created('one')], lab(['red', 'green', 'one']));
  await stream.until('an event', () => stream.of('hostEvents').length === 1);
  await server.stop();
  await stream.until('the end', () => stream.isClosed);
  assert.deepEqual(stream.of('end'), [{ type: 'end', reason: 'stopped' }]);
  assert.equal(server.clients, 0);
});

test('so many follow at most, and so many hosts are open', async (t) => {
  const fleet = twoHosts();
  const { port, get, server } = await servedFleet(t, fleet, { clients: 1 });
  const stream = await FleetStream.open(t, port);
  const other = await FleetStream.open(t, port);
  await other.until('to be turned away', () => other.isClosed);
  assert.equal(other.messages[0]?.type, 'busy');
  stream.close();
  const open = (count: number): string =>
    `/v1/events?open=${Array.from({ length: count }, (_, at) => `host${at}`).join()}`;
  assert.equal((await get(open(17))).status, 400);
  await waitFor('its place', () => server.clients === 0);
  const many = await FleetStream.open(t, port, open(16));
  await many.until('to be let in', () => many.of('snapshot').length === 1);
});
