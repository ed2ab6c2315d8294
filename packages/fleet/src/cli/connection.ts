/** Options that say where a fleet is read from, and as whom. */
import { quoted, UsageError } from '../core.ts';
import type { Options } from '../core.ts';
import type { NatsOptions } from '../nats/nats-options.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import { parseHosts } from '../transport/http/hosts-file.ts';
import type { HostNote, HttpTransport } from '../transport/http/http-transport.ts';
import type { FleetTransport } from '../transport/transport.ts';
import type { Io } from './host/io.ts';
import { note } from './output/notes.ts';

const one = (options: Options, name: string): string | undefined => options.get(name)?.[0];

/** @throws UsageError, and what reading a file throws */
export async function natsOptions(options: Options, io: Pick<Io, 'env' | 'readFile'>): Promise<NatsOptions> {
  const [ca, cert, key] = ['tls-ca', 'tls-cert', 'tls-key'].map((name) => one(options, name));
  const who = await identity(options, io);
  const inherited = io.env['NATS_CREDS'] || undefined;
  return {
    servers: options.get('server') ?? listOf(io.env['NATS_URL'] ?? ''),
    ...who,
    ...(Object.keys(who).length === 0 && inherited !== undefined && { credentials: inherited }),
    ...((ca ?? cert ?? key) !== undefined && { tls: { ca, cert, key } }),
  };
}

function listOf(text: string): string[] | undefined {
  const servers = text.split(',').flatMap((server) => server.trim() || []);
  return servers.length === 0 ? undefined : servers;
}

async function identity(options: Options, io: Pick<Io, 'readFile'>): Promise<Partial<NatsOptions>> {
  const [credentials, nkey, user] = ['creds', 'nkey', 'user'].map((name) => one(options, name));
  if (credentials !== undefined) return { credentials };
  if (nkey !== undefined) return { nkey };
  if (user !== undefined) {
    const password = await secretOf(options, 'password-file', io);
    return { user, ...(password !== null && { password }) };
  }
  const token = await secretOf(options, 'nats-token-file', io);
  return token === null ? {} : { token };
}

/** The first line of a file: editors end it with a newline. Null: the option is not given. */
export async function secretOf(
  options: Options,
  name: string,
  io: Pick<Io, 'readFile'>,
): Promise<string | null> {
  const file = one(options, name);
  if (file === undefined) return null;
  const [secret = ''] = (await io.readFile(file)).split(/\r?\n/, 1);
  if (secret === '') throw new UsageError(`--${name}: ${quoted(file)} has nothing in its first line`);
  return secret;
}

export interface Source {
  watcher: FleetWatcher;
  /** Reads the list of hosts anew; null: there is none. */
  reload: (() => Promise<void>) | null;
}

/**
 * Opens the fleet, as `--hosts` or the options of NATS say.
 * @throws UsageError, NlinkError, FleetError
 */
export async function openSource(
  options: Options,
  io: Io,
  more: { heads?: boolean; signal?: AbortSignal } = {},
): Promise<Source> {
  const { transport, reload } = await transportOf(options, io, more.heads === true);
  return { watcher: await io.openWatcher({ transport, ...more }), reload };
}

async function transportOf(
  options: Options,
  io: Io,
  heads: boolean,
): Promise<{ transport: FleetTransport; reload: Source['reload'] }> {
  const file = one(options, 'hosts');
  if (file === undefined) {
    const nats = await natsOptions(options, io);
    const shards = options.get('shard');
    const transport = await io.natsTransport({ ...nats, ...(shards !== undefined && { shards }), heads });
    return { transport, reload: null };
  }
  const read = async (): ReturnType<typeof parseHosts> =>
    parseHosts(await io.readFile(file), file, io.readFile);
  const ca = one(options, 'tls-ca');
  const transport: HttpTransport = await io.httpTransport({
    hosts: await read(),
    ...(ca !== undefined && { ca: await io.readFile(ca) }),
    onHost: (host) => noteHost(host, io),
  });
  return { transport, reload: async () => transport.setHosts(await read()) };
}

/** That it is followed is no news, but after it was not. */
function noteHost({ name, url, fault }: HostNote, io: Io): void {
  if (fault !== null) note(`${name} (${url}): ${fault.message}${HINTS[fault.kind] ?? ''}`, io);
}

const HINTS: Partial<Record<NonNullable<HostNote['fault']>['kind'], string>> = {
  refused: '; its line in the list of hosts needs the right token-file=FILE',
  wrong: '; is this nlink serve?',
};
