/**
 * Which processes are in a network namespace, as `ip netns pids` (ip-netns(8)): each is asked for
 * its own (process-scan.ts). Opens nothing but the namespace asked for.
 */
import { invalidArgument, requireOptions } from '../../errors.ts';
import { directoryOption } from '../../reference/directory.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { checkReference } from '../../reference/reference.ts';
import type { CheckedReference, NamespaceReference } from '../../reference/reference.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';
import { holdNamespace } from '../identity/held.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { Observer } from '../identity/observe.ts';
import { ProcessScan } from './process-scan.ts';
import type { UnseenProcesses } from './process-scan.ts';
import { procfsAt, procOption } from './procfs.ts';
import type { ProcOptions } from './procfs.ts';

/**
 * Options of {@link namespacePids}. `directory` is where a name is looked up, `proc` where
 * processes are.
 */
export interface NamespacePidsOptions extends DirectoryOptions, ProcOptions {
  /**
   * Whether a process counts by any of its threads. Default false: by its main thread, as for `ip
   * netns pids`. A thread can enter a namespace alone (setns(2)), and can outlive the main thread.
   * True costs one stat a thread.
   */
  threads?: boolean | undefined;
}

/** What {@link namespacePids} found. */
export interface NamespacePids {
  /** Ids of processes, ascending, in the PID namespace that the procfs is mounted for. */
  pids: number[];
  /**
   * False: there are processes that could not be looked at, and any of them may be in the namespace
   * as well.
   */
  complete: boolean;
  /** Which those are. */
  unseen: UnseenProcesses;
}

/**
 * Finds the processes that are in a network namespace, as far as /proc shows them: those of the PID
 * namespace that it is mounted for and of the ones below it. From within a container nobody outside
 * is seen, and `complete` is false; where it has the host's procfs mounted, `proc` says where. What
 * else keeps a namespace alive is not looked at: names, mounts, descriptors and sockets of
 * processes that are elsewhere.
 *
 * The result is a snapshot: a process that ends meanwhile is left out, one that starts meanwhile
 * may be. A process that has ended and waits for its parent (a zombie) is in no namespace.
 * Thousands of processes are looked at in several turns of the event loop; the namespace is held
 * open until the promise settles.
 *
 * Needs no privilege for one's own processes. Those of other users, or with more capabilities, take
 * CAP_SYS_PTRACE (ptrace(2), PTRACE_MODE_READ_FSCREDS); without it `complete` is false, also where
 * /proc hides them (`hidepid` in proc(5)). Linux 3.19.
 * @param target a name, `{ path }`, `{ pid }` or `{ fd }`; a descriptor stays the caller's
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_INVALID_NAME`,
 *   `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`,
 *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `ENOENT` (no such name, path or process), `EACCES` (`{ pid }` of another
 *   user's process; a directory on the way may not be searched), `EPERM` (the same with
 *   `hidepid=1`), `EBADF` (`{ fd }` is not open), `EMFILE`
 */
export async function namespacePids(
  target: NamespaceReference,
  options: NamespacePidsOptions = {},
): Promise<NamespacePids> {
  requireOptions(options);
  const { directory, threads = false } = options;
  directoryOption(directory);
  const proc = procOption(options.proc);
  if (typeof threads !== 'boolean') throw invalidArgument('threads', 'true or false', threads);
  return findPids(linux(), checkReference('target', target, directory, proc), threads, proc);
}

/** {@link namespacePids} with other system calls. */
export async function findPids(
  system: System,
  reference: CheckedReference,
  threads: boolean,
  proc = '/proc',
): Promise<NamespacePids> {
  const { namespace, release } = holdNamespace(system, new Observer(system), reference);
  try {
    return await scan(new ProcessScan(system, procfsAt(proc)), namespace, threads);
  } finally {
    release();
  }
}

async function scan(
  processes: ProcessScan,
  namespace: NamespaceId,
  threads: boolean,
): Promise<NamespacePids> {
  const isInside = async (path: string): Promise<boolean> => {
    const status = await processes.namespaceOf(path);
    // The device too: a link that leads to no namespace would have an inode number of its own.
    return status !== null && status.ino === namespace.ino && status.dev === namespace.dev;
  };
  const hasThreadInside = async (path: string): Promise<boolean> => {
    for (const thread of processes.threads(path)) if (await isInside(`${path}/task/${thread}`)) return true;
    return false;
  };
  const pids: number[] = [];
  for (const { pid, path } of processes.processes())
    if ((await isInside(path)) || (threads && (await hasThreadInside(path)))) pids.push(pid);
  const { complete, unseen } = processes;
  return { pids, complete, unseen };
}
