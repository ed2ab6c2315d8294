/** Options of an agent, checked, with their defaults. */
import { hostname } from 'node:os';
import { DEFAULT_DIRECTORY, integer, invalidArgument, requireOptions, systemClock } from '../core.ts';
import type { Clock, UnifiedNamespaceWatcher } from '../core.ts';
import type { NatsOptions } from '../nats/nats-options.ts';
import { DEFAULT_SHARD, isShard } from '../wire/subjects.ts';
import { HEAD_INTERVAL } from './heads.ts';
import { IDENTITY_FILES, identityOf } from './identity.ts';
import type { IdentityFiles } from './identity.ts';
import type { AgentNotice } from './notices.ts';

/** Options of `FleetAgent.start`. */
export interface FleetAgentOptions {
  /** Its one consumer is the agent, which stops it when it ends. */
  watcher: UnifiedNamespaceWatcher;
  /** Where the servers are, and as whom it comes. */
  nats?: NatsOptions | undefined;
  /** What people call the host, at most 255 long. Default the host name. */
  name?: string | undefined;
  /** Which stream has its deltas: 1-32 letters a-z and digits. Default `0`. */
  shard?: string | undefined;
  /** What the host is told by: base64url, at most 200. Default made of `/etc/machine-id`. */
  key?: string | undefined;
  /** Where `nlink serve` of this host is reached: `HOST:PORT`. Default: not told. */
  target?: string | undefined;
  /** A name of a namespace in it stands alone. Default `/var/run/netns`. */
  directory?: string | undefined;
  /** How many events wait while the servers are away. Default 10,000. */
  ringEvents?: number | undefined;
  /** How many bytes of them. Default 4 MiB. */
  ringBytes?: number | undefined;
  /** What happens to the connection and the streams. May not throw. */
  onNotice?: ((notice: AgentNotice) => void) | undefined;
  /** Stops the agent, and the watcher. */
  signal?: AbortSignal | undefined;
}

/** What tests put in place of the machine. */
export interface AgentIo {
  clock: Clock;
  random: () => number;
  files: IdentityFiles;
  /** Milliseconds from one head to the next, about. */
  interval: number;
  /** Of what is published, in milliseconds. */
  timeout: number;
}

export const agentIo: AgentIo = {
  clock: systemClock,
  random: Math.random,
  files: IDENTITY_FILES,
  interval: HEAD_INTERVAL,
  timeout: 3000,
};

export interface AgentSettings {
  watcher: UnifiedNamespaceWatcher;
  nats: NatsOptions;
  key: string;
  epoch: string;
  name: string;
  shard: string;
  target: string | null;
  directory: string;
  ring: { events: number; bytes: number };
  onNotice: (notice: AgentNotice) => void;
  signal: AbortSignal | undefined;
}

/**
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 * @throws FleetError `ERR_FLEET_NO_IDENTITY`
 */
export function checkAgentOptions(options: FleetAgentOptions, files: IdentityFiles): AgentSettings {
  requireOptions(options);
  const { watcher, nats = {}, shard = DEFAULT_SHARD, directory = DEFAULT_DIRECTORY } = options;
  const { onNotice = () => {}, signal } = options;
  if (typeof watcher?.namespaces !== 'function')
    throw invalidArgument('watcher', 'a UnifiedNamespaceWatcher', watcher);
  if (typeof shard !== 'string' || !isShard(shard))
    throw invalidArgument('shard', '1-32 letters a-z and digits', shard);
  if (typeof onNotice !== 'function') throw invalidArgument('onNotice', 'a function', onNotice);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidArgument('signal', 'an AbortSignal', signal);
  return {
    watcher,
    nats,
    ...identityOf(options.key, files),
    name: text('name', options.name ?? hostname(), 255),
    shard,
    target: options.target === undefined ? null : text('target', options.target, 300),
    directory: text('directory', directory, 4096),
    ring: {
      events: integer('ringEvents', options.ringEvents, 10_000, 1, 1_000_000),
      bytes: integer('ringBytes', options.ringBytes, 4 * 1024 * 1024, 1024, 2 ** 30),
    },
    onNotice,
    signal,
  };
}

function text(name: string, value: unknown, most: number): string {
  if (typeof value === 'string' && value !== '' && value.length <= most) return value;
  throw invalidArgument(name, `a text of at most ${most}`, value);
}
