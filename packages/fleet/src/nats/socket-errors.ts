/**
 * Keeps errors of a socket that the client is done with from ending the process.
 *
 * The client (`@nats-io/transport-node` 3.4.0) takes every listener off a socket before it destroys
 * it. A write that failed just then (the server had closed its side) has its `error` emitted after
 * that, and one that nobody hears is an uncaught exception (events.html, "Error events"). So a
 * listener is put back.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { socketOf } from './inside.ts';

const ignored = (): void => {};

/** @returns the same connection, of whose sockets, also those to come, no error ends the process */
export function withoutStrayErrors(connection: NatsConnection): NatsConnection {
  guard(connection);
  void follow(connection);
  return connection;
}

async function follow(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') guard(connection);
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
