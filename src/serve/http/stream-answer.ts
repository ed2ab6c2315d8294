/** The answer that does not end: a client of the stream, for as long as its connection is there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Sink } from '../events/client.ts';
import { cursorOf } from '../events/cursor.ts';
import type { Cursor } from '../events/cursor.ts';
import { busyText } from '../events/message.ts';
import type { StreamFormat } from '../events/message.ts';
import { streamFormatOf, STREAM_TYPES } from './stream-format.ts';

/** Whom clients follow. */
export interface StreamHub<Client> {
  readonly isFull: boolean;
  readonly limit: number;
  add(sink: Sink, format: StreamFormat, cursor: Cursor | null): Client;
  drained(client: Client): void;
  remove(client: Client): void;
}

export function answerStream<Client>(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  hub: StreamHub<Client>,
): void {
  const format = streamFormatOf(request.headers.accept);
  response.setHeader('content-type', STREAM_TYPES[format]);
  // For proxies that gather answers: nginx, "X-Accel-Buffering".
  response.setHeader('x-accel-buffering', 'no');
  if (request.method === 'HEAD') return void response.end();
  if (hub.isFull) return void response.end(busyText(format, hub.limit));
  // What a browser says when it comes back is newer than the URL that it began with.
  const since = request.headers['last-event-id'] ?? query.get('since') ?? '';
  response.socket?.setNoDelay(true);
  const sink = {
    write: (bytes: Buffer) => response.write(bytes),
    end: (bytes: Buffer) => void response.end(bytes),
    cut: () => void response.destroy(),
  };
  const client = hub.add(sink, format, cursorOf(String(since)));
  response.on('drain', () => hub.drained(client));
  response.on('close', () => hub.remove(client));
}
