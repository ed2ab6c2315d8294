/** A server that takes connections, perhaps says some words, and then nothing. It ends with the test. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface SilentServer {
  /** Of any address of this machine. */
  port: number;
  /** All that came. */
  came: Socket[];
  /** Those that are not ended yet. */
  open: Set<Socket>;
}

export async function silentServer(t: TestContext, words = ''): Promise<SilentServer> {
  const came: Socket[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    came.push(socket);
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.resume().write(words);
  });
  server.listen(0);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, came, open };
}
