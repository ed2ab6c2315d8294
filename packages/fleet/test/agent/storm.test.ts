/**
 * A storm on the host while the server is away or stands still: what the agent holds is bounded, the
 * watcher never waits, and all is right when the server is back.
 */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { collectGarbage } from '../../../../test/support/gc.ts';
import { runs } from '../../../../test/support/runs.ts';
import { openStore, startAgent } from '../support/agents.ts';
import type { Running } from '../support/agents.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

const TURNS = runs(400);
const RING = { ringEvents: 2000, ringBytes: 1_000_000 };

/** Bytes of JavaScript, and of buffers outside of it. */
async function held(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** 100 events a turn of the event loop: 50 names appear, and go, and so on. */
async function storm({ host }: Running): Promise<void> {
  const names = Array.from({ length: 50 }, (_, n) => `storm-${n}`);
  for (let turn = 0; turn < TURNS; turn++) {
    host.create(...names);
    host.remove(...names);
    await setImmediate();
    assert.ok(host.buffered <= 1, `${host.buffered} events wait for the agent`);
  }
}

for (const way of ['away', 'standing still'] as const)
  test(
    `a storm with the server ${way}: what is held is bounded, and then all is right`,
    withServer,
    async (t) => {
      const server = await startNatsServer({ t });
      const store = await openStore(t, server);
      const running = await startAgent(t, server, 'host-1', RING);
      running.host.create('kept');
      await store.says('host-1', ['kept']);
      if (way === 'away') await server.kill();
      else await server.pause();
      if (way === 'away') await running.told('disconnected');
      const before = await held();
      await storm(running);
      const grown = (await held()) - before;
      // The ring, as strings and in the places of its array; one delta; heads.
      assert.ok(grown < 3_000_000, `${grown} bytes more after ${100 * TURNS} events`);
      assert.equal(running.agent.state.seq, 100 * TURNS + 1);
      running.host.create('after');
      if (way === 'away') await server.restart();
      else server.resume();
      await store.says('host-1', ['kept', 'after']);
      assert.ok(running.agent.state.resyncs >= 1);
      t.diagnostic(`${grown} bytes more after ${100 * TURNS} events`);
    },
  );
