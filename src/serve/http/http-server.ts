/**
 * The socket that clients come by, with what a client may cost: of a request its length and the
 * time that it takes, of an answer the time in which nothing of it is taken, and how many
 * connections there are at all. Node answers some of it by itself (431, 408, 400): `clientError`.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWER_HEADERS, rawAnswer } from './answer-headers.ts';
import { send } from './answers.ts';
import type { Answers } from './answers.ts';
import { admit } from './gate.ts';
import type { GatePolicy } from './gate.ts';
import type { ListenAddress } from './listen-address.ts';
import { clearStaleSocket, listenPrivately } from './unix-socket.ts';

/** Milliseconds in which a whole request has to come. */
const REQUEST_TIME = 10_000;
/** In which a client that is sent an answer has to take some of it. */
const ANSWER_TIME = 30_000;
const IDLE_TIME = 5000;
const MOST_HEADER_BYTES = 8192;
/** Connections besides those of the clients that follow events. */
const MORE_CONNECTIONS = 128;
/** How long clients may take to read the end. */
const CLOSE_TIME = 1000;

/** What Node found wrong with what came, by its code. */
const FAULTS: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

export class HttpServer {
  readonly #answers: Answers;
  readonly #server: Server;
  /** Null: it does not serve yet. */
  #policy: GatePolicy | null = null;

  /** @param clients how many may follow the events */
  constructor(answers: Answers, clients: number) {
    this.#answers = answers;
    this.#server = createServer({
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: REQUEST_TIME,
      requestTimeout: REQUEST_TIME,
      keepAliveTimeout: IDLE_TIME,
      connectionsCheckingInterval: 2000,
      // A missing Host is answered as a wrong one is.
      requireHostHeader: false,
    });
    this.#server.maxConnections = clients + MORE_CONNECTIONS;
    this.#server.maxHeadersCount = 64;
    this.#server.on('request', this.#onRequest);
    this.#server.on('checkExpectation', this.#onRequest);
    this.#server.on('clientError', onClientError);
  }

  /** @returns the port; null: a Unix socket. @throws SystemError */
  async listen(address: ListenAddress): Promise<number | null> {
    if ('path' in address) await clearStaleSocket(address.path);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      const listening = (): void => {
        this.#server.off('error', reject);
        resolve();
      };
      if ('path' in address) listenPrivately(this.#server, address.path, listening);
      else this.#server.listen(address, listening);
    });
    const bound = this.#server.address() as AddressInfo | string;
    return typeof bound === 'string' ? null : bound.port;
  }

  /** Serves from now on. */
  admit(policy: GatePolicy): void {
    this.#policy = policy;
  }

  /** Done when every connection is closed, soon in any case. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_TIME);
    await closed;
    clearTimeout(timer);
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(ANSWER_HEADERS)) response.setHeader(name, value);
    response.setTimeout(ANSWER_TIME, () => response.destroy());
    // Its body is not read.
    request.on('error', () => {});
    response.on('error', () => {});
    if (this.#policy === null) {
      response.statusCode = 503;
      send(request, response, 'text/plain; charset=utf-8', 'not yet\n');
      return;
    }
    const admitted = admit(request, this.#policy);
    if ('status' in admitted) {
      response.statusCode = admitted.status;
      for (const [name, value] of Object.entries(admitted.headers)) response.setHeader(name, value);
      send(request, response, 'text/plain; charset=utf-8', admitted.text);
      return;
    }
    this.#answers.answer(request, response, admitted).catch((error: unknown) => {
      failed(request, response, error);
    });
  };
}

/** What went wrong is for the one who runs it, and nothing of it for whoever asks. */
function failed(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  process.emitWarning(`nlink serve: ${String(error)}`);
  if (response.headersSent) return void response.destroy();
  response.statusCode = 500;
  send(request, response, 'text/plain; charset=utf-8', 'failed\n');
}

function onClientError(error: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, reason] = FAULTS[error.code ?? ''] ?? [400, 'Bad Request'];
  socket.end(rawAnswer(status, reason), () => socket.destroy());
}
