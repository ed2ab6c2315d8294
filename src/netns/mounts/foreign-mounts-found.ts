/**
 * What a scan of other mount namespaces (foreign-mounts.ts) is asked with, and what it finds. Types
 * only.
 */
import type { MountNamespace } from './mount-namespaces.ts';
import type { Mount } from './mountinfo.ts';

/** A namespace that is mounted in another mount namespace. */
export interface ForeignMount {
  /** Of the mount, as in mountinfo: unique among the living mounts of the machine. */
  id: number;
  /** A process, or a thread, in that mount namespace, as /proc numbers it; null: none is in it. */
  pid: number | null;
  /** Inode of the mount namespace, as in `mnt:[4026531832]`; null where this user may not know. */
  mountNamespace: bigint | null;
  /** By which the kernel lists the mounts of a mount namespace without a process; else null. */
  namespaceId: bigint | null;
  /** Where it is mounted, as that process sees it. */
  mountPoint: string;
  /** The mount that holds the name: its mount point, as that process sees it. */
  holder: string;
  /** Its number. */
  holderId: number;
  /** What is mounted, as mountinfo calls it: `net:[4026532178]`. */
  namespace: string;
  /** Whether it is in the mount namespace of the machine's first process. */
  host: boolean;
  /** Whether it is in this process's own mount namespace: at another place, or covered. */
  own: boolean;
  /** The peer group of the mount that holds the name; null: not shared. */
  shared: number | null;
  /** The peer group whose mounts that one gets; null: no slave. */
  master: number | null;
  /**
   * The id of the mount namespace's root mount, which shows the older of two mount namespaces: ids
   * of mounts only grow since Linux 6.8 (STATX_MNT_ID_UNIQUE). Null where this user may not know.
   */
  age: bigint | null;
}

/** What a scan could not look at. */
export interface ScanGaps {
  /** The scan ran out of its budget, or was aborted. */
  unfinished: boolean;
  /** /proc hides processes from this user (`hidepid` in proc(5)). */
  hidden: boolean;
  /**
   * /proc is not that of the machine's first PID namespace: there are processes that it does not
   * show.
   */
  outside: boolean;
  /** How many processes there are whose mounts may not be read. */
  unreadable: number;
  /**
   * How many mount namespaces were seen only from inside of a chroot(2), which hides what is above
   * it.
   */
  partial: number;
  /**
   * Inodes of mount namespaces that something keeps, in which no process was seen, and whose mounts
   * cannot be listed; null where they were not looked for, or cannot be known.
   */
  unvisited: readonly bigint[] | null;
  /** Whether they were looked for. */
  lookedForAll: boolean;
}

/** What a scan found. */
export interface ForeignMounts {
  /**
   * By {@link placeOf}, for each place on which a namespace of any kind is mounted in another mount
   * namespace.
   */
  readonly places: ReadonlyMap<string, readonly ForeignMount[]>;
  /** The master of each peer group that is a slave as well, as far as one was seen. */
  readonly masters: ReadonlyMap<number, number>;
  /** Whether the mount namespace of the machine's first process was seen, or is this one. */
  readonly hostSeen: boolean;
  /** The file systems that it has mounted, by their device numbers. */
  readonly hostDevices: ReadonlySet<string>;
  readonly gaps: ScanGaps;
}

/** Mount namespaces in which no process was seen. */
export interface OtherNamespaces {
  /**
   * Those that are not among `seen`; null: they cannot be known. @param pinned inodes of those that
   * mounts keep
   */
  list: (seen: ReadonlySet<bigint>, pinned: ReadonlySet<bigint>) => readonly MountNamespace[] | null;
  /** Null: its mounts cannot be listed. */
  mountsIn: (id: bigint | null) => Mount[] | null;
}

/** What a scan works with. */
export interface ScanOptions {
  /** Where procfs is mounted. Default `/proc`. */
  proc?: string | undefined;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
  /** The time in milliseconds. */
  now?: (() => number) | undefined;
  /** The age of a mount namespace by the root directory of a process in it. Default: not known. */
  ageOf?: ((root: string) => bigint | null) | undefined;
  /** Finds mount namespaces without a process. Default: they are not looked for. */
  others?: OtherNamespaces | undefined;
}
