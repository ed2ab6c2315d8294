/** The public class, over a broker in memory: list, events, pictures, states, ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetWatcher } from '../../src/index.ts';
import type { FleetEvent, FleetTransport } from '../../src/index.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { MemoryBroker } from '../support/memory-transport.ts';

/** `created`, by the acts of the model. */
const CREATED = 0;

const taken = (fleet: FleetWatcher): FleetEvent[] => {
  const events: FleetEvent[] = [];
  for (let event = fleet.tryRecv(); event !== undefined; event = fleet.tryRecv()) events.push(event);
  return events;
};

test('what is there is in the list, and what happens then is told, each with its number', async () => {
  const broker = new MemoryBroker();
  const agent = new MemoryAgent(broker, 'one', { name: 'node-1' });
  agent.act(CREATED, 0, 1);
  await using fleet = await FleetWatcher.open({ transport: broker.transport() });
  const [host] = fleet.hosts();
  assert.ok(host !== undefined);
  assert.deepEqual(
    [host.id, host.name, host.state, host.picture, host.seq, host.duplicate],
    ['one', 'node-1', 'live', 'current', 1, false],
  );
  assert.equal(fleet.connection, 'live');
  assert.deepEqual(taken(fleet), []);
  const names = (): (string | undefined)[] => fleet.namespaces('one').map(({ names: [name] }) => name?.name);
  assert.deepEqual(names(), [undefined, 'a']);
  agent.act(CREATED, 1, 1);
  const [event] = taken(fleet);
  assert.ok(event?.type === 'namespaceEvent');
  assert.deepEqual(
    [event.seq, event.event.type, event.event.name, event.host.id],
    [2, 'created', 'b', 'one'],
  );
  assert.deepEqual(names(), [undefined, 'a', 'b']);
  assert.equal(fleet.snapshot('one')?.seq, 2);
  assert.equal(fleet.host('two'), null);
  assert.deepEqual(fleet.namespaces('two'), []);
  assert.equal(fleet.snapshot('two'), null);
});

test('a host that comes later is told, and then where to look', async () => {
  const broker = new MemoryBroker();
  await using fleet = await FleetWatcher.open({ transport: broker.transport() });
  new MemoryAgent(broker, 'one').act(CREATED, 0, 1);
  const events = taken(fleet).map((event) => (event.type === 'resynced' ? event.reason : event.type));
  assert.deepEqual(events, ['hostAdded', 'first', 'namespaceEvent']);
});

test('options are checked before anything happens', async () => {
  const transport = new MemoryBroker().transport();
  const wrong = { code: 'ERR_NLINK_INVALID_ARGUMENT' };
  for (const options of [
    undefined,
    {},
    { transport: {} },
    { transport, heads: 1 },
    { transport, bufferSize: 0 },
    { transport, settleTimeout: -1 },
    { transport, forgetAfter: 1 },
    { transport, signal: {} },
  ])
    await assert.rejects(FleetWatcher.open(options as never), wrong);
});

test('a signal ends it, and what waits for the end of the first reading', async () => {
  const broker = new MemoryBroker();
  const agent = new MemoryAgent(broker, 'one');
  assert.equal(agent.key, 'one');
  const transport = broker.transport({ manual: true });
  const control = new AbortController();
  const opening = FleetWatcher.open({ transport, signal: control.signal });
  control.abort();
  await assert.rejects(opening, { code: 'ABORT_ERR' });
});

/** As of a broker that does not answer: `start` goes on until it is let go. */
function stuck(): { transport: FleetTransport; fail: (error: Error) => void; stops: () => number } {
  let stops = 0;
  let fail: (error: Error) => void = () => {};
  const starting = new Promise<void>((_, reject) => (fail = reject));
  const transport = {
    start: () => starting,
    ask: () => {},
    barrier: () => {},
    stop: () => Promise.resolve(void stops++),
  };
  return { transport, fail: (error) => fail(error), stops: () => stops };
}

test('a signal does not wait for a transport that is starting', async () => {
  const { transport, fail, stops } = stuck();
  const control = new AbortController();
  const opening = FleetWatcher.open({ transport, signal: control.signal });
  control.abort();
  await assert.rejects(opening, { code: 'ABORT_ERR' });
  assert.equal(stops(), 1);
  // Nobody is left who could hear it.
  fail(new Error('connection closed'));
});

test('a transport that fails since it was stopped is no error of its own', async () => {
  const { transport, fail } = stuck();
  const control = new AbortController();
  const opening = FleetWatcher.open({
    transport: { ...transport, stop: () => Promise.resolve(fail(new Error('connection closed'))) },
    signal: control.signal,
  });
  control.abort();
  await assert.rejects(opening, { code: 'ABORT_ERR' });
});

test('a transport tells one watcher, once', async () => {
  const transport = new MemoryBroker().transport();
  const fleet = await FleetWatcher.open({ transport });
  const wrong = { code: 'ERR_NLINK_INVALID_ARGUMENT' };
  await assert.rejects(FleetWatcher.open({ transport }), wrong);
  await fleet.stop();
  await assert.rejects(FleetWatcher.open({ transport }), wrong);
});

test('heads alone are a list of hosts', async () => {
  const broker = new MemoryBroker();
  const agent = new MemoryAgent(broker, 'one');
  await using fleet = await FleetWatcher.open({ transport: broker.transport(), heads: true });
  agent.act(CREATED, 0, 1);
  agent.head();
  assert.deepEqual(taken(fleet), []);
  const [host] = fleet.hosts();
  assert.deepEqual([host?.picture, host?.counts.names, host?.seq], ['none', 1, 0]);
  assert.deepEqual(fleet.namespaces('one'), []);
});
