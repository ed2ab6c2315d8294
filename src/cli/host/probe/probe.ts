/** What `nlink doctor` asks the host, this machine or a test's, and the facts that it is given. */
import type { NamespaceEntry, LocatedName } from '../../../netns/names/entry.ts';
import type { MountPropagation } from '../../../netns/mounts/mount-propagation.ts';
import type { ProcessOwner } from '../../../netns/processes/process-owner.ts';
import type { UnseenProcesses } from '../../../netns/processes/process-scan.ts';
import type { LinksState } from '../../../watch/links/link-types.ts';
import type { Fault } from './fault.ts';

/**
 * All but {@link Probe.platform} need a platform that is supported. None but {@link Probe.attempt}
 * changes anything.
 */
export interface Probe {
  platform: () => PlatformFacts;
  directory: (path: string) => Promise<DirectoryFacts>;
  inotify: () => Promise<InotifyFacts>;
  netlink: () => Promise<NetlinkFacts>;
  features: () => FeatureFacts;
  processes: () => Promise<ProcessFacts>;
  links: (directories: readonly string[]) => Promise<LinkFacts>;
  rights: () => RightsFacts;
  /**
   * Makes a namespace in the directory, watches it come, deletes it and watches it go; deleted
   * whatever happens.
   */
  attempt: (directory: string, signal: AbortSignal) => Promise<AttemptFacts>;
}

/** How it went: the times from each call to its event, in milliseconds; or what failed. */
export type AttemptFacts =
  | { done: true; created: number; deleted: number }
  | { done: false; at: 'make' | 'see' | 'delete' | 'see the end of'; fault: Fault };

export interface DirectoryFacts {
  /** As it was given. */
  path: string;
  /** Why a watcher could not be opened on it; null: one could. */
  fault: Fault | null;
  /** Where the path leads, symbolic links resolved; null: it is not there. */
  real: string | null;
  /**
   * Whether it is the same directory as /run/netns, for the usual spelling; null: it is another
   * one.
   */
  sameAsRun: boolean | null;
  /** With the verdict on each that is not ready. */
  names: (LocatedName & NamespaceEntry)[];
  /** Null where its mount could not be found. */
  arrival: MountPropagation | null;
}

export interface FeatureFacts {
  /** Whether a file handle of a namespace has its kernel id (Linux 6.18). */
  handles: boolean;
  /** Whether the kernel reports changes of mounts; else why not. */
  mountChanges: true | string;
}

/** A limit, and how much of it this user has in use as far as that can be seen. */
export interface Limit {
  /** The sysctl that is the tightest. */
  sysctl: string;
  /** Null where it may not be read. */
  most: number | null;
  used: number;
}

export interface InotifyFacts {
  instances: Limit;
  watches: Limit;
  /** What inotify_init1(2) failed with; null: it did not. */
  initFault: string | null;
  /** What inotify_add_watch(2) of the root directory failed with. */
  watchFault: string | null;
}

export interface NetlinkFacts {
  /** What querying the nsid of the own namespace failed with; null: it did not. */
  query: Fault | null;
  /** What joining RTNLGRP_NSID failed with. */
  events: Fault | null;
  /** Whether the kernel looks up nsids by number (Linux 5.0); null: it could not be asked. */
  byNumber: boolean | null;
  /** How many nsids the kernel lists, and whether these are all; null: it could not be asked. */
  listed: { count: number; complete: boolean } | null;
  /**
   * Room for notifications: what a watcher asks for and what it gets, in bytes without the kernel's
   * bookkeeping.
   */
  buffer: { wanted: number; granted: number; forced: boolean } | null;
  /** Why deaths cannot be watched; null: they can. */
  deaths: Fault | null;
}

/** How far namespaces without a name can be found by processes. */
export interface ProcessFacts {
  /** Where processes are looked for. */
  proc: string;
  /** What a look at all did not see; null: they could not be looked at. */
  unseen: UnseenProcesses | null;
  fault: Fault | null;
  /** Whether the kernel tells of each that is started (the process connector). */
  hints: boolean;
}

/** How far the links of all namespaces can be seen. */
export interface LinkFacts {
  /** Why none can be read; null: some can. */
  fault: Fault | null;
  /** How many namespaces there are whose links are known in that way. */
  states: Record<LinksState, number>;
}

export interface PlatformFacts {
  /** As `process.versions.node`. */
  node: string;
  /** What runs this, with its version: Node, or what stands in for it. */
  runtime: string;
  platform: string;
  arch: string;
  /** Why the C library cannot be called; null: it can. */
  library: Fault | null;
  /** Why nothing can wake a watcher; null: it can. */
  wakes: Fault | null;
  /** As `os.release()`. */
  kernel: string;
  /** Whether /proc/self/ns/net is there. */
  proc: boolean;
  /** Why the runtime keeps /proc from this process, and how to allow it; null: it does not. */
  procRefused: string | null;
}

export interface RightsFacts {
  /** CapEff of /proc/self/status. */
  capabilities: bigint;
  /** Seccomp of /proc/self/status: 0 none, 1 strict, 2 a filter; null: unknown. */
  seccomp: number | null;
  /** The soft limit of open files, and how many are open; null: no limit, or unknown. */
  openFiles: { most: number | null; used: number };
  /** user.max_net_namespaces; null: unknown. */
  maxNamespaces: number | null;
  /** The container or unit that this process belongs to; null: unknown. */
  owner: ProcessOwner | null;
}
