/** What a command works with: the process's own, or a test's. */
import type { Writable } from 'node:stream';
import type { Connection, ConnectionOptions } from '../netlink/connection.ts';
import type { NamespaceEntry } from '../netns/entry.ts';
import type { DirectoryOptions } from '../reference/directory.ts';
import type { NamespaceEvent, NamespaceWatcherOptions } from '../watch/events.ts';
import type { NamespaceEventSubscriberOptions, NamespaceIdEvent } from '../watch/nsid-events.ts';

/** As much of a watcher as it takes to follow it. */
export interface EventSource<Event> {
  recv(): Promise<Event | undefined>;
  tryRecv(): Event | undefined;
  stop(): Promise<void>;
}

/** As much of `NamespaceWatcher` as the command uses. */
export interface NameSource extends EventSource<NamespaceEvent> {
  readonly isWatchingNetns: boolean;
}

/** As much of `NamespaceEventSubscriber` as the command uses. */
export interface IdSource extends EventSource<NamespaceIdEvent> {
  nsids(): number[];
  stats(): { complete: boolean };
}

/** `NamespaceWatcher.listAndWatch`. */
export type ListAndWatch = (
  options: NamespaceWatcherOptions,
) => Promise<{ namespaces: NamespaceEntry[]; watcher: NameSource }>;

/** As much of `Connection` as the command uses. */
export type IdConnection = Pick<
  Connection,
  'getNsidForPath' | 'getNsidForPid' | 'getNsids' | 'setNsid' | 'listNsids' | 'request' | 'close'
>;

export interface Io {
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  env: NodeJS.ProcessEnv;
  listAndWatch: ListAndWatch;
  /** `NamespaceEventSubscriber.open`. */
  subscribe: (options: NamespaceEventSubscriberOptions) => Promise<IdSource>;
  openConnection: (options: ConnectionOptions) => Promise<IdConnection>;
  listNamespaces: (options: DirectoryOptions) => Promise<NamespaceEntry[]>;
  namespaceExists: (name: string, options: DirectoryOptions) => Promise<boolean>;
  /**
   * Calls `listener` when the user asks to stop (the first SIGINT, SIGTERM or SIGHUP).
   * @returns stops listening
   */
  onStop: (listener: () => void) => () => void;
  /**
   * Calls `listener` when nobody reads stdout any more, which a program that writes seldom would not notice.
   * @returns stops listening
   */
  onReaderGone: (listener: () => void) => () => void;
  now: () => Date;
}
