/** What an agent hears of those who ask, over which connection, and what it tells of that. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { agentIo } from '../../src/agent/agent-options.ts';
import { Uplink } from '../../src/agent/uplink.ts';
import { askSubject, inboxPrefix } from '../../src/wire/subjects.ts';
import { openStore, startAgent } from '../support/agents.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

test('a server that is not there: told once, however often it is tried', async (t) => {
  let attempts = 0;
  // It says nothing that NATS would.
  const server = createServer((socket) => {
    attempts++;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const nats = { servers: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  const { agent, notices } = await startAgent(t, { url: '' } as never, 'host-1', { nats });
  await waitFor('some attempts', () => attempts >= 4);
  assert.deepEqual(
    notices.map(({ type }) => type),
    ['disconnected'],
  );
  assert.equal(agent.state.connection, 'connecting');
  await agent.stop();
  const before = attempts;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(attempts, before);
});

test('what it may not hear over one connection it hears over the next', withServer, async (t) => {
  const config = (subjects: string[]): string => `
    no_auth_user: admin
    authorization { users = [
      { user: admin, password: p }
      { user: agent, password: p, permissions: { publish: ">", subscribe: ${JSON.stringify(subjects)} } }
    ] }`;
  const inbox = `${inboxPrefix('host-1')}.>`;
  const server = await startNatsServer({ t, config: config([inbox]) });
  const store = await openStore(t, server);
  const nats = { servers: server.url, user: 'agent', password: 'p' };
  const { agent, host, key, told } = await startAgent(t, server, 'host-1', { nats });
  await told('refused');
  await told('refused');
  host.create('a');
  await store.says(key, ['a']);
  await server.restart({ config: config([inbox, askSubject(key)]) });
  await told('connected');
  await waitFor('the snapshot that is asked for', async () => {
    store.connection.publish(askSubject(key));
    return (await store.kept(key)).snapshot?.seq === 1;
  });
  assert.equal(agent.state.resyncs, 0);
});

test(
  'who asks this host, who asks all; an acknowledgement that is led there asks nobody',
  withServer,
  async (t) => {
    const server = await startNatsServer({ t });
    const { connection } = await openStore(t, server);
    const asks: boolean[] = [];
    const opened = new Promise<void>((resolve, reject) => {
      const uplink = new Uplink({
        ...agentIo,
        nats: { servers: server.url },
        key: 'host-1',
        onOpen: () => resolve(),
        onClose: () => {},
        onAsk: (isAll) => asks.push(isAll),
        onRefused: (_, reason) => reject(new Error(reason)),
      });
      t.after(() => uplink.stop());
      uplink.start().catch(reject);
    });
    await within('the connection', opened);
    // It hears in the order in which this one publishes; the first only once it has subscribed.
    await waitFor('to be heard', () => {
      connection.publish(askSubject('host-1'));
      return asks.length > 0;
    });
    connection.publish(askSubject('all'), '{"stream":"nlink-heads","seq":1}');
    connection.publish(askSubject('host-1'), '{"stream":"nlink-heads","seq":1}');
    connection.publish(askSubject('host-2'));
    connection.publish(askSubject('all'));
    await waitFor('the last one', () => asks.includes(true));
    assert.equal(asks.filter((isAll) => isAll).length, 1);
    const { length } = asks;
    connection.publish(askSubject('host-1'), ' ');
    connection.publish(askSubject('host-1'));
    await waitFor('one more', () => asks.length > length);
    connection.publish(askSubject('all'));
    await waitFor('the end', () => asks.at(-1) === true);
    assert.deepEqual(asks.slice(length), [false, true]);
  },
);
