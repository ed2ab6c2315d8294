/** What a `UnifiedNamespaceWatcher` works with, and its options, checked, with their defaults. */
import { invalidArgument } from '../../errors.ts';
import { RECEIVE_BUFFER } from '../../netlink/nsid-group-reader.ts';
import type { ScratchIo } from '../../netlink/scratch-sockets.ts';
import { directoriesOption } from '../../reference/directory.ts';
import type { WatcherIo } from '../names/engine-parts.ts';
import { checkOptions } from '../names/name-options.ts';
import type { WatcherSettings } from '../names/name-options.ts';
import { checkLinkOptions } from '../links/link-options.ts';
import type { LinkSettings } from '../links/link-options.ts';
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
  /** Null: links are not watched. */
  links: LinkSettings | null;
  receiveBufferSize: number;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkUnifiedOptions(options: UnifiedNamespaceWatcherOptions): UnifiedSettings {
  const { directory: _, ...settings } = checkOptions(options);
  const { netlink = 'auto' } = options;
  if (!WHETHER.has(netlink)) throw invalidArgument('netlink', "'auto', 'require' or 'off'", netlink);
  const unnamed = boolean('unnamed', options.unnamed, false);
  const links = checkLinkOptions(options.links);
  const needsDeaths = unnamed || links !== null;
  const { deaths = netlink === 'off' && !needsDeaths ? 'off' : 'auto' } = options;
  if (!WHETHER.has(deaths)) throw invalidArgument('deaths', "'auto', 'require' or 'off'", deaths);
  if (needsDeaths && deaths === 'off')
    throw invalidArgument('deaths', "'auto' or 'require' where unnamed or links are asked for", deaths);
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
    links,
    receiveBufferSize: RECEIVE_BUFFER,
  };
}

const WHETHER: ReadonlySet<unknown> = new Set(['auto', 'require', 'off']);
