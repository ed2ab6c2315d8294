/** How answers go out: short ones, files, those that may be long, and what is answered instead. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isNotModified } from './not-modified.ts';
import type { Outgoing } from './outgoing.ts';
import type { PageFile } from './page.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  body: string | Buffer,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.setHeader('content-type', type);
  response.setHeader('content-length', bytes.length);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

export function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const { type, tag, bytes } = file;
  response.setHeader('etag', tag);
  if (!isKnown(request, response, tag)) send(request, response, type, bytes);
}

/** What may be long goes out only as far as there is room. */
export function sendLong(
  request: IncomingMessage,
  response: ServerResponse,
  outgoing: Outgoing,
  type: string,
  bytes: Buffer,
): void {
  if (request.method === 'HEAD' || outgoing.take(response, bytes.length))
    return send(request, response, type, bytes);
  noRoom(request, response);
}

export function noRoom(request: IncomingMessage, response: ServerResponse): void {
  for (const name of ['etag', 'content-encoding']) response.removeHeader(name);
  later(request, response, 'others have yet to read their answers');
}

/** Whether the client has it, and has been told so. */
export function isKnown(request: IncomingMessage, response: ServerResponse, tag: string): boolean {
  if (!isNotModified(request.headers['if-none-match'], tag)) return false;
  response.statusCode = 304;
  response.end();
  return true;
}

export function later(request: IncomingMessage, response: ServerResponse, why: string): void {
  response.statusCode = 503;
  response.setHeader('retry-after', '5');
  send(request, response, TEXT_TYPE, `${why}\n`);
}

export function notFound(request: IncomingMessage, response: ServerResponse): void {
  response.statusCode = 404;
  send(request, response, TEXT_TYPE, 'there is no such thing here: / says what there is\n');
}
