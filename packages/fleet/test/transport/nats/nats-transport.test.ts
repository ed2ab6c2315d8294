import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { systemClock } from '../../../src/core.ts';
import type { Clock } from '../../../src/core.ts';
import { natsTransport } from '../../../src/transport/nats/nats-transport.ts';
import type { NatsTransportOptions } from '../../../src/transport/nats/nats-transport.ts';
import type { FleetTransport } from '../../../src/transport/transport.ts';
import { unpacked } from '../../../src/wire/payload.ts';
import { waitFor, within } from '../../../../../test/support/wait.ts';
import { startNatsServer, withServer } from '../../support/nats-server.ts';
import type { NatsServer } from '../../support/nats-server.ts';
import { DeafPath } from './support/deaf-path.ts';
import { Publisher } from './support/publisher.ts';
import { Target } from './support/target.ts';

interface Fleet {
  server: NatsServer;
  publisher: Publisher;
}

async function fleet(t: TestContext, shards?: readonly string[]): Promise<Fleet> {
  const server = await startNatsServer({ t });
  const publisher = await Publisher.connect(server);
  t.after(() => publisher.connection.close());
  await publisher.makeStreams(shards);
  return { server, publisher };
}

async function reader(
  t: TestContext,
  { server }: Fleet,
  options: NatsTransportOptions = {},
): Promise<{ transport: FleetTransport; target: Target }> {
  const transport = natsTransport({ servers: server.url, ...options });
  t.after(() => transport.stop());
  const target = new Target();
  await transport.start(target);
  await target.until('all that was kept', () => target.state === 'live');
  return { transport, target };
}

const barrier = (transport: FleetTransport, key: string): Promise<void> =>
  within(
    'a barrier',
    new Promise((resolve) => {
      transport.barrier(key, resolve);
    }),
  );

async function consumersOf({ publisher }: Fleet, stream: string): Promise<number> {
  const manager = await jetstreamManager(publisher.connection);
  return (await manager.streams.info(stream)).state.consumer_count;
}

test('what is kept is told before it is live, then what comes', withServer, async (t) => {
  const made = await fleet(t);
  const { publisher } = made;
  const json = JSON.stringify({ text: Array.from({ length: 120_000 }, () => Math.random().toString(36)) });
  await publisher.head('h1', 1);
  await publisher.head('h1', 2);
  await publisher.delta('h1', 1, 2);
  assert.ok((await publisher.snapshot('h1', 2, json)) > 1);
  await publisher.snapshot('h2', 0, '{}');
  const { transport, target } = await reader(t, made);

  const before = target.told.findIndex((one) => one.what === 'connection' && one.state === 'live');
  assert.deepEqual(
    target.of('head').map(({ key, seq }) => [key, seq]),
    [['h1', 2]],
  );
  assert.deepEqual(
    target.of('delta').map(({ first, count }) => [first, count]),
    [[1, 2]],
  );
  const [long, short] = target.of('snapshot');
  assert.equal(long?.seq, 2);
  assert.equal(unpacked(long?.body ?? Buffer.alloc(0)), json);
  assert.equal(short?.body.toString(), '{}');
  // Neither the receive buffer nor a slab of Buffer's pool is kept with it.
  for (const { body } of target.of('snapshot')) assert.equal(body.buffer.byteLength, body.length);
  assert.equal(before, target.told.length - 1);

  await publisher.delta('h1', 3);
  await publisher.head('h1', 3);
  await barrier(transport, 'h1');
  assert.deepEqual(
    target.of('delta').map(({ first }) => first),
    [1, 3],
  );
  await target.until('the head', () => target.of('head').at(-1)?.seq === 3);
  assert.deepEqual(
    target.of('connection').map(({ state }) => state),
    ['connecting', 'live'],
  );
});

test('heads are as old as the server and the clock here that only grows say', withServer, async (t) => {
  const made = await fleet(t);
  const sent = performance.now();
  await made.publisher.head('h1', 1);
  const kept = performance.now();
  const opening = performance.now();
  const { target } = await reader(t, made);
  const told = performance.now();
  const [head] = target.of('head');
  // As exact as the time that the consumer took to be made.
  const error = told - opening + 1;
  assert.ok(head !== undefined && head.age >= opening - kept - error && head.age <= told - sent + error);
  await made.publisher.head('h1', 2);
  await target.until('a new one', () => target.of('head').length === 2);
  assert.ok((target.of('head')[1]?.age ?? Infinity) < performance.now() - told + error);
});

