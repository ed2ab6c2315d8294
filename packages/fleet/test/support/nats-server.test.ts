import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNatsServer, withServer } from './nats-server.ts';
import type { NatsServer } from './nats-server.ts';

async function streams(server: NatsServer, make?: string): Promise<string[]> {
  const connection = await connect({ servers: server.url });
  const manager = await jetstreamManager(connection);
  if (make !== undefined) await manager.streams.add({ name: make, subjects: [make] });
  const names = (await manager.streams.list().next()).map(({ config }) => config.name);
  await connection.close();
  return names;
}

test('a server comes back at its port with its store, or with an empty one', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const { port, pid } = server;
  assert.deepEqual(await streams(server, 'kept'), ['kept']);
  await server.restart();
  assert.equal(server.port, port);
  assert.notEqual(server.pid, pid);
  assert.deepEqual(await streams(server), ['kept']);
  await server.pause();
  server.resume();
  assert.deepEqual(await streams(server), ['kept']);
  await server.restart({ wipe: true });
  assert.deepEqual(await streams(server), []);
  await server.stop();
  assert.equal(existsSync(server.storeDir), false);
  assert.throws(() => server.pid);
});

test('a server with a configuration that it does not take is an error that says so', withServer, async () => {
  await assert.rejects(startNatsServer({ config: 'nonsense {' }), /nats-server ended with 1/);
});

test('two servers do not meet', withServer, async (t) => {
  const [one, two] = await Promise.all([startNatsServer({ t }), startNatsServer({ t })]);
  assert.notEqual(one.port, two.port);
  assert.deepEqual(await streams(one, 'a'), ['a']);
  assert.deepEqual(await streams(two), []);
});
