/** Long answers in JSON, packed by gzip where a client takes that (RFC 9110, 8.4 and 12.5.3). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { acceptsGzip } from '../metrics/negotiate.ts';
import type { Outgoing } from './outgoing.ts';
import { isKnown, JSON_TYPE, noRoom, send } from './sending.ts';

/** Packing shorter ones costs more than it saves. */
const PACK_FROM = 4096;
/** A tenth of rows of JSON is left, in a third of the time that the usual level takes. */
const LEVEL = 1;
const pack = promisify(gzip);

/**
 * What is packed has the same tag, but a weak one: it is the same answer in other bytes (8.8.3.3).
 * There has to be room for all of it: until it is packed it is held as it is.
 * @param tag a strong one, with its quotes; null: none
 */
export async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  outgoing: Outgoing,
  json: string,
  tag: string | null,
): Promise<void> {
  const bytes = Buffer.from(`${json}\n`);
  const accepted = request.headers['accept-encoding'];
  const isPacked =
    bytes.length >= PACK_FROM && acceptsGzip(Array.isArray(accepted) ? accepted.join() : accepted);
  response.setHeader('vary', 'accept-encoding');
  if (tag !== null) {
    response.setHeader('etag', isPacked ? `W/${tag}` : tag);
    if (isKnown(request, response, tag)) return;
  }
  if (request.method !== 'HEAD' && !outgoing.take(response, bytes.length)) return noRoom(request, response);
  if (!isPacked) return send(request, response, JSON_TYPE, bytes);
  const packed = await pack(bytes, { level: LEVEL });
  response.setHeader('content-encoding', 'gzip');
  send(request, response, JSON_TYPE, packed);
}
