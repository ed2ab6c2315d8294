/**
 * The processes of /proc and the network namespace of each: /proc/PID/ns/net leads to the inode of its namespace (proc_pid_ns(5)). Costs
 * one reading of /proc and one stat a process; opens nothing.
 */
import { cPath } from '../reference/names.ts';
import { check, systemError } from '../sys/errno.ts';
import { emptyStatus } from '../sys/stat.ts';
import type { FileStatus } from '../sys/stat.ts';
import type { System } from '../sys/system.ts';
import { hasEnded, isDenied, listNumbers, Turns } from './proc.ts';

/** One walk through /proc. */
export class ProcessScan {
  readonly #system: System;
  readonly #status = emptyStatus();
  readonly #turns = new Turns();
  #complete = true;

  constructor(system: System) {
    this.#system = system;
  }

  /** False: there are processes that this user may not look at. */
  get complete(): boolean {
    return this.#complete;
  }

  /** All processes, ascending. @throws SystemError */
  processes(): number[] {
    const listed = listNumbers(this.#system, '/proc');
    if (typeof listed === 'number') throw systemError(-listed, 'scandir', '/proc');
    // A PID namespace always has a process 1: if that is hidden (hidepid=2), so are others.
    this.#complete = listed.includes(1);
    return listed;
  }

  /** The threads of a process; none if it has ended, or may not be looked at. @param path of the process in /proc */
  threads(path: string): number[] {
    const tasks = `${path}/task`;
    const listed = listNumbers(this.#system, tasks);
    if (typeof listed !== 'number') return listed;
    if (isDenied(listed)) this.#onDenied(path);
    else if (!hasEnded(listed)) throw systemError(-listed, 'scandir', tasks);
    return [];
  }

  /**
   * The status of the namespace that a process or thread is in, until the next call; null: it is in none that can be seen.
   * @param path of it in /proc
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

  /** The kernel says EACCES as well of a process that ends at this moment (`proc_ns_get_link` in `fs/proc/namespaces.c`). */
  #onDenied(path: string): void {
    if (this.#complete) this.#complete = hasEnded(this.#system.stat(cPath(path), true, this.#status));
  }
}
