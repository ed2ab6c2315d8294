/** What a `UnifiedNamespaceWatcher` works with, and its options, checked, with their defaults. */
import { invalidArgument } from '../../errors.ts';
import { RECEIVE_BUFFER } from '../../netlink/nsid-group-reader.ts';
import type { ScratchIo } from '../../netlink/scratch-sockets.ts';
import { directoriesOption } from '../../reference/directory.ts';
import type { WatcherIo } from '../names/engine-parts.ts';
import { checkOptions } from '../names/name-options.ts';
import type { WatcherSettings } from '../names/name-options.ts';
import { boolean } from '../stream/stream-options.ts';
import type { ProcessIo } from './process-io.ts';
import type { UnifiedNamespaceWatcherOptions } from './unified-events.ts';

/** What the watcher works with. */
export type UnifiedIo = Omit<WatcherIo, 'system'> & ScratchIo & { processes?: ProcessIo | undefined };

/** All options of a `UnifiedNamespaceWatcher`, checked. */
export interface UnifiedSettings extends Omit<WatcherSettings, 'directory'> {
  directories: readonly string[];
  netlink: 'auto' | 'require' | 'off';
  assignNsids: boolean;
  deaths: 'auto' | 'require' | 'off';
  unnamed: boolean;
  receiveBufferSize: number;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkUnifiedOptions(options: UnifiedNamespaceWatcherOptions): UnifiedSettings {
  const { directory: _, ...settings } = checkOptions(options);
  const { netlink = 'auto' } = options;
  if (!WHETHER.has(netlink)) throw invalidArgument('netlink', "'auto', 'require' or 'off'", netlink);
  const unnamed = boolean('unnamed', options.unnamed, false);
  const { deaths = netlink === 'off' && !unnamed ? 'off' : 'auto' } = options;
  if (!WHETHER.has(deaths)) throw invalidArgument('deaths', "'auto', 'require' or 'off'", deaths);
  if (unnamed && deaths === 'off')
    throw invalidArgument('deaths', "'auto' or 'require' where unnamed is true", deaths);
  const assignNsids = boolean('assignNsids', options.assignNsids, false);
  if (assignNsids && netlink === 'off')
    throw invalidArgument('netlink', "'auto' or 'require' where assignNsids is true", netlink);
  return {
    ...settings,
    directories: directoriesOption(options),
    netlink,
    assignNsids,
    deaths,
    unnamed,
    receiveBufferSize: RECEIVE_BUFFER,
  };
}

const WHETHER: ReadonlySet<unknown> = new Set(['auto', 'require', 'off']);
