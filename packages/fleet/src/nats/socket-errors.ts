/**
 * Keeps errors of a socket that the client is done with from ending the process.
 *
 * The client (`@nats-io/transport-node` 3.4.0) takes every listener off a socket before it destroys
 * it. A write that failed just then (the server had closed its side) has its `error` emitted after
 * that, and one that nobody hears is an uncaught exception (events.html, "Error events"). So a
 * listener is put back. The socket is no part of the client's interface: where it is not found,
 * nothing is done.
 */
import { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';

/** What is looked at of the client, of which nothing is certain. */
interface Inside {
  protocol?: { transport?: { socket?: unknown } };
}

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
  const socket = (connection as Inside).protocol?.transport?.socket;
  if (!(socket instanceof Socket)) return;
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (event) => {
    // Without an argument, not with one that is undefined: that is another call.
    if (event === undefined) removeAll();
    else removeAll(event);
    return socket.on('error', ignored);
  };
}
