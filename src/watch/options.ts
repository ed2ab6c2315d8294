/** Checks the options of watchers and fills in the defaults, before anything is opened. */
import { invalidArgument } from '../errors.ts';
import { RECEIVE_BUFFER } from '../netlink/notifications.ts';
import type { Place } from '../netlink/raw-socket.ts';
import { procOption } from '../netns/procfs.ts';
import { directoriesOption, directoryOption } from '../reference/directory.ts';
import { checkReference } from '../reference/reference.ts';
import type { StreamSettings } from './event-stream.ts';
import type { NamespaceWatcherOptions } from './events.ts';
import type { NamespaceEventSubscriberOptions } from './nsid-events.ts';
import type { UnifiedNamespaceWatcherOptions } from './unified-events.ts';

/** All options of a `NamespaceWatcher`, checked. */
export interface WatcherSettings extends StreamSettings {
  directory: string;
  watchParent: boolean;
  emitDirectoryEvents: boolean;
  readyTimeout: number;
  followSymlinks: boolean;
  proc: string;
}

/** All options of a `NamespaceEventSubscriber`, checked. */
export interface SubscriberSettings extends StreamSettings {
  place: Place;
  allNamespaces: boolean;
  receiveBufferSize: number;
}

/** All options of a `UnifiedNamespaceWatcher`, checked. */
export interface UnifiedSettings extends Omit<WatcherSettings, 'directory'> {
  directories: readonly string[];
  netlink: 'auto' | 'require' | 'off';
  assignNsids: boolean;
  receiveBufferSize: number;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkOptions(options: NamespaceWatcherOptions): WatcherSettings {
  return {
    ...streamSettings(options),
    directory: directoryOption(options.directory),
    watchParent: boolean('watchParent', options.watchParent, true),
    emitDirectoryEvents: boolean('emitDirectoryEvents', options.emitDirectoryEvents, false),
    readyTimeout: integer('readyTimeout', options.readyTimeout, 1000, 0, 2 ** 31 - 1),
    followSymlinks: boolean('followSymlinks', options.followSymlinks, true),
    proc: procOption(options.proc),
  };
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME` */
export function checkSubscriberOptions(options: NamespaceEventSubscriberOptions): SubscriberSettings {
  const settings = streamSettings(options);
  const { namespace, directory, receiveBufferSize } = options;
  if (directory !== undefined) directoryOption(directory);
  if (namespace !== undefined) checkReference('namespace', namespace, directory);
  return {
    ...settings,
    place: { namespace, directory },
    allNamespaces: boolean('allNamespaces', options.allNamespaces, false),
    receiveBufferSize: integer('receiveBufferSize', receiveBufferSize, RECEIVE_BUFFER, 4096, 2 ** 30 - 1),
  };
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkUnifiedOptions(options: UnifiedNamespaceWatcherOptions): UnifiedSettings {
  const { directory: _, ...settings } = checkOptions(options);
  const { netlink = 'auto' } = options;
  if (!NETLINK.has(netlink)) throw invalidArgument('netlink', "'auto', 'require' or 'off'", netlink);
  const assignNsids = boolean('assignNsids', options.assignNsids, false);
  if (assignNsids && netlink === 'off')
    throw invalidArgument('netlink', "'auto' or 'require' where assignNsids is true", netlink);
  return {
    ...settings,
    directories: directoriesOption(options),
    netlink,
    assignNsids,
    receiveBufferSize: RECEIVE_BUFFER,
  };
}

const NETLINK: ReadonlySet<unknown> = new Set(['auto', 'require', 'off']);

function streamSettings(options: { bufferSize?: unknown; signal?: unknown }): StreamSettings {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument('signal', 'an AbortSignal', signal);
  }
  return { bufferSize: integer('bufferSize', options.bufferSize, 100, 1, 2 ** 20), signal };
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
