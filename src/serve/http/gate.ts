/**
 * Who may ask: decided of each request, streams too, before anything else is looked at. In this
 * order:
 *
 * | what                                                              | answer              |
 * | ----------------------------------------------------------------- | ------------------- |
 * | another method than GET and HEAD                                  | 405 with `Allow`    |
 * | a URL that is too long; or no path on this server                 | 414; 400            |
 * | a body                                                            | 413                 |
 * | no `Host`, several, or one that is none of this server's          | 421                 |
 * | sent by a page of another origin (`Sec-Fetch-Site`, `Origin`)     | 403                 |
 * | a token is asked for: the right one is in the URL                 | 303, with a cookie  |
 * | a token is asked for: neither `Authorization` nor a cookie has it | 401                 |
 *
 * `Host` is what tells a name that was rebound to this address (DNS rebinding) from its own: a page
 * of such a name is of the same origin to the browser, and its requests carry no `Sec-Fetch-Site`.
 */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { TokenCheck } from './token.ts';

export interface GatePolicy {
  /** Names besides the address itself, without a port, lower case. */
  allowedHosts: ReadonlySet<string>;
  /** Null: none is asked for. */
  token: TokenCheck | null;
}

/** What is looked at of a request. */
export type GateRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'headersDistinct'> & {
  /** The address that it came to; undefined: a Unix socket. */
  socket: { localAddress?: string | undefined };
};

export interface Refusal {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export interface Admitted {
  /** Begins with a slash; not decoded. */
  path: string;
  query: URLSearchParams;
}

const LONGEST_URL = 2048;
/** Whoever asks how it is doing needs no token: these say nothing else. */
const OPEN: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

export function admit(request: GateRequest, policy: GatePolicy): Admitted | Refusal {
  const { method, url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
  if (url.length > LONGEST_URL) return refusal(414, 'the URL is too long');
  if (!/^\/[\x21-\x7e]*$/.test(url) || url.includes('#')) return refusal(400, 'not a path');
  if (hasBody(request)) return refusal(413, 'no body is read', { connection: 'close' });
  if (!isOurHost(request, policy.allowedHosts))
    return refusal(421, 'this Host is not served: --allowed-host adds one');
  if (isCrossSite(request)) return refusal(403, 'not for pages of other origins');
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const refused = policy.token === null ? null : withoutToken(request, { path, query }, policy.token);
  return refused ?? { path, query };
}

function withoutToken(request: GateRequest, { path, query }: Admitted, token: TokenCheck): Refusal | null {
  // In a query a plus is a space, and a token has none.
  const given = query.get('token')?.replaceAll(' ', '+') ?? null;
  if (given !== null && token.isRight(given)) {
    query.delete('token');
    const rest = query.toString();
    // Never to another host: `//host` would lead there, and to browsers `/\host` too.
    const location = `${path.replace(/^[/\\]+/, '/')}${rest === '' ? '' : `?${rest}`}`;
    return refusal(303, 'the token is in a cookie now', { location, 'set-cookie': token.cookie });
  }
  if (OPEN.has(path)) return null;
  const { authorization, cookie } = request.headers;
  if (token.isBearer(authorization) || token.isCookie(cookie)) return null;
  return refusal(401, 'a token is needed: /?token=TOKEN once, or Authorization: Bearer TOKEN', {
    'www-authenticate': 'Bearer',
  });
}

function hasBody({ headers }: GateRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** `Host: NAME`, or with any port: a server behind another one has its port. */
function isOurHost(
  { headersDistinct, socket: { localAddress } }: GateRequest,
  allowed: ReadonlySet<string>,
): boolean {
  const [host, ...others] = headersDistinct['host'] ?? [];
  if (host === undefined || others.length > 0) return false;
  const name = hostName(host);
  if (name === null) return false;
  if (allowed.has(name)) return true;
  if (localAddress === undefined) return name === 'localhost';
  const own = localAddress.replace(/^::ffff:/, '');
  return name === own || (name === 'localhost' && (own.startsWith('127.') || own === '::1'));
}

/** Without the port and brackets; null: it is no host. */
export function hostName(host: string): string | null {
  const [, inBrackets, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (inBrackets !== undefined) return isIPv6(inBrackets) ? inBrackets.toLowerCase() : null;
  return plain?.toLowerCase() ?? null;
}

/** `none`: a person; `same-origin`: the page of this server. Programs send neither header. */
function isCrossSite({ headers }: GateRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return true;
  const { origin, host } = headers;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

function refusal(status: number, text: string, headers: Record<string, string> = {}): Refusal {
  return { status, headers, text: `${text}\n` };
}
