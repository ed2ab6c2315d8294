/**
 * What is looked at inside of the client (`@nats-io/transport-node` 3.4.0). It is no part of its
 * interface, and nothing of it is certain: where it is not found, nothing is done.
 */
import { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';

interface Inside {
  protocol?: { transport?: { socket?: unknown }; connectPromise?: unknown };
}

/** The one that it uses, or is about to use. */
export function socketOf(connection: NatsConnection): Socket | null {
  const socket = (connection as Inside).protocol?.transport?.socket;
  return socket instanceof Socket ? socket : null;
}

/** Done when no attempt to connect is under way, however it ends. */
export async function connectingOf(connection: NatsConnection): Promise<void> {
  try {
    await (connection as Inside).protocol?.connectPromise;
  } catch {
    // It has ended.
  }
}