test('what no agent makes is told as malformed, and ends nothing', withServer, async (t) => {
  const made = await fleet(t);
  const { publisher } = made;
  const { target } = await reader(t, made);
  await publisher.raw('nlink.head.h1', 'no JSON');
  await publisher.raw('nlink.head.h1', JSON.stringify({ v: 2 }));
  await publisher.raw('nlink.delta.0.h1', Buffer.from([0x1f, 0x8b, 1, 2, 3]));
  await publisher.raw('nlink.snapshot.h1.0', 'no line');
  await publisher.raw('nlink.snapshot.h1.many', '');
  await publisher.raw('nlink.mark.heads.another', '17');
  await publisher.head('h1', 7);
  await target.until('the good one', () => target.of('head').length === 1);
  await target.until('the malformed', () => target.of('malformed').length === 4);
  for (const { key, error } of target.of('malformed')) {
    assert.equal(key, 'h1');
    assert.equal((error as NodeJS.ErrnoException).code, 'ERR_FLEET_MALFORMED');
  }
  assert.equal(target.state, 'live');
});

test('streams of deltas that are made later are found by a head that names them', withServer, async (t) => {
  const made = await fleet(t);
  const { publisher } = made;
  const { target, transport } = await reader(t, made);
  await publisher.makeStreams(['0', 'b']);
  await publisher.delta('h1', 1, 1, 'b');
  // Streams are listed at most once in two seconds.
  await waitFor('the stream to be read', async () => {
    await publisher.head('h1', 1, { shard: 'b' });
    return target.of('delta').length === 1;
  });
  await target.until('live', () => target.state === 'live');
  await barrier(transport, 'h1');
});

test('shards that are given are all that are read', withServer, async (t) => {
  const made = await fleet(t, ['0', 'b']);
  await made.publisher.delta('h1', 1, 1, 'b');
  const { target, transport } = await reader(t, made, { shards: ['0'] });
  await made.publisher.head('h1', 1, { shard: 'b' });
  await target.until('that its deltas are not read', () => target.of('malformed').length === 1);
  assert.match(String(target.of('malformed')[0]?.error), /shard b/);
  await barrier(transport, 'h1');
  await barrier(transport, 'unknown');
  assert.equal(target.of('delta').length, 0);
});

test('of heads alone nothing else is read', withServer, async (t) => {
  const made = await fleet(t);
  await made.publisher.head('h1', 1);
  await made.publisher.delta('h1', 1);
  const { target, transport } = await reader(t, made, { heads: true });
  await barrier(transport, 'h1');
  assert.deepEqual(
    target.told.map(({ what }) => what),
    ['connection', 'head', 'connection'],
  );
  assert.equal(await consumersOf(made, 'nlink-heads'), 1);
  assert.equal(await consumersOf(made, 'nlink-snapshots'), 0);
});

test('after stop() nothing is told, and nothing is left on the server', withServer, async (t) => {
  const made = await fleet(t);
  const { target, transport } = await reader(t, made);
  assert.equal(await consumersOf(made, 'nlink-heads'), 1);
  await transport.stop();
  await transport.stop();
  const { length } = target.told;
  await made.publisher.head('h1', 1);
  for (const stream of ['nlink-heads', 'nlink-snapshots', 'nlink-deltas-0'])
    await waitFor('no consumer', async () => (await consumersOf(made, stream)) === 0);
  transport.ask('h1');
  assert.equal(target.told.length, length);
});

test('stop() ends a start', withServer, async (t) => {
  const { server } = await fleet(t);
  const transport = natsTransport({ servers: server.url, shards: ['0'] });
  const target = new Target();
  const starting = transport.start(target);
  await transport.stop();
  await within('the start', starting);
  assert.deepEqual(
    target.told.map(({ what }) => what),
    ['connection'],
  );
});

