import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import type { TestContext } from 'node:test';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { checkStreams, makeStreams } from '../../src/nats/streams.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';

async function connected(t: TestContext, server: NatsServer): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url });
  t.after(() => connection.close());
  return connection;
}

const states = (reports: Awaited<ReturnType<typeof checkStreams>>): Record<string, string> =>
  Object.fromEntries(reports.map(({ stream, state }) => [stream, state]));

test('streams are made once, and are right after it', withServer, async (t) => {
  const connection = await connected(t, await startNatsServer({ t }));
  const shards = ['a', 'b'];
  const all = (state: string): Record<string, string> => ({
    'nlink-heads': state,
    'nlink-snapshots': state,
    'nlink-deltas-a': state,
    'nlink-deltas-b': state,
  });
  assert.deepEqual(states(await checkStreams(connection, { shards })), all('missing'));
  assert.deepEqual(states(await makeStreams(connection, { shards })), all('made'));
  assert.deepEqual(states(await makeStreams(connection, { shards })), all('right'));
  assert.deepEqual(states(await checkStreams(connection, { shards })), all('right'));
});

test(
  'of a stream that is there each option that differs is told, and none is changed',
  withServer,
  async (t) => {
    const connection = await connected(t, await startNatsServer({ t }));
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name: 'nlink-heads',
      subjects: ['nlink.head.*'],
      max_msgs_per_subject: 5,
      allow_rollup_hdrs: true,
      max_bytes: 1_000_000,
    });
    const before = (await manager.streams.info('nlink-heads')).config;
    const [heads] = await makeStreams(connection);
    assert.equal(heads?.state, 'differs');
    const told = new Map(heads.differences.map(({ option, wanted, found }) => [option, [wanted, found]]));
    assert.deepEqual(told.get('max_msgs_per_subject'), ['1', '5']);
    assert.deepEqual(told.get('allow_rollup_hdrs'), ['false', 'true']);
    assert.deepEqual(told.get('subjects'), ['nlink.head.*, nlink.mark.heads.*', 'nlink.head.*']);
    assert.deepEqual(told.get('discard'), ['new', 'old']);
    // Not asked for.
    assert.equal(told.has('max_bytes'), false);
    assert.deepEqual((await manager.streams.info('nlink-heads')).config, before);

    const [again] = await checkStreams(connection, { maxBytes: { heads: 2_000_000 } });
    const bytes = again?.differences.find(({ option }) => option === 'max_bytes');
    assert.deepEqual([bytes?.wanted, bytes?.found], ['2000000', '1000000']);
  },
);

test('what an admin chooses is what is made', withServer, async (t) => {
  const connection = await connected(t, await startNatsServer({ t }));
  const options = {
    storage: 'memory',
    maxBytes: { heads: 100_000, deltas: 200_000, snapshots: 300_000 },
  } as const;
  assert.deepEqual(
    new Set((await makeStreams(connection, options)).map(({ state }) => state)),
    new Set(['made']),
  );
  const { config } = await (await jetstreamManager(connection)).streams.info('nlink-deltas-0');
  assert.equal(config.storage, 'memory');
  assert.equal(config.max_bytes, 200_000);
  const [heads] = await checkStreams(connection, { storage: 'file' });
  assert.deepEqual(heads?.differences, [{ option: 'storage', wanted: 'file', found: 'memory' }]);
});

test('a server without JetStream, or without room, is an error that says so', withServer, async (t) => {
  const none = await startNatsServer({
    t,
    config: 'accounts { A { users: [{ user: a, password: a }] } }',
  });
  const connection = await connect({ servers: none.url, user: 'a', pass: 'a' });
  t.after(() => connection.close());
  await assert.rejects(makeStreams(connection), { code: 'ERR_FLEET_NO_JETSTREAM' });

  const small = await connected(t, await startNatsServer({ t, jetstream: 'max_file_store: 1MB' }));
  await assert.rejects(makeStreams(small), {
    code: 'ERR_FLEET_REFUSED',
    message: /making the stream nlink-heads: insufficient storage resources .*; choose less for it/,
  });
});

test('what the server refuses to make is said with what to do', withServer, async (t) => {
  const connection = await connected(t, await startNatsServer({ t }));
  await assert.rejects(makeStreams(connection, { replicas: 3 }), {
    code: 'ERR_FLEET_REFUSED',
    message: /making the stream nlink-heads: .*; --replicas needs a cluster/,
  });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'all', subjects: ['nlink.>'] });
  await assert.rejects(makeStreams(connection), {
    code: 'ERR_FLEET_REFUSED',
    message: /making the stream nlink-heads: subjects overlap .*; take its subjects from the other stream/,
  });
});

test('of admins that make them at once, each is told how the streams are then', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const connections = await Promise.all(Array.from({ length: 4 }, () => connected(t, server)));
  const sizes = [100_000, 200_000, 300_000, 400_000];
  const all = await Promise.all(
    connections.map((connection, at) =>
      makeStreams(connection, at === 0 ? {} : { maxBytes: { heads: sizes[at] } }),
    ),
  );
  const [one] = connections as [NatsConnection];
  const { max_bytes: kept } = (await (await jetstreamManager(one)).streams.info('nlink-heads')).config;
  const heads = all.map(([report]) => report?.state);
  assert.equal(heads.filter((state) => state === 'made').length, 1);
  // The first has not said how large.
  assert.ok(['made', 'right'].includes(String(heads[0])));
  for (const [at, state] of heads.entries())
    if (at > 0) assert.equal(state, sizes[at] === kept ? 'made' : 'differs');
});

for (const options of [
  null,
  { shards: [] },
  { shards: ['A'] },
  { shards: ['a', 'a'] },
  { shards: ['a.b'] },
  { replicas: 2 },
  { storage: 'paper' },
  { maxBytes: 1 },
  { maxBytes: { heads: 1 } },
])
  test(`streams are not made with ${JSON.stringify(options)}`, async () => {
    // Before anything is asked of the connection, which there is none of.
    const connection = null as unknown as NatsConnection;
    await assert.rejects(makeStreams(connection, options as never), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  });
