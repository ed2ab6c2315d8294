/** Options of `serve`, checked, with their defaults. */
import { invalidArgument, requireOptions } from '../errors.ts';
import type { UnifiedEvent } from '../watch/unified/unified-events.ts';
import { procOption } from '../netns/processes/procfs.ts';
import { boolean } from '../watch/stream/stream-options.ts';
import { ownVersion } from './own-version.ts';
import { allowedHostsOption, isText, texts, wholeOption } from './option-values.ts';
import type { RingLimits } from './events/event-ring.ts';
import { DEFAULT_LISTEN, listenAddressOf, requireTokenFor } from './http/listen-address.ts';
import type { ListenAddress } from './http/listen-address.ts';
import { tokenOption } from './http/token.ts';
import type { MetricsFilter, MetricsOptions } from './metrics/metrics.ts';
import { DEFAULT_DIRECTORY } from '../reference/directory.ts';

/** Options of {@link serve}. */
export interface ServeOptions {
  /**
   * Where: `ADDRESS:PORT`, `[ADDRESS]:PORT` or `unix:PATH`; port 0 is any that is free. An address
   * that other machines can reach needs a `token`. A socket is for its user alone (mode 0600).
   * Default `127.0.0.1:9478`.
   */
  listen?: string | undefined;
  /**
   * What clients must know: from 16 to 512 letters, digits and `. _ ~ + / = -`. Given as
   * `Authorization: Bearer`, or once in the URL (`/?token=`), after which a browser has a cookie.
   * By default everybody on this machine may ask.
   */
  token?: string | undefined;
  /** Names in `Host` that are served besides the address itself, as of a proxy in front of it. */
  allowedHosts?: readonly string[] | undefined;
  /** Of which namespaces and devices there are metrics: patterns as in the shell. Default all. */
  include?: MetricsFilter | undefined;
  /** Those that are left out of the metrics. */
  exclude?: MetricsFilter | undefined;
  /** Also metrics of sandboxes that have `lo` alone, and more counters. Default false. */
  allMetrics?: boolean | undefined;
  /** How many clients may follow the events at once. Default 64. */
  clients?: number | undefined;
  /** How many events are kept for clients that lag or come back. Default 10,000. */
  ringEvents?: number | undefined;
  /** How many bytes of them. Default 8 MiB. */
  ringBytes?: number | undefined;
  /** How many dead namespaces are remembered. Default 1,000. */
  deadNamespaces?: number | undefined;
  /** A name of a namespace in it stands alone. Default `/var/run/netns`. */
  directory?: string | undefined;
  /**
   * Where a procfs is mounted, by whose processes is found out what keeps a namespace alive. That
   * of the watcher. Default `/proc`.
   */
  proc?: string | undefined;
  /** Called with each event of the watcher, whose one consumer is the server. May not throw. */
  onEvent?: ((event: UnifiedEvent) => void) | undefined;
  /** Stops the server, and the watcher. */
  signal?: AbortSignal | undefined;
}

export interface ServeSettings {
  address: ListenAddress;
  token: string | null;
  allowedHosts: ReadonlySet<string>;
  metrics: MetricsOptions;
  clients: number;
  ring: RingLimits;
  dead: number;
  directory: string;
  proc: string;
  onEvent: (event: UnifiedEvent) => void;
  signal: AbortSignal | undefined;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_TOKEN_REQUIRED` */
export function checkServeOptions(options: ServeOptions): ServeSettings {
  requireOptions(options);
  const { listen = DEFAULT_LISTEN, directory = DEFAULT_DIRECTORY, onEvent = () => {}, signal } = options;
  const address = listenAddressOf(listen);
  const token = tokenOption(options.token);
  requireTokenFor(address, token);
  if (typeof onEvent !== 'function') throw invalidArgument('onEvent', 'a function', onEvent);
  if (!isText(directory)) throw invalidArgument('directory', 'a path', directory);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidArgument('signal', 'an AbortSignal', signal);
  const proc = procOption(options.proc);
  return {
    address,
    token,
    allowedHosts: allowedHostsOption(options.allowedHosts),
    metrics: {
      include: filter('include', options.include),
      exclude: filter('exclude', options.exclude),
      all: boolean('allMetrics', options.allMetrics, false),
      directory,
      version: ownVersion(),
    },
    clients: wholeOption('clients', options.clients, 64, 10_000),
    ring: {
      events: wholeOption('ringEvents', options.ringEvents, 10_000, 10_000_000),
      bytes: wholeOption('ringBytes', options.ringBytes, 8 * 1024 * 1024, 2 ** 31),
    },
    dead: wholeOption('deadNamespaces', options.deadNamespaces, 1000, 1_000_000),
    directory,
    proc,
    onEvent,
    signal,
  };
}

function filter(name: string, given: MetricsFilter | undefined): MetricsFilter | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) throw invalidArgument(name, '{ netns?, device? }', given);
  const { netns, device } = given;
  const checked = { netns: texts(`${name}.netns`, netns), device: texts(`${name}.device`, device) };
  // None of a kind says nothing of it.
  return {
    ...(netns !== undefined && { netns: checked.netns }),
    ...(device !== undefined && { device: checked.device }),
  };
}
