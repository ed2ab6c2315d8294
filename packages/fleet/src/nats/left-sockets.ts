/**
 * Closes sockets that a closed connection has left open, so that no process has to wait for a
 * server that accepts connections and says nothing: it stands still, or speaks something else.
 *
 * The client (`@nats-io/transport-node` 3.4.0) gives up such an attempt in time, but closes its
 * socket only before the next one: the last one stays, be it that of a first connection, or that
 * of a connection that is closed while it is made anew.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectingOf, socketOf } from './inside.ts';

const MADE = 'net.client.socket';

/** Where `connect` fails, what it has opened is closed. */
export async function closingWhatIsLeft(connect: () => Promise<NatsConnection>): Promise<NatsConnection> {
  // Others may open sockets at the same time. It slows down all promises, so it is not kept.
  const own = new AsyncLocalStorage<true>();
  const sockets = new Set<Socket>();
  const onMade = (message: unknown): void => {
    if (own.getStore() === true) sockets.add((message as { socket: Socket }).socket);
  };
  subscribe(MADE, onMade);
  try {
    const connection = await own.run(true, connect);
    void closeAfter(connection);
    return connection;
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error;
  } finally {
    unsubscribe(MADE, onMade);
    own.disable();
  }
}

/** When the connection is closed, the socket that it was about to use is, too. */
async function closeAfter(connection: NatsConnection): Promise<void> {
  await connection.closed();
  socketOf(connection)?.destroy();
  // Another address of the server may be tried yet.
  await connectingOf(connection);
  socketOf(connection)?.destroy();
}
