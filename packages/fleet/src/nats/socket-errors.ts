/**
 * Keeps errors of a socket that the client is done with from ending the process.
 *
 * The client (`@nats-io/transport-node` 3.4.0) takes every listener off a socket before it destroys
 * it. A write that failed just then (the server had closed its side) has its `error` emitted after
 * that, and one that nobody hears is an uncaught exception (events.html, "Error events"). So a
 * listener is put back. The socket is no part of the client's interface: where it is not found,
 * nothing is done. Nor does the client destroy a socket on which nothing was said yet when it is
 * closed: one of a server that stands still would keep the process alive.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { socketOf } from './inside.ts';

const ignored = (): void => {};

/** @returns the same connection, of whose sockets, also those to come, no error ends the process */
export function withoutStrayErrors(connection: NatsConnection): NatsConnection {
  guard(connection);
  void follow(connection);
  void end(connection);
  return connection;
}

async function follow(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') guard(connection);
}

async function end(connection: NatsConnection): Promise<void> {
  await connection.closed();
  const socket = socketOf(connection);
  if (socket === null || socket.destroyed) return;
  socket.on('error', ignored);
  socket.destroy();
}

function socketOf(connection: NatsConnection): Socket | null {
  const socket = (connection as Inside).protocol?.transport?.socket;
  return socket instanceof Socket ? socket : null;
}

function guard(connection: NatsConnection): void {
  const socket = socketOf(connection);
  if (socket === null) return;
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (event) => {
    // Without an argument, not with one that is undefined: that is another call.
    if (event === undefined) removeAll();
    else removeAll(event);
    return socket.on('error', ignored);
  };
}
