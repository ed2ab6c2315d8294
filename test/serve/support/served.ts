/** A server over a real watcher, and requests to it as bytes: what a client may send, and what comes. */
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { serve } from '../../../src/serve/serve.ts';
import type { ServeOptions } from '../../../src/serve/serve-options.ts';
import type { Serving } from '../../../src/serve/serving.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { within } from '../../support/wait.ts';
import type { Fields, StreamReader } from './stream-reader.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Where it listens. */
export type Place = { port: number } | { socketPath: string };

export interface Served {
  server: Serving;
  watcher: UnifiedNamespaceWatcher;
  port: number;
  place: Place;
  get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;
  json: (path: string) => Promise<Fields[]>;
}

export async function served(t: TestContext, options: ServeOptions = {}): Promise<Served> {
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true, bufferSize: 1000 });
  t.after(() => watcher.stop());
  const server = await serve(watcher, { listen: '127.0.0.1:0', ...options });
  t.after(() => server.stop());
  const port = Number(/:(\d+)$/.exec(server.address)?.[1] ?? 0);
  const place = port > 0 ? { port } : { socketPath: server.address.slice('unix:'.length) };
  const get: Served['get'] = (path, headers = {}, method = 'GET') => ask({ ...place, path, headers, method });
  const json = async (path: string): Promise<Fields[]> => JSON.parse((await get(path)).text) as Fields[];
  return { server, watcher, port, place, get, json };
}

export interface Asked {
  port?: number;
  socketPath?: string;
  path: string;
  headers?: Record<string, string>;
  method?: string;
}

/** One request on a connection of its own. */
export const ask = (asked: Asked): Promise<Answer> =>
  within(
    asked.path,
    new Promise((resolve, reject) => {
      const headers = { connection: 'close', ...asked.headers };
      const sent = request(
        { host: 'socketPath' in asked ? 'localhost' : '127.0.0.1', ...asked, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
        },
      );
      sent.on('error', reject);
      sent.end();
    }),
  );

/** Bytes on a connection. @returns what came until its end */
export const raw = (port: number, bytes: string, host = '127.0.0.1'): Promise<string> =>
  within(
    'the end of a connection',
    new Promise((resolve) => {
      const socket = connect(port, host);
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      socket.write(bytes, 'latin1');
    }),
  );

/** Asks for events, and reads nothing of them. */
export async function deafClient(place: Place): Promise<Socket> {
  const socket =
    'port' in place ? connect({ ...place, host: '127.0.0.1' }) : connect({ path: place.socketPath });
  socket.on('error', () => {});
  socket.pause();
  socket.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** One who follows the events by HTTP, and comes back where it was. */
export class EventClient {
  readonly reader: StreamReader;
  readonly #place: Place;
  readonly #headers: Record<string, string>;
  #response: IncomingMessage | null = null;
  #closed: Promise<void> = Promise.resolve();
  connections = 0;
  /** Whether the connection is gone. */
  isClosed = true;

  /** @param place a port, or a socket */
  constructor(place: number | Place, reader: StreamReader, isNdjson = false) {
    this.#place = typeof place === 'number' ? { port: place } : place;
    this.reader = reader;
    this.#headers = isNdjson ? { accept: 'application/x-ndjson' } : {};
  }

  /**
   * Comes back until it is answered: one that is behind by more than a small ring keeps may be cut
   * off at once.
   * @param by how it says where it was
   */
  async connect(by: 'header' | 'url' = 'header'): Promise<void> {
    for (;;) {
      try {
        return await this.#connect(by);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
      }
    }
  }

  async #connect(by: 'header' | 'url'): Promise<void> {
    const { cursor } = this.reader;
    const headers = { ...this.#headers };
    if (cursor !== null && by === 'header') headers['last-event-id'] = cursor;
    const path = cursor !== null && by === 'url' ? `/v1/events?since=${cursor}` : '/v1/events';
    this.reader.reconnected();
    this.connections++;
    const host = 'port' in this.#place ? '127.0.0.1' : 'localhost';
    const options = { host, ...this.#place, path, headers, agent: false };
    const response = await within(
      'an answer',
      new Promise<IncomingMessage>((resolve, reject) => {
        request(options, resolve).on('error', reject).end();
      }),
    );
    this.#response = response;
    this.isClosed = false;
    const isSse = response.headers['content-type']?.startsWith('text/event-stream') === true;
    response.setEncoding('utf8');
    response.on('data', (text: string) => (isSse ? this.reader.sse(text) : this.reader.ndjson(text)));
    response.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      response.socket.once('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  /** Breaks off, in the middle of whatever comes. */
  cut(): void {
    this.#response?.removeAllListeners('data');
    this.#response?.destroy();
    this.#response = null;
  }

  /** The server ended it. */
  get ended(): Promise<void> {
    return within('the end of the stream', this.#closed);
  }
}
