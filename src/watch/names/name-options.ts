/** Checks the options of a `NamespaceWatcher` and fills in the defaults. */
import { invalidArgument } from '../../errors.ts';
import { procOption } from '../../netns/processes/procfs.ts';
import { directoryOption } from '../../reference/directory.ts';
import { globs } from '../../reference/glob.ts';
import type { Matcher } from '../../reference/glob.ts';
import { INT_MAX } from '../../sys/limits.ts';
import type { StreamSettings } from '../stream/event-stream.ts';
import { boolean, integer, streamSettings } from '../stream/stream-options.ts';
import type { NamespaceWatcherOptions } from './name-events.ts';

/** All options of a `NamespaceWatcher`, checked. */
export interface WatcherSettings extends StreamSettings {
  directory: string;
  /** Tells which names are watched; null: all. */
  names: Matcher | null;
  watchParent: boolean;
  emitDirectoryEvents: boolean;
  readyTimeout: number;
  followSymlinks: boolean;
  proc: string;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkOptions(options: NamespaceWatcherOptions): WatcherSettings {
  return {
    ...streamSettings(options),
    directory: directoryOption(options.directory),
    names: namesOption(options.names),
    watchParent: boolean('watchParent', options.watchParent, true),
    emitDirectoryEvents: boolean('emitDirectoryEvents', options.emitDirectoryEvents, false),
    readyTimeout: integer('readyTimeout', options.readyTimeout, 1000, 0, INT_MAX),
    followSymlinks: boolean('followSymlinks', options.followSymlinks, true),
    proc: procOption(options.proc),
  };
}

function namesOption(value: unknown): Matcher | null {
  if (value === undefined) return null;
  // A copy has no gaps, which every() would leave out.
  const patterns: readonly unknown[] = Array.isArray(value) ? Array.from(value) : [value];
  if (patterns.length > 0 && patterns.every(isGlob)) return globs(patterns);
  throw invalidArgument('names', 'a glob or an array of globs, at least one and none empty', value);
}

const isGlob = (value: unknown): value is string => typeof value === 'string' && value !== '';
