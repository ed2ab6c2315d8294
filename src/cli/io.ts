/** What a command works with: the process's own, or a test's. */
import type { Writable } from 'node:stream';
import type { NamespaceEntry } from '../netns/entry.ts';
import type { NamespaceEvent, NamespaceWatcherOptions, NamespaceWatcherStats } from '../watch/events.ts';

/** As much of `NamespaceWatcher` as the command uses. */
export interface EventSource {
  readonly isWatchingNetns: boolean;
  recv(): Promise<NamespaceEvent | undefined>;
  tryRecv(): NamespaceEvent | undefined;
  stats(): Pick<NamespaceWatcherStats, 'buffered'>;
  stop(): Promise<void>;
}

/** `NamespaceWatcher.listAndWatch`. */
export type ListAndWatch = (
  options: NamespaceWatcherOptions,
) => Promise<{ namespaces: NamespaceEntry[]; watcher: EventSource }>;

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
