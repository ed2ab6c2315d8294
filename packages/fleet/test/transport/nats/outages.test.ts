import { test } from 'node:test';
import { systemClock } from '../../../src/core.ts';
import { natsTransport } from '../../../src/transport/nats/nats-transport.ts';
import { waitFor, within } from '../../../../../test/support/wait.ts';
import { openStore } from '../../support/agents.ts';
import { startNatsServer, withServer } from '../../support/nats-server.ts';
import { silentServer } from '../../support/silent-server.ts';
import { Target } from './support/target.ts';

test('a reader that is stopped while it starts waits for no server', async (t) => {
  const { port, came, open } = await silentServer(t);
  const servers = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((host) => `${host}:${port}`);
  const transport = natsTransport({ servers });
  const starting = transport.start(new Target());
  await waitFor('the first connection', () => came.length === 1);
  await within('the end', transport.stop(), 3000);
  // All of them would take 12 s.
  await within('the start', starting, 3000);
  await waitFor('the end of it', () => open.size === 0);
});

test('a reader whose time of day is set back by hours comes back as any other', withServer, async (t) => {
  const server = await startNatsServer({ t });
  await openStore(t, server);
  // The alarm alone is quicker than it is.
  const clock = {
    now: () => systemClock.now(),
    after: (milliseconds: number, callback: () => void) =>
      systemClock.after(milliseconds === 10_000 ? 1000 : milliseconds, callback),
  };
  const transport = natsTransport({ servers: server.url }, { clock, random: Math.random });
  t.after(() => transport.stop());
  const target = new Target();
  await transport.start(target);
  await target.until('the start', () => target.state === 'live');
  t.mock.method(Date, 'now', () => performance.timeOrigin + performance.now() - 3 * 3_600_000);
  await server.restart();
  await target.until('the loss', () => target.state !== 'live');
  await target.until('the return', () => target.state === 'live');
});
