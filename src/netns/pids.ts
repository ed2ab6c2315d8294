/**
 * Which processes are in a network namespace, as `ip netns pids` (ip-netns(8)): /proc/PID/ns/net of each leads to the
 * inode of its namespace (proc_pid_ns(5)). Costs one reading of /proc and one stat a process; opens nothing but the namespace asked for.
 */
import { invalidArgument } from '../errors.ts';
import { directoryOption } from '../reference/directory.ts';
import type { DirectoryOptions } from '../reference/directory.ts';
import { cPath } from '../reference/names.ts';
import { checkReference } from '../reference/reference.ts';
import type { CheckedReference, NamespaceReference } from '../reference/reference.ts';
import { check, systemError } from '../sys/errno.ts';
import { emptyStatus } from '../sys/stat.ts';
import { linux } from '../sys/system.ts';
import type { System } from '../sys/system.ts';
import { holdNamespace } from './held.ts';
import type { NamespaceId } from './identity.ts';
import { Observer } from './observe.ts';
import { hasEnded, isDenied, listNumbers, Turns } from './proc.ts';

/** Options of {@link namespacePids}. `directory` is where a name is looked up. */
export interface NamespacePidsOptions extends DirectoryOptions {
  /**
   * Whether a process counts by any of its threads. Default false: by its main thread, as for `ip netns pids`. A thread can
   * enter a namespace alone (setns(2)), and can outlive the main thread. True costs one stat a thread.
   */
  threads?: boolean | undefined;
}

/** What {@link namespacePids} found. */
export interface NamespacePids {
  /** Ids of processes, ascending, in the PID namespace that /proc is mounted for. */
  pids: number[];
  /** False: there are processes that this user may not look at, and any of them may be in the namespace as well. */
  complete: boolean;
}

/**
 * Finds the processes that are in a network namespace, as far as /proc shows them: those of this PID namespace and of the ones
 * below it; from within a container nobody outside is seen. What else keeps a namespace alive is not looked at: names, mounts,
 * descriptors and sockets of processes that are elsewhere.
 *
 * It is a snapshot of something that goes on: a process that ends meanwhile is left out, one that starts meanwhile may be. A
 * process that has ended and waits for its parent (a zombie) is in no namespace. Thousands of processes are looked at in
 * several turns of the event loop; the namespace is held open until the promise settles.
 *
 * Needs no privilege for one's own processes. Those of other users, or with more capabilities, take CAP_SYS_PTRACE (ptrace(2),
 * PTRACE_MODE_READ_FSCREDS); without it `complete` is false, also where /proc hides them (`hidepid` in proc(5)). Linux 3.19.
 * @param target a name, `{ path }`, `{ pid }` or `{ fd }`; a descriptor stays the caller's
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `ENOENT` (no such name, path or process), `EACCES` (`{ pid }` of another user's process; a directory on the
 *   way may not be searched), `EPERM` (the same with `hidepid=1`), `EBADF` (`{ fd }` is not open), `EMFILE`
 */
export async function namespacePids(
  target: NamespaceReference,
  options: NamespacePidsOptions = {},
): Promise<NamespacePids> {
  const { directory, threads = false } = options;
  directoryOption(directory);
  if (typeof threads !== 'boolean') throw invalidArgument('threads', 'true or false', threads);
  return findPids(linux(), checkReference('target', target, directory), threads);
}

/** {@link namespacePids} with other system calls. */
export async function findPids(
  system: System,
  reference: CheckedReference,
  threads: boolean,
): Promise<NamespacePids> {
  const { namespace, release } = holdNamespace(system, new Observer(system), reference);
  try {
    return await new Scan(system, namespace).run(threads);
  } finally {
    release();
  }
}

/** One walk through /proc. */
class Scan {
  readonly #system: System;
  readonly #namespace: NamespaceId;
  readonly #status = emptyStatus();
  readonly #turns = new Turns();
  #complete = true;

  constructor(system: System, namespace: NamespaceId) {
    this.#system = system;
    this.#namespace = namespace;
  }

  async run(threads: boolean): Promise<NamespacePids> {
    const listed = listNumbers(this.#system, '/proc');
    if (typeof listed === 'number') throw systemError(-listed, 'scandir', '/proc');
    // A PID namespace always has a process 1: if that is hidden (hidepid=2), so are others.
    this.#complete = listed.includes(1);
    const pids: number[] = [];
    for (const pid of listed) {
      const path = `/proc/${pid}`;
      if ((await this.#isInside(path)) || (threads && (await this.#hasThreadInside(path)))) pids.push(pid);
    }
    return { pids, complete: this.#complete };
  }

  /** @param path of a process or thread in /proc */
  async #isInside(path: string): Promise<boolean> {
    await this.#turns.next();
    const status = this.#status;
    const file = `${path}/ns/net`;
    const result = this.#system.stat(cPath(file), true, status);
    // The device too: a link that leads to no namespace would have an inode number of its own.
    if (result === 0) return status.ino === this.#namespace.ino && status.dev === this.#namespace.dev;
    if (isDenied(result)) this.#onDenied(path);
    else if (!hasEnded(result)) check(result, 'statx', file);
    return false;
  }

  async #hasThreadInside(path: string): Promise<boolean> {
    const tasks = `${path}/task`;
    const listed = listNumbers(this.#system, tasks);
    if (typeof listed === 'number') {
      if (isDenied(listed)) this.#onDenied(path);
      else if (!hasEnded(listed)) throw systemError(-listed, 'scandir', tasks);
      return false;
    }
    for (const thread of listed) if (await this.#isInside(`${tasks}/${thread}`)) return true;
    return false;
  }

  /** The kernel says EACCES as well of a process that ends at this moment (`proc_ns_get_link` in `fs/proc/namespaces.c`). */
  #onDenied(path: string): void {
    if (this.#complete) this.#complete = hasEnded(this.#system.stat(cPath(path), true, this.#status));
  }
}
