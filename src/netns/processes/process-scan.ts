/**
 * The processes of a procfs and the network namespace of each: /proc/PID/ns/net leads to the inode
 * of its namespace (proc_pid_ns(5)). Costs one reading of /proc and one stat a process; opens
 * nothing.
 */
import { cPath } from '../../reference/names.ts';
import { check, systemError } from '../../sys/errno.ts';
import { emptyStatus } from '../../sys/stat.ts';
import type { FileStatus } from '../../sys/stat.ts';
import type { System } from '../../sys/system.ts';
import { hasEnded, isDenied, listNumbers, mayHold, EventLoopYield } from './proc.ts';
import type { Procfs } from './procfs.ts';

/** Processes that a scan knows nothing of; zero and false: it has looked at all that there are. */
export interface UnseenProcesses {
  /** How many this user may not look at (ptrace(2)). */
  processes: number;
  /** The procfs hides processes of others altogether (`hidepid` in proc(5)). */
  hidden: boolean;
  /**
   * The procfs does not show the machine's first PID namespace, or is not known to: there are
   * processes outside.
   */
  outside: boolean;
}

/** One walk through the processes of a procfs. */
export class ProcessScan {
  readonly #system: System;
  readonly #procfs: Procfs;
  readonly #status = emptyStatus();
  readonly #turns = new EventLoopYield();
  readonly #denied = new Set<number>();
  #hidden = false;

  constructor(system: System, procfs: Procfs) {
    this.#system = system;
    this.#procfs = procfs;
  }

  /** What it has not seen so far. Reads a file for each process that may not be looked at. */
  get unseen(): UnseenProcesses {
    const denied = [...this.#denied].filter((pid) => mayHold(pid, this.#procfs.path));
    return { processes: denied.length, hidden: this.#hidden, outside: this.#outside };
  }

  /** Whether nothing is unseen so far. */
  get complete(): boolean {
    if (this.#hidden || this.#outside) return false;
    return ![...this.#denied].some((pid) => mayHold(pid, this.#procfs.path));
  }

  get #outside(): boolean {
    return this.#procfs.initial !== true;
  }

  /** All processes, ascending, and the path of each. @throws SystemError */
  processes(): { pid: number; path: string }[] {
    const { path: proc } = this.#procfs;
    const listed = listNumbers(this.#system, proc);
    if (typeof listed === 'number') throw systemError(-listed, 'scandir', proc);
    // A PID namespace always has a process 1: if that is hidden (hidepid=2), so are others.
    this.#hidden = !listed.includes(1);
    return listed.map((pid) => ({ pid, path: `${proc}/${pid}` }));
  }

  /**
   * The threads of a process; none if it has ended, or may not be looked at.
   * @param path of the process in the procfs
   */
  threads(path: string): number[] {
    const tasks = `${path}/task`;
    const listed = listNumbers(this.#system, tasks);
    if (typeof listed !== 'number') return listed;
    if (isDenied(listed)) this.#onDenied(path);
    else if (!hasEnded(listed)) throw systemError(-listed, 'scandir', tasks);
    return [];
  }

  /**
   * The status of the namespace that a process or thread is in, until the next call; null: it is in
   * none that can be seen.
   * @param path of it in the procfs
   */
  async namespaceOf(path: string): Promise<Readonly<FileStatus> | null> {
    await this.#turns.next();
    const file = `${path}/ns/net`;
    const result = this.#system.stat(cPath(file), true, this.#status);
    if (result === 0) return this.#status;
    if (isDenied(result)) this.#onDenied(path);
    else if (!hasEnded(result)) check(result, 'statx', file);
    return null;
  }

  /**
   * The kernel says EACCES as well of a process that ends at this moment (`proc_ns_get_link` in
   * `fs/proc/namespaces.c`), so that it is looked at again when it counts.
   */
  #onDenied(path: string): void {
    const { path: proc } = this.#procfs;
    this.#denied.add(parseInt(path.slice(proc.length + 1), 10));
  }
}
