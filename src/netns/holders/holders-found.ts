/** What `namespaceHolders` (holders.ts) is asked with, and what it finds. */
import type { DirectoryOptions } from '../../reference/directory.ts';
import type { NamespaceId } from '../identity/identity.ts';
import type { MountedFile } from '../mounts/namespace-mounts.ts';
import type { ProcessDetails } from '../processes/process-details.ts';
import type { ProcessOwner } from '../processes/process-owner.ts';
import type { ProcOptions } from '../processes/procfs.ts';

/** Options of {@link namespaceHolders}. `directory` is where a name is looked up. */
export interface NamespaceHoldersOptions extends DirectoryOptions, ProcOptions {
  /**
   * Whether sockets of processes elsewhere are looked at, and descriptors in their queues, for
   * which they are duplicated for an instant. Default true.
   */
  sockets?: boolean | undefined;
}

/** A process that is in the namespace. */
export interface HoldingProcess extends ProcessDetails {
  /** The container or unit that it belongs to, by its control group; null: none is known. */
  owner: ProcessOwner | null;
  /** The ids of those of its threads that are in it; none where all are. */
  threads: number[];
}

/** A descriptor of a process, whichever namespace that is in. */
interface Descriptor {
  /** The process. */
  pid: number;
  /** The number of the descriptor in it. */
  fd: number;
  /** As in {@link ProcessDetails}. */
  comm: string;
  /** As in {@link HoldingProcess}. */
  owner: ProcessOwner | null;
}

/** An open descriptor of the namespace's file. */
export interface HoldingDescriptor extends Descriptor {
  /** Whether it was opened with O_PATH, which keeps the namespace alive as well. */
  pathOnly: boolean;
}

/** A mount of the namespace: a name. */
export interface HoldingMount {
  /** Of the mount, as in /proc/PID/mountinfo. */
  id: number;
  /**
   * The inode number of the mount namespace that it is in, as in `mnt:[4026531832]`; null where
   * this user may not know.
   */
  mountNamespace: bigint | null;
  /** As the process `pid` sees it. */
  mountPoint: string;
  /**
   * The file that it is mounted on: mounts of one `device` and `path` are on one file, in whichever
   * mount namespaces, and go with it when somebody deletes it, as `ip netns delete` does. Null
   * where it is outside of what the process sees.
   */
  file: MountedFile | null;
  /** The lowest of the processes that live in that mount namespace. */
  pid: number;
  /** As in {@link ProcessDetails}. */
  comm: string;
  /** As in {@link HoldingProcess}. */
  owner: ProcessOwner | null;
}

/** A socket in the namespace of a process that is elsewhere. */
export interface HoldingSocket extends Descriptor {
  /** `tun`: /dev/net/tun, attached to a device or not. */
  kind: 'socket' | 'tun';
  /** As in `socket:[123456]`; null for a tun device. */
  inode: bigint | null;
}

/**
 * A socket in whose queue a descriptor of the namespace waits to be received: sent by SCM_RIGHTS,
 * see unix(7).
 */
export interface HoldingInFlight extends Descriptor {
  /** As in `socket:[123456]`. */
  inode: bigint;
}

/** A watch on a file that stands for the namespace. */
export interface HoldingWatch extends Descriptor {
  /** Which kind of watch; see inotify(7), fanotify(7). */
  kind: 'inotify' | 'fanotify';
}

/** What could not be looked at; all zero and false: nothing beside what is never seen. */
export interface UnseenHolders {
  /**
   * How many processes may not be looked into: for their namespace, descriptors, sockets or
   * watches.
   */
  processes: number;
  /** How many sockets may not be asked, of processes that can be looked into. */
  sockets: number;
  /**
   * How many descriptors wait in sockets that can be looked into, and were not seen: behind the
   * first message, or refused.
   */
  inFlight: number;
  /** How many processes there are whose mounts may not be read. */
  mounts: number;
  /**
   * How many mount namespaces something keeps in which no process is seen to live, such as those of
   * snaps that do not run.
   */
  mountNamespaces: number;
  /** /proc hides processes of others altogether (`hidepid` in proc(5)). */
  hidden: boolean;
  /**
   * It cannot be known that /proc shows the machine's first PID namespace: there may be processes
   * outside of what it shows.
   */
  outside: boolean;
}

/** What {@link namespaceHolders} found. */
export interface NamespaceHolders {
  /** Its identity. */
  namespace: NamespaceId;
  /** By pid. */
  processes: HoldingProcess[];
  /** Its open descriptors. */
  descriptors: HoldingDescriptor[];
  /** Its mounts, in all mount namespaces that could be looked at. */
  mounts: HoldingMount[];
  /** Its sockets in processes that are elsewhere. */
  sockets: HoldingSocket[];
  /** Its descriptors in flight (Linux 5.8). */
  inFlight: HoldingInFlight[];
  /** Watches on files that stand for it. */
  watches: HoldingWatch[];
  /** What could not be looked at. */
  unseen: UnseenHolders;
}
