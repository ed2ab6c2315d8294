/** What a command works with: the process's own, or a test's. */
import type { Writable } from 'node:stream';
import type { NamespaceEntry } from '../netns/entry.ts';
import type { NamespaceEvent, NamespaceWatcherOptions } from '../watch/events.ts';

/** As much of a watcher as it takes to follow it. */
export interface EventSource<Event> {
  recv(): Promise<Event | undefined>;
  tryRecv(): Event | undefined;
  stats(): { buffered: number };
  stop(): Promise<void>;
}

/** As much of `NamespaceWatcher` as the command uses. */
export interface NameSource extends EventSource<NamespaceEvent> {
  readonly isWatchingNetns: boolean;
}

/** `NamespaceWatcher.listAndWatch`. */
export type ListAndWatch = (
  options: NamespaceWatcherOptions,
) => Promise<{ namespaces: NamespaceEntry[]; watcher: NameSource }>;

export interface Io {
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  env: NodeJS.ProcessEnv;
  listAndWatch: ListAndWatch;
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
