/** Which servers are followed: the options of `httpTransport`, checked. */
import { createHash } from 'node:crypto';
import { invalidArgument, requireOptions } from '../../core.ts';
import { isKey } from '../../wire/key.ts';

/** One `nlink serve`. */
export interface HttpHost {
  /** `http://HOST:PORT`, `https://…` or `unix:PATH`. A path is put in front of `/v1/events`. */
  url: string;
  /** What people call it. Default: the host and port of the URL, or the path of the socket. */
  name?: string | undefined;
  /** That of the server (`nlink serve --token-file`). By default none is sent. */
  token?: string | undefined;
  /** What it is told by: at most 200 of `A-Z a-z 0-9 _ -`. Default: 32 digits made of the URL. */
  key?: string | undefined;
}

/** A server, as it is asked. */
export interface Endpoint {
  key: string;
  name: string;
  token: string | null;
  /** As it is shown, without a user and a password. */
  url: string;
  at: { socketPath: string } | { protocol: 'http:' | 'https:'; hostname: string; port: number };
  /** In front of `/v1/events`. */
  path: string;
  /** For a scrape of the host itself: `HOST:PORT`; null: over a socket, or TLS. */
  target: string | null;
}

const UNIX = 'unix:';
const URLS = 'http://HOST:PORT, https://HOST:PORT or unix:/PATH, without a user and a query';
const PORTS = { 'http:': 80, 'https:': 443 } as const;
/** What a header takes as it is. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
const LONGEST_NAME = 255;

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function endpointsOf(hosts: unknown): Endpoint[] {
  // What is given may hold tokens, and no message may.
  if (!Array.isArray(hosts)) throw invalidArgument('hosts', 'an array', typeof hosts);
  const endpoints = hosts.map((host, at) => endpointOf(host as HttpHost, `hosts[${at}]`));
  const keys = new Map<string, number>();
  for (const [at, { key, url }] of endpoints.entries()) {
    const before = keys.get(key);
    if (before !== undefined)
      throw invalidArgument(`hosts[${at}]`, `another host than hosts[${before}]`, url);
    keys.set(key, at);
  }
  return endpoints;
}

/** @param called what it is called in the message */
export function endpointOf(host: HttpHost, called: string): Endpoint {
  requireOptions(host);
  const { url, name, token, key } = host;
  if (typeof url !== 'string') throw invalidArgument(`${called}.url`, 'a text', url);
  const place = placeOf(url);
  if (place === null) throw invalidArgument(`${called}.url`, URLS, withoutSecrets(url));
  if (name !== undefined && (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME))
    throw invalidArgument(`${called}.name`, `a text of 1 to ${LONGEST_NAME} characters`, name);
  if (token !== undefined && (typeof token !== 'string' || !TOKEN.test(token)))
    throw invalidArgument(`${called}.token`, 'printable ASCII without spaces', typeof token);
  if (key !== undefined && (typeof key !== 'string' || !isKey(key)))
    throw invalidArgument(`${called}.key`, '1 to 200 of A-Z a-z 0-9 _ -', key);
  return {
    ...place,
    key: key ?? createHash('sha256').update(place.url).digest('hex').slice(0, 32),
    name: name ?? place.url.replace(/^(?:https?:\/\/|unix:)/, ''),
    token: token ?? null,
  };
}

/** Whatever it is that was meant as a URL: a user, a password and a query are not shown. */
export const withoutSecrets = (text: string): string =>
  text.replace(/^([a-z]+:\/*)?.*@/is, '$1…@').replace(/[?#].*/s, '…');

type Place = Pick<Endpoint, 'url' | 'at' | 'path' | 'target'>;

function placeOf(text: string): Place | null {
  if (text.startsWith(UNIX)) {
    const socketPath = text.slice(UNIX.length);
    return socketPath.startsWith('/') && !socketPath.includes('\0')
      ? { url: text, at: { socketPath }, path: '', target: null }
      : null;
  }
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  const { username, password, search, hash, hostname, pathname } = url;
  // A token has a place of its own, and is not shown.
  if (username !== '' || password !== '' || search !== '' || hash !== '') return null;
  const port = url.port === '' ? PORTS[protocol] : Number(url.port);
  const path = pathname.replace(/\/+$/, '');
  return {
    url: `${protocol}//${url.host}${path}`,
    // Brackets are for URLs; connect(2) is told the address.
    at: { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port },
    path,
    target: protocol === 'http:' && path === '' ? `${hostname}:${port}` : null,
  };
}
