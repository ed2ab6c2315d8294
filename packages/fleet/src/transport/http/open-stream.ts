/** One request for the events of a server (`GET /v1/events`), by Node's own http and https. */
import { request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Endpoint } from './http-hosts.ts';

/** Why there is no stream, or no longer. */
export interface StreamFault {
  /**
   * | kind          | means                                                      |
   * | ------------- | ---------------------------------------------------------- |
   * | `unreachable` | no connection, or it was cut off                           |
   * | `silent`      | nothing comes                                              |
   * | `refused`     | 401, 403: a token is needed, or another one                |
   * | `wrong`       | what answers is no `nlink serve`, or not at this URL       |
   * | `busy`        | all its places are taken                                   |
   * | `ended`       | it has ended, and has said so                              |
   * | `malformed`   | it sends what no `nlink serve` of this version does        |
   */
  kind: 'unreachable' | 'silent' | 'refused' | 'wrong' | 'busy' | 'ended' | 'malformed';
  /** In a few words, perhaps some of the server's own. */
  message: string;
}

export interface StreamHandlers {
  /** @param date the server's clock, in milliseconds since 1970; null: not told */
  opened(date: number | null): void;
  chunk(bytes: Buffer): void;
  /** Once; nothing more comes. */
  failed(fault: StreamFault): void;
}

/** @returns closes it: then nothing more is called */
export type OpenStream = (endpoint: Endpoint, since: string | null, handlers: StreamHandlers) => () => void;

const TYPE = 'text/event-stream';
/** Of an answer that is no stream, for the message: so much that no token in it is cut in two. */
const MOST_TEXT = 8192;

/** @param ca certificates in PEM that are trusted instead of the system's */
export const httpStreams =
  (ca: string | undefined): OpenStream =>
  (endpoint, since, handlers) => {
    let isOver = false;
    let sent: ClientRequest | null = null;
    const fail = (fault: StreamFault): void => {
      if (isOver) return;
      isOver = true;
      sent?.destroy();
      handlers.failed(fault);
    };
    const unreachable = (error: Error): void => fail({ kind: 'unreachable', message: reasonOf(error) });
    const follow = (response: IncomingMessage): void => {
      response.on('error', unreachable);
      response.on('close', () => fail({ kind: 'unreachable', message: 'the connection was closed' }));
      const status = response.statusCode ?? 0;
      if (status !== 200) return readText(response, (text) => fail(faultOf(status, text)));
      const type = response.headers['content-type'] ?? 'none';
      if (!type.startsWith(TYPE)) return fail({ kind: 'wrong', message: `content is ${type}, not ${TYPE}` });
      const date = Date.parse(response.headers.date ?? '');
      handlers.opened(Number.isNaN(date) ? null : date);
      response.on('data', (bytes: Buffer) => {
        if (!isOver) handlers.chunk(bytes);
      });
    };
    const begin = async (): Promise<void> => {
      const isSecure = 'protocol' in endpoint.at && endpoint.at.protocol === 'https:';
      // Loaded where it is used: it is most of the time that a start takes.
      const request = isSecure ? (await import('node:https')).request : requestHttp;
      if (isOver) return;
      sent = request({ ...optionsOf(endpoint, since), ...(isSecure && ca !== undefined && { ca }) }, follow);
      sent.on('error', unreachable);
      sent.end();
    };
    begin().catch(unreachable);
    return () => {
      isOver = true;
      sent?.destroy();
    };
  };

function optionsOf({ at, path, token }: Endpoint, since: string | null): RequestOptions {
  return {
    ...('socketPath' in at ? { socketPath: at.socketPath, host: 'localhost' } : at),
    path: `${path}/v1/events${since === null ? '' : `?since=${since}`}`,
    headers: { accept: TYPE, ...(token !== null && { authorization: `Bearer ${token}` }) },
    // A connection of its own, which nothing else waits for.
    agent: false,
  };
}

function faultOf(status: number, text: string): StreamFault {
  const kind = status === 401 || status === 403 ? 'refused' : status === 503 ? 'busy' : 'wrong';
  return { kind, message: text === '' ? `status ${status}` : `status ${status}: ${text}` };
}

/** The first line of an answer, and no more of it than a message takes. */
function readText(response: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  const finish = (): void => done((text.split('\n', 1)[0] ?? '').slice(0, MOST_TEXT).trim());
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    text += part;
    if (text.length > MOST_TEXT) finish();
  });
  response.on('end', finish);
}

/** Of several addresses that were tried, each has an error, and their sum has no text. */
function reasonOf(error: Error): string {
  if (error.message !== '') return error.message;
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return first?.message ?? error.name;
}
