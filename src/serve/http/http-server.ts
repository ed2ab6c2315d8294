/**
 * The socket that clients come by, with what a client may cost: of a request its length and the
 * time that it takes, of an answer the time in which nothing of it is taken, and how many
 * connections there are at all. Node answers some of it by itself (431, 408, 400): `clientError`.
 *
 * | on a connection                       | then                                            |
 * | ------------------------------------- | ----------------------------------------------- |
 * | a request, the last answer was taken  | is answered                                     |
 * | a request, the last one was not yet   | 503 after that, and the end: of requests that   |
 * |                                       | are sent ahead thousands come at once           |
 * | a request, the last one is a stream   | the end                                         |
 * | no request, the last answer was taken | 400, 408 or 431, and the end                    |
 * | - and was to be the last              | the end                                         |
 * | no request, the last one was not yet  | the end: an answer would be in midst of another |
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ANSWER_HEADERS, rawAnswer } from './answer-headers.ts';
import { admit } from './gate.ts';
import type { Admitted, GatePolicy } from './gate.ts';
import type { ListenAddress } from './listen-address.ts';
import { send } from './sending.ts';
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

/** Who answers what was let in. */
export interface Answering {
  answer(request: IncomingMessage, response: ServerResponse, admitted: Admitted): Promise<void>;
}

export class HttpServer {
  readonly #answers: Answering;
  readonly #server: Server;
  /** The last answer on each connection. */
  readonly #answered = new WeakMap<Duplex, ServerResponse>();
  /** Null: it does not serve yet. */
  #policy: GatePolicy | null = null;

  /** @param clients how many may follow the events */
  constructor(answers: Answering, clients: number) {
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
    // Those beyond a number would be left out, and perhaps be what a request is refused for.
    this.#server.maxHeadersCount = 0;
    for (const event of ['request', 'checkContinue', 'checkExpectation'])
      this.#server.on(event, this.#onRequest);
    this.#server.on('connect', (_, socket: Duplex) =>
      endWith(socket, rawAnswer(405, 'Method Not Allowed', { allow: 'GET, HEAD' })),
    );
    this.#server.on('clientError', this.#onClientError);
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
    const before = this.#answered.get(request.socket);
    this.#answered.set(request.socket, response);
    if (isUnanswered(before)) {
      // One that never ends.
      if (before?.headersSent === true && !before.writableEnded) return void request.socket.destroy();
      response.statusCode = 503;
      response.setHeader('connection', 'close');
      send(request, response, 'text/plain; charset=utf-8', 'one request at a time\n');
      return;
    }
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

  readonly #onClientError = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    const before = this.#answered.get(socket);
    const isLost = !socket.writable || error.code === 'ECONNRESET';
    if (isLost || isUnanswered(before) || before?.shouldKeepAlive === false) return void socket.destroy();
    const [status, reason] = FAULTS[error.code ?? ''] ?? [400, 'Bad Request'];
    endWith(socket, rawAnswer(status, reason));
  };
}

const isUnanswered = (response: ServerResponse | undefined): boolean =>
  response !== undefined && !response.closed;

function endWith(socket: Duplex, answer: string): void {
  socket.on('error', () => {});
  socket.end(answer, () => socket.destroy());
}

/** What went wrong is for the one who runs it, and nothing of it for whoever asks. */
function failed(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  process.emitWarning(`serve: ${String(error)}`);
  if (response.headersSent) return void response.destroy();
  response.statusCode = 500;
  send(request, response, 'text/plain; charset=utf-8', 'failed\n');
}
