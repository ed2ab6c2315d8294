/** Checks the options of a `FleetWatcher`. */
import { boolean, integer, invalidArgument, requireOptions, streamSettings } from '../core.ts';
import type { FleetTransport } from '../transport/transport.ts';
import type { FleetWatcherOptions } from './fleet-types.ts';

const DAY = 86_400_000;
const METHODS = ['start', 'ask', 'barrier', 'stop'] as const;

export interface FleetSettings {
  transport: FleetTransport;
  heads: boolean;
  bufferSize: number;
  signal: AbortSignal | undefined;
  settleTimeout: number;
  forgetAfter: number;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function fleetSettings(options: FleetWatcherOptions): FleetSettings {
  requireOptions(options);
  const { signal } = streamSettings({ signal: options.signal });
  const { transport } = options;
  const isTransport =
    typeof transport === 'object' &&
    transport !== null &&
    METHODS.every((method) => typeof transport[method] === 'function');
  if (!isTransport) throw invalidArgument('transport', 'a transport, as natsTransport() makes it', transport);
  return {
    transport,
    heads: boolean('heads', options.heads, false),
    bufferSize: integer('bufferSize', options.bufferSize, 8192, 16, 2 ** 20),
    signal,
    settleTimeout: integer('settleTimeout', options.settleTimeout, 10_000, 0, 600_000),
    forgetAfter: integer('forgetAfter', options.forgetAfter, DAY, 1000, 365 * DAY),
  };
}
