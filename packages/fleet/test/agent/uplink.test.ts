/** The agent's connection, where servers say nothing and where the client of NATS is lost. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { pause } from '../../src/agent/backoff.ts';
import { FleetAgent } from '../../src/agent/fleet-agent.ts';
import { systemClock } from '../../src/core.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { makeStreams } from '../../src/nats/streams.ts';
import { startAgent } from '../support/agents.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import { ScriptedWatcher } from '../support/scripted-watcher.ts';
import { silentServer } from '../support/silent-server.ts';
import type { SilentServer } from '../support/silent-server.ts';

test('a pause ends with its time or when it is told to, and leaves no listener', async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const { signal } = controller;
  for (let n = 0; n < 20; n++) {
    const pausing = pause(clock, 100, signal);
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    await clock.pass(100);
    await pausing;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  }
  const pausing = pause(clock, 100, signal);
  controller.abort();
  await within('the end', pausing);
  await within('the end', pause(clock, 100, signal));
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

/** By three of its addresses, one after the other. */
const threeOf = ({ port }: SilentServer): string[] => [1, 2, 3].map((last) => `127.0.0.${last}:${port}`);

test('an agent that is stopped while it starts waits for no server', async (t) => {
  const server = await silentServer(t);
  const [servers, { came, open }] = [threeOf(server), server];
  const controller = new AbortController();
  const { signal } = controller;
  const host = new ScriptedWatcher();
  const starting = FleetAgent.start({ watcher: host.watcher, key: 'k', nats: { servers }, signal });
  await waitFor('the first connection', () => came.length === 1);
  controller.abort();
  // All of them would take 12 s.
  const agent = await within('the start', starting, 8000);
  assert.equal(await within('the end', agent.ended), null);
  assert.equal(host.isStopped, true);
  await waitFor('the end of it', () => open.size === 0);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('an agent that is stopped while it tries again waits for no server', async (t) => {
  const server = await silentServer(t);
  const [servers, { came, open }] = [threeOf(server), server];
  const host = new ScriptedWatcher();
  const agent = await FleetAgent.start({ watcher: host.watcher, key: 'k', nats: { servers } });
  const before = came.length;
  await waitFor('the next attempt', () => came.length > before);
  await within('the end', agent.stop(), 8000);
  await waitFor('the end of it', () => open.size === 0);
});

test('an agent whose time of day is set back by hours comes back as any other', withServer, async (t) => {
  const server = await startNatsServer({ t });
  // Twenty times as quick as the client.
  const clock = {
    now: () => systemClock.now(),
    after: (milliseconds: number, callback: () => void) => systemClock.after(milliseconds / 20, callback),
  };
  const { told, agent } = await startAgent(t, server, 'k', {}, { clock });
  await told('connected');
  t.mock.method(Date, 'now', () => performance.timeOrigin + performance.now() - 3 * 3_600_000);
  await server.restart();
  await told('connected');
  assert.equal(agent.state.connection, 'connected');
});

test('an agent that was refused many times is back once', withServer, async (t) => {
  const users = (password: string): string =>
    `authorization { users: [{ user: a, password: ${password} }, { user: judge, password: j }] }`;
  const server = await startNatsServer({ t, config: users('right') });
  const judge = await connectNats(
    { servers: server.url, user: 'judge', password: 'j' },
    { name: 'judge', inbox: '_INBOX' },
  );
  t.after(() => judge.close());
  await makeStreams(judge);
  const { notices, agent, told } = await startAgent(t, server, 'k', {
    nats: { servers: server.url, user: 'a', password: 'right' },
  });
  await told('connected');
  await server.restart({ config: users('another') });
  await waitFor('four refusals', () => server.log.split('authentication error').length > 4);
  const before = agent.state.published.heads;
  await server.restart({ config: users('right') });
  await told('connected');
  await waitFor('the head', () => agent.state.published.heads > before);
  // One of its own, and one that goes before a snapshot.
  assert.ok(agent.state.published.heads <= before + 2, `${agent.state.published.heads - before} heads`);
  assert.equal(notices.filter(({ type }) => type === 'connected').length, 2);
  assert.ok(notices.filter(({ type }) => type === 'refused').length <= 2, JSON.stringify(notices));
});
