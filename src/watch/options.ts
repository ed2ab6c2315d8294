/** Checks the options of a `NamespaceWatcher` and fills in the defaults, before anything is opened. */
import { invalidArgument } from '../errors.ts';
import { directoryOption } from '../reference/directory.ts';
import type { NamespaceWatcherOptions } from './events.ts';

/** All options, checked. */
export interface WatcherSettings {
  directory: string;
  bufferSize: number;
  watchParent: boolean;
  emitDirectoryEvents: boolean;
  readyTimeout: number;
  followSymlinks: boolean;
  signal: AbortSignal | undefined;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkOptions(options: NamespaceWatcherOptions): WatcherSettings {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument('signal', 'an AbortSignal', signal);
  }
  return {
    directory: directoryOption(options.directory),
    bufferSize: integer('bufferSize', options.bufferSize, 100, 1, 2 ** 20),
    watchParent: boolean('watchParent', options.watchParent, true),
    emitDirectoryEvents: boolean('emitDirectoryEvents', options.emitDirectoryEvents, false),
    readyTimeout: integer('readyTimeout', options.readyTimeout, 1000, 0, 2 ** 31 - 1),
    followSymlinks: boolean('followSymlinks', options.followSymlinks, true),
    signal,
  };
}

// Only undefined is the default: null says that the caller looked for a value and has none.
function integer(name: string, value: unknown, otherwise: number, least: number, most: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidArgument(name, `a whole number from ${least} to ${most}`, value);
}

function boolean(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw invalidArgument(name, 'true or false', value);
}
