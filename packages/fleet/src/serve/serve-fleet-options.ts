/** Options of `serveFleet`, checked, with their defaults. */
import {
  allowedHostsOption,
  boolean,
  invalidArgument,
  listenAddressOf,
  requireOptions,
  requireTokenFor,
  tokenOption,
  wholeOption,
} from '../core.ts';
import type { ListenAddress } from '../core.ts';
import type { FleetEvent } from '../reader/fleet-types.ts';

/** Options of {@link serveFleet}. */
export interface ServeFleetOptions {
  /**
   * Where: `ADDRESS:PORT`, `[ADDRESS]:PORT` or `unix:PATH`; port 0 is any that is free. An address
   * that other machines can reach needs a `token`. A socket is for its user alone (mode 0600).
   * Default `127.0.0.1:9479`.
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
  /** Also metrics of each host, nine series each. Default false. */
  hostMetrics?: boolean | undefined;
  /** How many clients may follow the stream at once. Default 64. */
  clients?: number | undefined;
  /** Called with each event of the watcher, whose one consumer is the server. May not throw. */
  onEvent?: ((event: FleetEvent) => void) | undefined;
  /** Stops the server, and the watcher. */
  signal?: AbortSignal | undefined;
}

export interface ServeFleetSettings {
  address: ListenAddress;
  token: string | null;
  allowedHosts: ReadonlySet<string>;
  hostMetrics: boolean;
  clients: number;
  onEvent: (event: FleetEvent) => void;
  signal: AbortSignal | undefined;
}

const DEFAULT_LISTEN = '127.0.0.1:9479';

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_TOKEN_REQUIRED` */
export function checkServeFleetOptions(options: ServeFleetOptions): ServeFleetSettings {
  requireOptions(options);
  const { onEvent = () => {}, signal } = options;
  const address = listenAddressOf(options.listen ?? DEFAULT_LISTEN);
  const token = tokenOption(options.token);
  requireTokenFor(address, token);
  if (typeof onEvent !== 'function') throw invalidArgument('onEvent', 'a function', onEvent);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidArgument('signal', 'an AbortSignal', signal);
  return {
    address,
    token,
    allowedHosts: allowedHostsOption(options.allowedHosts),
    hostMetrics: boolean('hostMetrics', options.hostMetrics, false),
    clients: wholeOption('clients', options.clients, 64, 10_000),
    onEvent,
    signal,
  };
}
