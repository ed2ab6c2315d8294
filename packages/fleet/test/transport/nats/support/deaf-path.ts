/**
 * A path to the server that can lose all it carries but pings, as the client and the server know it:
 * to them the connection lives.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TestContext } from 'node:test';

const PING = 'PING\r\n';

export class DeafPath {
  /** How many connections went over it. */
  count = 0;
  readonly #server: Server;
  readonly #deafen: (() => void)[] = [];

  private constructor(port: number) {
    this.#server = createServer((socket) => this.#carry(socket, connect(port, '127.0.0.1')));
  }

  static async to(t: TestContext, port: number): Promise<DeafPath> {
    const path = new DeafPath(port);
    path.#server.listen(0, '127.0.0.1');
    await once(path.#server, 'listening');
    t.after(() => path.#server.close());
    return path;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All connections of now; those that come are well. */
  deafen(): void {
    for (const deafen of this.#deafen.splice(0)) deafen();
  }

  #carry(client: Socket, server: Socket): void {
    this.count++;
    let isDeaf = false;
    this.#deafen.push(() => {
      isDeaf = true;
    });
    client.on('data', (bytes) => {
      if (!isDeaf) server.write(bytes);
      else if (bytes.toString('latin1').includes(PING)) client.write('PONG\r\n');
    });
    server.on('data', (bytes) => {
      if (!isDeaf) client.write(bytes);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  }
}
