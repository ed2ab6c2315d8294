/**
 * The faults of a broker in brief, with real agents and a real reader; all of them, and for longer:
 * test/world/.
 */
import '../../../../../test/support/sandbox.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { waitFor } from '../../../../../test/support/wait.ts';
import type { FaultHost, HostSettings } from '../../support/faults/fault-host.ts';
import { FaultReader } from '../../support/faults/fault-reader.ts';
import { ModelHost } from '../../support/faults/model-host.ts';
import { NamedHost } from '../../support/faults/named-host.ts';
import { isHeld } from '../../support/faults/truth.ts';
import { startNatsServer, withServer } from '../../support/nats-server.ts';
import type { NatsServer } from '../../support/nats-server.ts';
import { Publisher } from './support/publisher.ts';

/** After the fault is over, in milliseconds. */
const RECOVERY = 5000;
const INTERVAL = 2000;

interface Fleet {
  server: NatsServer;
  publisher: Publisher;
  hosts: FaultHost[];
  reader: FaultReader;
}

async function fleet(t: TestContext): Promise<Fleet> {
  const server = await startNatsServer({ t });
  const publisher = await Publisher.connect(server);
  t.after(() => publisher.connection.close());
  await publisher.makeStreams();
  const settings = (key: string): HostSettings => ({ key, url: server.url, interval: INTERVAL });
  const hosts = await Promise.all<FaultHost>([
    NamedHost.start(settings('h1'), `/run/h1-${server.port}`),
    NamedHost.start(settings('h2'), `/run/h2-${server.port}`),
    ModelHost.start(settings('m1'), 1),
  ]);
  for (const host of hosts) t.after(() => host.stop());
  const reader = await FaultReader.open(server.url);
  t.after(() => reader.stop());
  const made = { server, publisher, hosts, reader };
  await waitFor('every host at the reader', () => isTrue(made));
  return made;
}

const isTrue = ({ hosts, reader }: Fleet): boolean =>
  hosts.every((host) => isHeld(host.truth(), reader.held(host.key)));

const isCurrent = ({ reader }: Fleet): boolean =>
  reader.watcher.connection === 'live' &&
  reader.watcher.hosts().every(({ state, picture }) => state === 'live' && picture === 'current');

/** Things happen all the time, also for a second after it is over. Then there is peace. */
async function through(made: Fleet, fault: () => Promise<void>): Promise<number> {
  for (const host of made.hosts) host.churn(100);
  await setTimeout(500);
  await fault();
  const over = performance.now();
  await setTimeout(1000);
  for (const host of made.hosts) host.rest();
  await waitFor('the reader to hold the truth', () => isTrue(made) && isCurrent(made));
  return performance.now() - over;
}

async function checkFault(t: TestContext, fault: (made: Fleet) => Promise<void>): Promise<Fleet> {
  const made = await fleet(t);
  const took = await through(made, () => fault(made));
  const { reader } = made;
  t.diagnostic(
    `recovered after ${Math.round(took)} ms; ${reader.events} events; ${reader.resyncs.join(', ')}`,
  );
  for (const { text } of reader.said) t.diagnostic(text);
  assert.ok(took < RECOVERY, `${took} ms`);
  assert.deepEqual(reader.wrong, []);
  return made;
}

const stale = ({ reader }: Fleet): boolean =>
  reader.said.some(({ text }) => text.startsWith('connection stale'));

test('the server is killed and started again', withServer, async (t) => {
  const made = await checkFault(t, async ({ server }) => {
    await server.kill('SIGKILL');
    await setTimeout(2000);
    await server.restart();
  });
  assert.ok(stale(made));
});

test('the server stands still for three seconds', withServer, async (t) => {
  await checkFault(t, async ({ server }) => {
    await server.pause();
    await setTimeout(3000);
    server.resume();
  });
});

test('streams are deleted and made anew', withServer, async (t) => {
  const made = await checkFault(t, async ({ publisher }) => {
    const manager = await jetstreamManager(publisher.connection);
    for (const name of ['nlink-heads', 'nlink-snapshots', 'nlink-deltas-0'])
      await manager.streams.delete(name);
    await setTimeout(500);
    await publisher.makeStreams();
  });
  assert.ok(stale(made));
});

test('the store is lost', withServer, async (t) => {
  const made = await checkFault(t, async ({ server }) => {
    await server.restart({ wipe: true });
    const admin = await Publisher.connect(server);
    await admin.makeStreams();
    await admin.connection.close();
  });
  assert.ok(stale(made));
});
