/**
 * Attempts to connect that leave nothing behind, and end when they are told to.
 *
 * The client (`@nats-io/transport-node` 3.4.0) leaves the socket of an attempt open that failed
 * before the server had said anything, as of one that stands still: each attempt would cost a
 * descriptor, and the last one keep the process alive. Nor can an attempt be told to end. So the
 * sockets that are made for it are noted (`net.client.socket`, diagnostics_channel.html); they are
 * told from all others in the process by their asynchronous context.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { abortError } from '../core.ts';

const CHANNEL = 'net.client.socket';

const ignored = (): void => {};

/**
 * @param connect makes one attempt
 * @param close what becomes of a result that comes after the end
 * @throws AbortError (`ABORT_ERR`), at once; or what `connect` throws
 */
export async function dial<T>(
  connect: () => Promise<T>,
  close: (late: T) => void,
  signal?: AbortSignal,
): Promise<T> {
  // One for each attempt, and no longer: while there is one, promises cost the process more.
  const context = new AsyncLocalStorage<Set<Socket>>();
  const sockets = new Set<Socket>();
  let isOver = false;
  const note = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    if (context.getStore() !== sockets) return;
    sockets.add(socket);
    if (isOver) destroy(socket);
  };
  subscribe(CHANNEL, note);
  const connecting = context.run(sockets, connect).finally(() => {
    unsubscribe(CHANNEL, note);
    context.disable();
  });
  let forget = ignored;
  const aborted = new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const onAbort = (): void => reject(abortError(signal));
    forget = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([connecting, aborted]);
  } catch (error) {
    isOver = true;
    for (const socket of sockets) destroy(socket);
    connecting.then(close, ignored);
    throw error;
  } finally {
    forget();
  }
}

/** In the next turn: one that is being made gets its first listeners after it was noted. */
const destroy = (socket: Socket): void =>
  void setImmediate(() => {
    // The client may have taken off every listener; an error that nobody hears ends the process.
    socket.on('error', ignored);
    socket.destroy();
  });
