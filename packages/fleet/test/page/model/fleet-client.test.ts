/** What the page knows of a fleet, by a stream that the test holds in its hands. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { FakeIo } from '../../../../../test/page/support/fake-stream.ts';
import { event, named } from '../../../../../test/page/support/wire.ts';
import { FleetClient } from '../../../src/page/model/fleet-client.ts';
import type { FleetMessage, HostRow } from '../../../src/page/model/fleet-types.ts';
import { happenedText } from '../../../src/page/model/host-words.ts';
import { lab } from '../../serve/support/hosts.ts';

const TIME = '2026-11-30T12:00:00.000Z';
const row = (id: string, change: Partial<HostRow> = {}): HostRow => ({
  id,
  key: id,
  epoch: '00000000000000aa',
  name: id,
  state: 'live',
  since: TIME,
  heard: TIME,
  interval: 15_000,
  shard: '0',
  counts: { namespaces: 1, names: 0, links: null },
  versions: { nlink: '0.1.0', node: '20.20.2', kernel: '6.12.9' },
  target: null,
  unavailable: [],
  skew: 0,
  duplicate: false,
  picture: 'current',
  malformed: 0,
  ...change,
});

function parts(): { io: FakeIo; client: FleetClient; told: FleetMessage[] } {
  const io = new FakeIo();
  const told: FleetMessage[] = [];
  const client = new FleetClient(io, { changed: () => {}, told: (messages) => told.push(...messages) });
  client.start();
  const connection = { state: 'live', reason: null };
  const hosts = [row('node-10'), row('node-9', { state: 'late' }), row('node-1', { duplicate: true })];
  io.last.send('snapshot', { epoch: 'e', seq: 3, time: TIME, connection, hosts }, 'e:3');
  return { io, client, told };
}

const names = (client: FleetClient, id: string): string[] =>
  [...(client.open.model(id)?.namespaces.values() ?? [])]
    .filter(({ ended }) => ended === null)
    .map(({ label }) => label)
    .sort();

test('hosts are in the order of their names, a number in one as a number; counted by state', () => {
  const { client } = parts();
  assert.deepEqual(
    client.hosts.ordered().map(({ name }) => name),
    ['node-1', 'node-9', 'node-10'],
  );
  assert.deepEqual(client.hosts.counts(), { all: 3, live: 2, late: 1, gone: 0, duplicate: 1 });
  assert.equal(client.connection.state, 'live');
});

test('what happens to hosts and the connection is told, and is so then', () => {
  const { io, client, told } = parts();
  io.last.send(
    'events',
    [
      { type: 'hostLive', time: TIME, host: row('node-9') },
      { type: 'hostRemoved', time: TIME, host: row('node-10') },
      { type: 'connection', time: TIME, state: 'stale', reason: 'silence' },
    ],
    'e:6',
  );
  assert.deepEqual(client.hosts.counts(), { all: 2, live: 2, late: 0, gone: 0, duplicate: 1 });
  assert.deepEqual([client.hosts.broker.state, client.hosts.broker.reason], ['stale', 'silence']);
  assert.equal(
    happenedText(told),
    'the broker is not heard: what is shown is approximate; node-9 is live; node-10 is listed no more',
  );
  io.last.send('heard', { time: TIME, heard: { 'node-1': '2026-11-30T12:00:09.000Z', nobody: TIME } });
  assert.equal(client.hosts.ordered()[0]?.heard, '2026-11-30T12:00:09.000Z');
});

test('of many hosts it is said how many they are', () => {
  const told = ['a', 'b', 'c', 'd'].map((id): FleetMessage => ({
    type: 'hostLate',
    time: TIME,
    host: row(id),
  }));
  assert.equal(happenedText(told), '4 hosts: is late');
  assert.equal(happenedText([{ type: 'hostChanged', time: TIME, host: row('a') }]), '');
});

test('a host that is unfolded is asked for from where the stream is, and folded no more', () => {
  const { io, client } = parts();
  assert.ok(client.unfold('node-1') && client.unfold('node-9'));
  io.clock.advance(100);
  assert.equal(io.opened, 1);
  assert.equal(io.last.url, '/v1/events?since=e:3&open=node-1,node-9');
  assert.equal(client.open.model('node-1'), null);
  io.last.send('hostSnapshot', { host: 'node-1', snapshot: lab(['blue']) });
  io.last.send('hostSnapshot', { host: 'node-9', snapshot: null });
  assert.deepEqual(names(client, 'node-1'), ['(this namespace)', 'blue']);
  assert.equal(client.open.model('node-9'), null);
  const created = event('created', { ...named('red'), ready: false, reason: 'x' });
  io.last.send('hostEvents', { host: 'node-1', first: 1, events: [created] });
  io.last.send('hostEvents', { host: 'elsewhere', first: 1, events: [created] });
  assert.deepEqual(names(client, 'node-1'), ['(this namespace)', 'blue', 'red']);
  const before = io.last;
  client.fold('node-1');
  io.clock.advance(100);
  assert.equal(io.last.url, '/v1/events?since=e:3&open=node-9');
  assert.equal(client.open.model('node-1'), null);
  before.send('hostSnapshot', { host: 'node-9', snapshot: lab(['too-late']) });
  assert.deepEqual(names(client, 'node-9'), []);
});

test('what has ended goes after a while', () => {
  const { io, client } = parts();
  client.unfold('node-1');
  io.clock.advance(100);
  io.last.send('hostSnapshot', { host: 'node-1', snapshot: lab(['blue']) });
  io.last.send('hostSnapshot', { host: 'node-1', snapshot: lab([]) });
  assert.deepEqual(names(client, 'node-1'), ['(this namespace)']);
  assert.equal(client.open.model('node-1')?.namespaces.size, 2);
  io.clock.advance(15_000);
  assert.equal(client.open.model('node-1')?.namespaces.size, 1);
});

test('so many are open at once as the server takes, and as an address holds', () => {
  const { client } = parts();
  const short = Array.from({ length: 20 }, (_, at) => client.unfold(`h${at}`));
  assert.equal(short.filter(Boolean).length, 16);
  const { client: other } = parts();
  const long = Array.from({ length: 20 }, (_, at) => other.unfold(`${'x'.repeat(198)}${at}`));
  assert.equal(long.filter(Boolean).length, 7);
});

test('a server that ends is asked again; a wrong token is told', async () => {
  const { io, client } = parts();
  io.last.send('end', { reason: 'stopped' });
  assert.equal(client.connection.state, 'ended');
  io.clock.advance(20_000);
  io.answer = 401;
  io.last.send('error');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(client.connection.state, 'refused');
});
