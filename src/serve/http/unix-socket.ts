/** A Unix socket to listen on, which only its user may connect to (unix(7)). */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Server } from 'node:net';

/**
 * Removes a socket that nobody listens on any more, as a server that was killed leaves one behind.
 * Anything else is left alone, and then `EADDRINUSE` says so.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSocket() !== true || (await refusal(path)) !== 'ECONNREFUSED') return;
  unlinkSync(path);
}

/** Why one cannot connect; null: one can. */
const refusal = (path: string): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
  });

/** Made with mode 0600 at once, by the mask that bind(2) heeds: not even for a moment open. */
export function listenPrivately(server: Server, path: string, listening: () => void): void {
  let mask: number | null = null;
  try {
    mask = process.umask(0o177);
  } catch {
    // In a worker thread the mask cannot be set: that of the process has to do.
  }
  try {
    server.listen({ path }, listening);
  } finally {
    if (mask !== null) process.umask(mask);
  }
}
