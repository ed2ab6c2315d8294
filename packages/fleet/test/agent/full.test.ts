/** Streams without room: what is refused is told, and made good when there is room again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../../../../test/support/wait.ts';
import { connect } from '@nats-io/transport-node';
import { makeStreams } from '../../src/nats/streams.ts';
import { askSubject } from '../../src/wire/subjects.ts';
import { startAgent } from '../support/agents.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import { Store } from '../support/store.ts';

/** What packs badly, so that a snapshot is long. */
const words = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `n${n}-${Math.random().toString(36).slice(2)}`);

test('a full stream of snapshots refuses, and keeps what others have', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const connection = await connect({ servers: server.url });
  t.after(() => connection.close());
  await makeStreams(connection, { maxBytes: { snapshots: 65_536 } });
  const store = await Store.open(connection);
  const one = await startAgent(t, server, 'host-1');
  one.host.create('a');
  await store.says('host-1', ['a']);

  const two = await startAgent(t, server, 'host-2');
  const all = words(12_000);
  two.host.create(...all);
  connection.publish(askSubject('host-2'));
  const refused = await two.told('refused');
  assert.match(JSON.stringify(refused), /nlink-snapshots.*maximum bytes exceeded/);
  assert.match(two.agent.state.refused ?? '', /nlink-snapshots/);
  await store.says('host-1', ['a']);

  await store.manager.streams.update('nlink-snapshots', { max_bytes: 10_000_000 });
  await two.told('restored');
  await store.says('host-2', all);
  assert.equal(two.agent.state.refused, null);
});

test('a stream of deltas that keeps few: who comes new gets a snapshot', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const connection = await connect({ servers: server.url });
  t.after(() => connection.close());
  await makeStreams(connection, { maxBytes: { deltas: 65_536 } });
  const store = await Store.open(connection);
  const { host, agent } = await startAgent(t, server, 'host-1');
  await store.says('host-1', []);
  for (let round = 0; round < 8; round++) {
    host.create(...words(1000));
    await waitFor('the deltas', () => agent.state.kept === agent.state.seq);
  }
  const [first] = (await store.kept('host-1')).deltas;
  assert.ok(first === undefined || first.first > 1, 'the first deltas are gone');
  connection.publish(askSubject('host-1'));
  await store.says('host-1', host.names);
  assert.equal(agent.state.refused, null);
});
