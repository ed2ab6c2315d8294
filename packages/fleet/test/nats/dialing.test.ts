/**
 * A server that takes a connection and says nothing, or stops in the middle of TLS: no attempt leaves
 * a socket open, and one ends when it is told to.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import { silentServer } from '../support/silent-server.ts';

const terms = { name: 'test', inbox: '_INBOX_test' };
const WORDS = {
  nothing: '',
  'that it wants TLS': `INFO ${JSON.stringify({ server_id: 'x', version: '2.9.10', max_payload: 1e6, tls_required: true })}\r\n`,
};

for (const [what, words] of Object.entries(WORDS)) {
  test(`a server that says ${what}: the attempt leaves nothing`, async (t) => {
    const { port, came, open } = await silentServer(t, words);
    await assert.rejects(connectNats({ servers: `127.0.0.1:${port}` }, terms), {
      code: 'ERR_FLEET_CONNECT',
      message: /timeout/,
    });
    assert.equal(came.length, 1);
    await waitFor('its end', () => open.size === 0);
  });

  test(`a server that says ${what}: the attempt ends at once when it is told to`, async (t) => {
    const { port, came, open } = await silentServer(t, words);
    const controller = new AbortController();
    const connecting = connectNats(
      { servers: `127.0.0.1:${port}` },
      { ...terms, patience: 60_000, signal: controller.signal },
    );
    await waitFor('the connection', () => came.length === 1);
    controller.abort();
    await assert.rejects(within('the end', connecting), { code: 'ABORT_ERR' });
    await waitFor('its end', () => open.size === 0);
    assert.equal(came.length, 1);
  });
}

test('who was aborted before asks nobody', async (t) => {
  const { port, came } = await silentServer(t);
  const signal = AbortSignal.abort();
  await assert.rejects(connectNats({ servers: `127.0.0.1:${port}` }, { ...terms, signal }), {
    code: 'ABORT_ERR',
  });
  assert.equal(came.length, 0);
});

test(
  'a connection that has been closed while its server stands still leaves no socket',
  withServer,
  async (t) => {
    const server = await startNatsServer({ t });
    const connection = await connectNats({ servers: server.url }, terms);
    const { protocol } = connection as unknown as { protocol: { transport: { socket?: Socket } } };
    const first = protocol.transport.socket;
    await server.pause();
    t.after(() => server.resume());
    await connection.reconnect();
    // The kernel connects it, but nobody answers.
    await waitFor('the next socket', () => ![undefined, first].includes(protocol.transport.socket));
    const next = protocol.transport.socket as Socket;
    await connection.close();
    await waitFor('its end', () => next.destroyed);
  },
);
