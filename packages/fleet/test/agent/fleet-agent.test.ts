import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../../../../test/support/wait.ts';
import { makeStreams } from '../../src/nats/streams.ts';
import { askSubject, streamOf } from '../../src/wire/subjects.ts';
import { openStore, startAgent } from '../support/agents.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

test(
  'a head, a snapshot and deltas tell what is on a host, and a goodbye that it ends',
  withServer,
  async (t) => {
    const server = await startNatsServer({ t });
    const store = await openStore(t, server);
    const { agent, host, key } = await startAgent(t, server, 'host-1', { name: 'one', target: 'one:9478' });
    await store.says(key, []);
    host.create('a', 'b');
    await store.says(key, ['a', 'b']);
    host.remove('a');
    host.create('c');
    await store.says(key, ['b', 'c']);

    const { snapshot, deltas } = await store.kept(key);
    assert.equal(snapshot?.seq, 0);
    assert.equal(snapshot?.resync, null);
    assert.deepEqual(
      deltas.flatMap(({ first, events }) => events.map((_, at) => first + at)),
      [1, 2, 3, 4],
    );
    await waitFor('the acknowledgement', () => agent.state.kept === 4);
    await agent.stop();
    assert.equal(await agent.ended, null);
    assert.equal(host.isStopped, true);
    const { head } = await store.kept(key);
    assert.equal(head?.bye, true);
    assert.equal(head?.seq, 4);
    assert.equal(head?.name, 'one');
    assert.equal(head?.target, 'one:9478');
    assert.deepEqual(head?.counts, { namespaces: 2, names: 2, links: 0 });
    assert.deepEqual(head?.unavailable, []);
  },
);

test(
  'a reader that asks gets a snapshot of now, and many that ask get no more than one',
  withServer,
  async (t) => {
    const server = await startNatsServer({ t });
    const store = await openStore(t, server);
    const one = await startAgent(t, server, 'host-1');
    const two = await startAgent(t, server, 'host-2');
    await store.says('host-1', []);
    await store.says('host-2', []);
    one.host.create('a');
    await store.says('host-1', ['a']);
    for (let n = 0; n < 500; n++) store.connection.publish(askSubject('host-1'));
    await waitFor('the snapshot', async () => (await store.kept('host-1')).snapshot?.seq === 1);
    const { snapshots } = one.agent.state.published;
    // One of the start; a second, and at most a third for those who asked while that was on its way.
    assert.ok(snapshots <= 3, `${snapshots} snapshots`);
    assert.equal(two.agent.state.published.snapshots, 1);

    two.host.create('b');
    await store.says('host-2', ['b']);
    store.connection.publish(askSubject('all'));
    await waitFor('the other snapshot', async () => (await store.kept('host-2')).snapshot?.seq === 1);
  },
);

test('what happens while the server is away is told when it is back', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const store = await openStore(t, server);
  const { agent, host, key, told } = await startAgent(t, server, 'host-1');
  host.create('a');
  await store.says(key, ['a']);
  await server.kill();
  await told('disconnected');
  host.create('b');
  host.remove('a');
  await server.restart();
  await told('connected');
  await store.says(key, ['b']);
  assert.equal(agent.state.connection, 'connected');
});

test(
  'a server that stands still: nothing is told twice, and a snapshot comes after it',
  withServer,
  async (t) => {
    const server = await startNatsServer({ t });
    const store = await openStore(t, server);
    const { agent, host, key, told } = await startAgent(t, server, 'host-1', {}, { timeout: 300 });
    await store.says(key, []);
    await server.pause();
    host.create('a');
    assert.deepEqual(await told('resync'), { type: 'resync', reason: 'timeout' });
    host.create('b');
    server.resume();
    await store.says(key, ['a', 'b']);
    const { snapshot, deltas } = await store.kept(key);
    assert.equal(snapshot?.resync, 'timeout');
    const repeated = deltas.filter(({ first }) => first === 1);
    assert.ok(repeated.length <= 1, 'the delta that may have been kept was sent again');
    assert.ok(agent.state.resyncs >= 1);
  },
);

test('a store that was wiped, with streams made anew, has all again', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const store = await openStore(t, server);
  const { agent, host, key, told } = await startAgent(t, server, 'host-1');
  host.create('a', 'b');
  await store.says(key, ['a', 'b']);
  await server.restart({ wipe: true });
  await told('streamMissing');
  await waitFor('the state to say so', () => agent.state.missing.includes(streamOf('heads')));
  host.create('c');
  await makeStreams(store.connection);
  await store.says(key, ['a', 'b', 'c']);
  await told('restored');
  // Of the deltas' stream it knows with the next event.
  host.create('d');
  await waitFor('the state to say so', () => agent.state.missing.length === 0);
  await store.says(key, ['a', 'b', 'c', 'd']);
});

test('streams that are made after the agent has started are waited for', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const store = await openStore(t, server, true);
  const { host, key, told } = await startAgent(t, server, 'host-1');
  assert.deepEqual(await told('streamMissing'), { type: 'streamMissing', stream: 'nlink-heads' });
  host.create('a');
  await makeStreams(store.connection);
  await store.says(key, ['a']);
});

for (const lane of ['heads', 'snapshots', 'deltas-0'])
  test(`the stream of ${lane} is deleted and made anew`, withServer, async (t) => {
    const server = await startNatsServer({ t });
    const store = await openStore(t, server);
    const { host, key } = await startAgent(t, server, 'host-1', {}, { interval: 1000 });
    host.create('a');
    await store.says(key, ['a']);
    await store.manager.streams.delete(streamOf(lane));
    host.create('b');
    await makeStreams(store.connection);
    host.create('c');
    store.connection.publish(askSubject(key));
    await store.says(key, ['a', 'b', 'c']);
  });
