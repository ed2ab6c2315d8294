/**
 * Closes sockets that a closed connection has left open, so that no process has to wait for a
 * server that accepts connections and says nothing: it stands still, or speaks something else.
 *
 * The client (`@nats-io/transport-node` 3.4.0) gives up an attempt in time, but closes its socket
 * only before the next one: that of a connection that is closed while it is made anew stays. Those
 * of a first connection: dialing.ts.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { connectingOf, socketOf } from './inside.ts';

const ignored = (): void => {};

/** @returns the same connection: when it is closed, the socket that it was about to use is, too */
export function withoutLeftSockets(connection: NatsConnection): NatsConnection {
  void closeAfter(connection);
  return connection;
}

async function closeAfter(connection: NatsConnection): Promise<void> {
  await connection.closed();
  destroySocket(connection);
  // Another address of the server may be tried yet.
  await connectingOf(connection);
  destroySocket(connection);
}

function destroySocket(connection: NatsConnection): void {
  const socket = socketOf(connection);
  if (socket === null || socket.destroyed) return;
  socket.on('error', ignored);
  socket.destroy();
}
