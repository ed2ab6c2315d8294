/** A server that accepts connections and says nothing: no socket to it stays open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

const terms = { name: 'test', inbox: '_INBOX_test' };

async function listening(t: TestContext, accept: (socket: Socket) => void): Promise<Server> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server;
}

const urlOf = (server: Server): string => `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;

test('a first connection that is given up is closed, and no other', async (t) => {
  const closed: Promise<unknown>[] = [];
  const silent = await listening(t, (socket) => closed.push(once(socket.resume(), 'close')));
  const { port } = silent.address() as AddressInfo;
  const connecting = connectNats({ servers: urlOf(silent) }, terms);
  const other = connectSocket(port, '127.0.0.1');
  t.after(() => other.destroy());
  await assert.rejects(connecting, { code: 'ERR_FLEET_CONNECT' });
  await within('the end of one', Promise.race(closed));
  assert.equal(other.destroyed, false);
});

test('close() while it connects anew closes that, too', withServer, async (t) => {
  const server = await startNatsServer({ t });
  const near: Socket[] = [];
  const path = await listening(t, (socket) => {
    near.push(socket);
    // The second one hears nothing.
    if (near.length > 1) return void socket.resume();
    const far = connectSocket(server.port, '127.0.0.1').on('error', () => {});
    socket.pipe(far).pipe(socket);
    socket.on('close', () => far.destroy());
  });
  const connection = await connectNats({ servers: urlOf(path) }, terms);
  near[0]?.destroy();
  await waitFor('another attempt', () => near.length > 1);
  const closed = once(near[1] as Socket, 'close');
  await connection.close();
  await within('the end of the attempt', closed);
});