test('stop() ends a start at every moment of it', withServer, async (t) => {
  const { server } = await fleet(t);
  for (let late = 0; late < 30; late++) {
    const transport = natsTransport({ servers: server.url });
    const starting = transport.start(new Target());
    await setTimeout(late);
    await transport.stop();
    await within('the start', starting);
  }
});

test('an agent is asked', withServer, async (t) => {
  const made = await fleet(t);
  const { transport } = await reader(t, made);
  const asks = made.publisher.connection.subscribe('nlink.ask.*', { max: 1 });
  await made.publisher.connection.flush();
  transport.ask('h1');
  for await (const { subject, data } of asks) {
    assert.equal(subject, 'nlink.ask.h1');
    assert.equal(data.length, 0);
  }
});

test('a connection that lives and carries nothing is opened anew', withServer, async (t) => {
  const made = await fleet(t);
  const path = await DeafPath.to(t, made.server.port);
  // All waits of the reader are a twentieth as long.
  const clock: Clock = {
    now: () => systemClock.now() * 20,
    after: (milliseconds, callback) => systemClock.after(milliseconds / 20, callback),
  };
  const transport = natsTransport({ servers: path.url }, { clock, random: () => 0.5 });
  t.after(() => transport.stop());
  const target = new Target();
  await transport.start(target);
  await target.until('live', () => target.state === 'live');
  path.deafen();
  await target.until('that nothing comes', () => target.state === 'stale');
  await target.until('live anew', () => target.state === 'live');
  assert.equal(path.count, 2);
  await made.publisher.head('h1', 1);
  await target.until('a head', () => target.of('head').length === 1);
});

const start = (options: NatsTransportOptions): Promise<void> => natsTransport(options).start(new Target());

test('what cannot be right later is thrown at the start', withServer, async (t) => {
  const server = await startNatsServer({
    t,
    config: `accounts {
      WITH: { jetstream: enabled, users: [
        { user: admin, password: x }
        { user: mute, password: x, permissions: {
          publish: ["$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.>"], subscribe: ["_INBOX_nlink_reader.>"] } }
        { user: reader, password: x, permissions: {
          publish: ["$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.CREATE.nlink-deltas-0.>"], subscribe: ["_INBOX_nlink_reader.>"] } } ] }
      WITHOUT: { users: [{ user: other, password: x }] }
    }`,
  });
  const servers = server.url;
  const password = 'x';
  await assert.rejects(start({ servers, user: 'other', password }), { code: 'ERR_FLEET_NO_JETSTREAM' });
  await assert.rejects(start({ servers, user: 'other', password, heads: true }), {
    code: 'ERR_FLEET_NO_JETSTREAM',
  });
  await assert.rejects(start({ servers, user: 'admin', password }), {
    code: 'ERR_FLEET_STREAM_MISSING',
    message: 'no stream nlink-deltas-SHARD: nlink-fleet init makes it',
  });
  await assert.rejects(start({ servers, user: 'admin', password, shards: ['0'] }), {
    code: 'ERR_FLEET_STREAM_MISSING',
  });
  const publisher = await Publisher.connect(server, { user: 'admin', password });
  t.after(() => publisher.connection.close());
  await publisher.makeStreams();
  await assert.rejects(start({ servers, user: 'reader', password, shards: ['0'] }), {
    code: 'ERR_FLEET_PERMISSION',
    message: /reading nlink-(heads|snapshots): .*CONSUMER\.CREATE/,
  });
  await assert.rejects(start({ servers, user: 'mute', password, shards: ['0'] }), {
    code: 'ERR_FLEET_PERMISSION',
    message: /reading nlink-\S+: .*nlink\.mark\./,
  });
  await assert.rejects(start({ servers, user: 'reader', password }), {
    code: 'ERR_FLEET_PERMISSION',
    message: /give the shards, or allow to list streams$/,
  });
  await assert.rejects(start({ servers, user: 'nobody', password }), { code: 'ERR_FLEET_PERMISSION' });
  await server.kill();
  await assert.rejects(start({ servers }), { code: 'ERR_FLEET_CONNECT' });
  const options = [{ shards: [] }, { shards: ['A'] }, { heads: 1 }, { servers: 'http://x' }];
  for (const wrong of options)
    assert.throws(() => natsTransport(wrong as NatsTransportOptions), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
});
