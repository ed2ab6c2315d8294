/** Checks the options of a `NamespaceWatcher` and fills in the defaults. */
import { procOption } from '../../netns/processes/procfs.ts';
import { directoryOption } from '../../reference/directory.ts';
import { INT_MAX } from '../../sys/limits.ts';
import type { StreamSettings } from '../stream/event-stream.ts';
import { boolean, integer, streamSettings } from '../stream/stream-options.ts';
import type { NamespaceWatcherOptions } from './name-events.ts';

/** All options of a `NamespaceWatcher`, checked. */
export interface WatcherSettings extends StreamSettings {
  directory: string;
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
    watchParent: boolean('watchParent', options.watchParent, true),
    emitDirectoryEvents: boolean('emitDirectoryEvents', options.emitDirectoryEvents, false),
    readyTimeout: integer('readyTimeout', options.readyTimeout, 1000, 0, INT_MAX),
    followSymlinks: boolean('followSymlinks', options.followSymlinks, true),
    proc: procOption(options.proc),
  };
}
