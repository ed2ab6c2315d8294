/** How the servers are reached and who one is there: paths of files, and words, checked. */
import { invalidArgument, requireOptions } from '../core.ts';

/** Where the servers of NATS are, and as whom one comes. At most one way of saying who. */
export interface NatsOptions {
  /**
   * `nats://HOST:PORT`; `tls://HOST:PORT`: never without TLS, and then none of them is. Of a
   * cluster some or all. Default `nats://127.0.0.1:4222`.
   */
  servers?: string | readonly string[] | undefined;
  /** Path of a file as nsc makes it (`.creds`). Read anew at each connection. */
  credentials?: string | undefined;
  /** Path of a file with the seed of an nkey (`SU…`). Read anew at each connection. */
  nkey?: string | undefined;
  /** Needs a `password`. */
  user?: string | undefined;
  /** Of `user`. */
  password?: string | undefined;
  /** The one token of the servers. */
  token?: string | undefined;
  /** Paths of files in PEM; `{}`: TLS with what the system trusts. */
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
}

export interface NatsSettings {
  servers: string[];
  credentials: string | null;
  nkey: string | null;
  login: { user: string; password: string } | null;
  token: string | null;
  tls: { ca: string | null; cert: string | null; key: string | null } | null;
}

const DEFAULT_SERVER = 'nats://127.0.0.1:4222';
const SERVER = /^(?:(?:nats|tls):\/\/)?[^\s/@?#]+\/?$/;

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkNatsOptions(options: NatsOptions): NatsSettings {
  requireOptions(options);
  const { servers = DEFAULT_SERVER, user, password } = options;
  const list: unknown[] = Array.isArray(servers) ? servers : [servers];
  if (list.length === 0 || !list.every((server) => typeof server === 'string' && SERVER.test(server)))
    throw invalidArgument(
      'servers',
      'nats://HOST:PORT or tls://HOST:PORT, without a user',
      withoutUsers(list),
    );
  const login = user === undefined ? null : { user: textOf('user', user), password: password ?? '' };
  if (login === null && password !== undefined) throw invalidArgument('user', 'given with a password', user);
  const settings = {
    servers: list as string[],
    credentials: textOrNull('credentials', options.credentials),
    nkey: textOrNull('nkey', options.nkey),
    login,
    token: textOrNull('token', options.token),
    tls: tlsOf(options.tls) ?? (list.some(isTls) ? { ca: null, cert: null, key: null } : null),
  };
  const ways = [settings.credentials, settings.nkey, login, settings.token].filter((way) => way !== null);
  if (ways.length > 1)
    throw invalidArgument('credentials', 'one of credentials, nkey, user and token', 'several');
  return settings;
}

/** The client does not heed the scheme. */
const isTls = (server: unknown): boolean => String(server).startsWith('tls://');

/** Errors are kept in logs, and a password is not to be. */
const withoutUsers = (servers: unknown[]): unknown =>
  servers.map((server) => (typeof server === 'string' ? server.replace(/[^/]*@/, '…@') : server)).join(', ');

function tlsOf(given: NatsOptions['tls']): NatsSettings['tls'] {
  if (given === undefined) return null;
  if (typeof given !== 'object' || given === null)
    throw invalidArgument('tls', '{ ca?, cert?, key? }', given);
  const [cert, key] = [textOrNull('tls.cert', given.cert), textOrNull('tls.key', given.key)];
  if ((cert === null) !== (key === null)) throw invalidArgument('tls', 'a cert with its key', given);
  return { ca: textOrNull('tls.ca', given.ca), cert, key };
}

const textOrNull = (name: string, value: unknown): string | null =>
  value === undefined ? null : textOf(name, value);

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidArgument(name, 'a text', value);
}
