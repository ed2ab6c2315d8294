/** The agent's connection, where servers say nothing and where the client of NATS is lost. */
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { pause } from '../../src/agent/backoff.ts';
import { FleetAgent } from '../../src/agent/fleet-agent.ts';
import { systemClock } from '../../src/core.ts';
import { startAgent } from '../support/agents.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import { ScriptedWatcher } from '../support/scripted-watcher.ts';

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

/** Servers that take connections and say nothing. */
async function silent(t: TestContext): Promise<{ servers: string[]; came: Socket[]; open: Set<Socket> }> {
  const came: Socket[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    came.push(socket);
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.resume();
  });
  server.listen(0);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { servers: ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((host) => `${host}:${port}`), came, open };
}

test('an agent that is stopped while it starts waits for no server', async (t) => {
  const { servers, came, open } = await silent(t);
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
  const { servers, came, open } = await silent(t);
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
