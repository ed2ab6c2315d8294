/**
 * A connection that is closed at the moment in which the server closes its side: whatever the client
 * was about to write, no error of it ends the process.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { connectNats } from '../../src/nats/connect.ts';
import type { NatsConnection } from '../../src/nats/connect.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

type Moment = (then: () => void) => void;

/** When the client goes on after it has heard of the end: each is a moment of its own. */
const MOMENTS: Readonly<Record<string, Moment>> = {
  'at once': (then) => then(),
  'in the next tick': (then) => process.nextTick(then),
  'in a microtask': (then) => queueMicrotask(then),
};

/** A path whose near side can be closed. */
async function pathTo(t: TestContext, port: number): Promise<{ port: number; end: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connectSocket(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far);
    far.on('data', (bytes) => near.writable && near.write(bytes));
    near.on('close', () => far.destroy());
    sockets.push(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, end: () => sockets.at(-1)?.end() };
}

/** The socket that the client has just now. */
const socketOf = (connection: NatsConnection): Socket =>
  (connection as unknown as { protocol: { transport: { socket: Socket } } }).protocol.transport.socket;

/** The server's side of the connection ends; the client writes, and is closed. */
async function endOf(
  t: TestContext,
  connection: NatsConnection,
  end: () => void,
  [first, second]: [Moment, Moment],
): Promise<void> {
  const stray: Error[] = [];
  const onStray = (error: Error): unknown => stray.push(error);
  process.on('uncaughtException', onStray);
  t.after(() => process.off('uncaughtException', onStray));
  const socket = socketOf(connection);
  const destroyed = new Promise<void>((resolve) => {
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error) => {
      setImmediate(resolve);
      return destroy(error);
    };
  });
  socket.once('end', () =>
    first(() => {
      connection.publish('one');
      second(() => void connection.close().catch(() => {}));
    }),
  );
  end();
  await within('the end of the socket', destroyed);
  await waitFor('the socket is closed', () => socket.closed);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(stray, []);
}

async function connected(t: TestContext): Promise<{ connection: NatsConnection; end: () => void }> {
  const server = await startNatsServer({ t });
  const { port, end } = await pathTo(t, server.port);
  const terms = { name: 'test', inbox: '_INBOX_test' };
  return { connection: await connectNats({ servers: `127.0.0.1:${port}` }, terms), end };
}

for (const [when, first] of Object.entries(MOMENTS))
  for (const [later, second] of Object.entries(MOMENTS))
    test(`written ${when} and closed ${later}, at the end of the server's side`, withServer, async (t) => {
      const { connection, end } = await connected(t);
      await endOf(t, connection, end, [first, second]);
    });

test('the same of the socket that it has after an outage', withServer, async (t) => {
  const { connection, end } = await connected(t);
  const socket = socketOf(connection);
  end();
  // Between the two there is none.
  await waitFor('another socket', () => ![undefined, socket].includes(socketOf(connection)));
  await connection.flush();
  const atOnce = MOMENTS['at once'] as Moment;
  await endOf(t, connection, end, [atOnce, atOnce]);
});
