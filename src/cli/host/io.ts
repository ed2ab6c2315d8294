/** What a command works with: the process's own, or a test's. */
import type { Writable } from 'node:stream';
import type { ConnectionOptions } from '../../netlink/connection-options.ts';
import type { NsidClient } from '../../netlink/nsid-client.ts';
import type { UnseenProcesses } from '../../netns/processes/process-scan.ts';
import type { NamespaceEntry } from '../../netns/names/entry.ts';
import type { View } from '../../netns/enter/enter.ts';
import type { OverlayFault } from '../../netns/enter/etc-overlay.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import type { NamespaceEventSubscriberOptions, NamespaceIdEvent } from '../../watch/ids/nsid-events.ts';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../watch/unified/unified-events.ts';
import type { ContainerDirectories } from './containers.ts';
import type { Probe } from './probe/probe.ts';
import type { ReadLinks } from './links.ts';
import type { Serve } from './serve.ts';
import type { Inspector } from './inspector.ts';
import type { NamespaceCalls } from './library-calls.ts';
import type { Runner } from './runner.ts';
import type { HookProcess, HookStart } from './hook-process.ts';

/** As much of a watcher as it takes to follow it. */
export interface EventSource<Event> {
  recv(): Promise<Event | undefined>;
  tryRecv(): Event | undefined;
  stop(): Promise<void>;
}

/** As much of `UnifiedNamespaceWatcher` as the command uses. */
export interface NamespaceSource extends EventSource<UnifiedEvent> {
  missingDirectories(): string[];
  stats(): { nsids: { complete: boolean } | null; processes: { unseen: UnseenProcesses } | null };
}

/** A watcher, with what it can tell of the end of a namespace. */
export interface LifeSource extends NamespaceSource {
  readonly isWatchingNsids: boolean;
  readonly isWatchingDeaths: boolean;
  readonly deathsError: Error | null;
  readonly linksError: Error | null;
  entryOfProcess(pid: number): InventoryEntry | null;
}

/** As much of `NamespaceEventSubscriber` as the command uses. */
export interface NsidEventSource extends EventSource<NamespaceIdEvent> {
  nsids(): number[];
  stats(): { complete: boolean };
}

/** `UnifiedNamespaceWatcher.listAndWatch`. */
export type ListAndWatch = (
  options: UnifiedNamespaceWatcherOptions,
) => Promise<{ namespaces: InventoryEntry[]; watcher: LifeSource }>;

/** As much of {@link NsidClient} as the command uses. */
export type NsidConnection = Pick<
  NsidClient,
  'getNsid' | 'getNsids' | 'setNsid' | 'listNsids' | 'beginListing' | 'request' | 'close'
>;

/** By which a user asks to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Io {
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  /** With --quiet: no notes on stderr. */
  quiet?: boolean;
  env: NodeJS.ProcessEnv;
  listAndWatch: ListAndWatch;
  /**
   * Those of container runtimes, besides those that are named. `later`: a second time, processes
   * are not asked again.
   */
  containerDirectories: (named: readonly string[], when?: 'later') => ContainerDirectories;
  /** `NamespaceEventSubscriber.open`. */
  subscribe: (options: NamespaceEventSubscriberOptions) => Promise<NsidEventSource>;
  openConnection: (options: ConnectionOptions) => Promise<NsidConnection>;
  listNamespaces: (options: DirectoryOptions) => Promise<NamespaceEntry[]>;
  /** Looks into processes and behind namespaces. @param proc where procfs is mounted */
  inspector: (proc: string) => Promise<Inspector>;
  /** Looks at all that watching needs. @param proc where procfs is mounted */
  probe: (proc: string) => Promise<Probe>;
  /** The links of all namespaces. */
  readLinks: ReadLinks;
  serve: Serve;
  /** A whole file as text. @throws SystemError */
  readFile: (path: string) => Promise<string>;
  namespaceExists: (name: string, options: DirectoryOptions) => Promise<boolean>;
  /** What else of the library is called. */
  calls: NamespaceCalls;
  /** Puts this process into a namespace for good; the rest of it is netns/enter/enter.ts. */
  enterNamespace: (reference: NamespaceReference, view: View) => Promise<OverlayFault[]>;
  /** Makes this process another program. Comes back only by the error of execvp(3). */
  execProgram: (words: readonly string[]) => Promise<never>;
  /** How `nlink-fleet` is run: the words before its own. */
  fleetProgram: () => Promise<readonly string[]>;
  /** What starts programs in namespaces, from a process that stays where it is; see runner.ts. */
  openRunner: () => Promise<Runner>;
  /**
   * Calls `listener` when the user asks to stop (the first SIGINT, SIGTERM or SIGHUP).
   * @returns stops listening
   */
  onStop: (listener: (signal: StopSignal) => void) => () => void;
  /**
   * Calls `listener` when nobody reads stdout any more, which a program that writes seldom would
   * not notice.
   * @returns stops listening
   */
  onReaderGone: (listener: () => void) => () => void;
  now: () => Date;
  /** Calls back once, after so many milliseconds. @returns forgets it */
  after: (milliseconds: number, callback: () => void) => () => void;
  /** Starts a shell command. */
  startHook: (start: HookStart) => Promise<HookProcess>;
}
