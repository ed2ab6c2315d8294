/**
 * Looks at which network namespace a process or thread is in, without any right to it: the inode
 * number of /proc/PID/net/dev (proc_pid_net(5)) is the namespace's, whatever process leads to it
 * (`proc_register` in fs/proc/generic.c numbers the entries of a namespace's own directory). Every
 * user may stat it, which opens nothing and so keeps nothing alive. It is not the number of
 * /proc/PID/ns/net, and is used again when the namespace is gone.
 */
import { cPath, decodeName } from '../../reference/names.ts';
import { NumberedEntries } from '../../sys/directory-entries.ts';
import type { DirectoryEntrySystem } from '../../sys/directory-entries.ts';
import { systemError } from '../../sys/errno.ts';
import { emptyStatus, withoutNul } from '../../sys/stat.ts';
import type { CPath } from '../../sys/system.ts';
import { hasEnded, isDenied, listNumbers } from './proc.ts';
import { ProcPath } from './proc-path.ts';
import { DEFAULT_PROC } from './procfs.ts';
import { NOWHERE, UNSEEN } from './process-table.ts';
import type { ProcessTable } from './process-table.ts';
import type { TimeSlice } from './time-slice.ts';

/** The calls that are made. */
export type LookSystem = Pick<
  DirectoryEntrySystem,
  'open' | 'close' | 'stat' | 'readDirectory' | 'directoryEntries'
>;

const O_RDONLY = 0;
const OWN_DEVICES = cPath(`${DEFAULT_PROC}/thread-self/net/dev`);
/**
 * Of 24 or 32 bytes each. The kernel makes an inode for each process that is listed for the first
 * time, two microseconds: more of them would take too much of a turn.
 */
const ENTRIES_SIZE = 16_384;
/** A directory has two links, and that of the threads one more for each (`proc_task_getattr`). */
const LINKS_OF_ONE_THREAD = 3;

export class ProcessLook {
  readonly #system: LookSystem;
  readonly #proc: string;
  readonly #path: ProcPath;
  readonly #status = emptyStatus();
  readonly #entries = new NumberedEntries(ENTRIES_SIZE);

  /** @param proc where the procfs is mounted */
  constructor(system: LookSystem, proc: string) {
    this.#system = system;
    this.#proc = proc;
    this.#path = new ProcPath(proc);
  }

  /** Of a process, by its main thread. @returns the inode, {@link NOWHERE} or {@link UNSEEN} */
  at(pid: number): number {
    return this.#stat(this.#path.devices(pid));
  }

  /** Of a thread. @returns as {@link at} */
  atThread(pid: number, tid: number): number {
    return this.#stat(this.#path.threadDevices(pid, tid));
  }

  /**
   * Of the calling thread, by whichever procfs shows it: a namespace has its number in all of them.
   * {@link NOWHERE}: that at /proc does not.
   */
  atSelf(): number {
    return this.#stat(OWN_DEVICES);
  }

  /** Whether a process has, or may have, threads beside its main one. */
  hasThreads(pid: number): boolean {
    const result = this.#system.stat(this.#path.threads(pid), true, this.#status);
    return result === 0 && this.#status.links !== LINKS_OF_ONE_THREAD;
  }

  /** The threads of a process beside its main one; none where they may not be listed. */
  threads(pid: number): number[] {
    const path = this.#path.threads(pid);
    const fd = this.#system.open(path, O_RDONLY);
    if (fd < 0) return noThreads(fd, 'open', path);
    const found: number[] = [];
    let result: number;
    do result = this.#entries.read(this.#system, fd, (tid) => found.push(tid));
    while (result > 0);
    this.#system.close(fd);
    const all = result === 0 ? found : listNumbers(this.#system, shown(path));
    return typeof all === 'number' ? noThreads(all, 'scandir', path) : all.filter((tid) => tid !== pid);
  }

  /** Adds all processes to a table. @throws SystemError */
  async list(table: ProcessTable, slice: TimeSlice): Promise<void> {
    const fd = this.#system.open(cPath(this.#proc), O_RDONLY);
    if (fd < 0) throw systemError(-fd, 'open', this.#proc);
    let result: number;
    try {
      do {
        const turn = slice.check();
        if (turn !== undefined) await turn;
        result = this.#entries.read(this.#system, fd, (pid, inode) => table.add(pid, inode));
      } while (result > 0);
    } finally {
      this.#system.close(fd);
    }
    if (result < 0) this.#listByNode(table);
    table.sort();
  }

  /** Without inodes, and all at once: where getdents64(2) is not known. */
  #listByNode(table: ProcessTable): void {
    const listed = listNumbers(this.#system, this.#proc);
    if (typeof listed === 'number') throw systemError(-listed, 'scandir', this.#proc);
    table.clear();
    for (const pid of listed) table.add(pid, 0);
  }

  #stat(path: CPath): number {
    const result = this.#system.stat(path, true, this.#status);
    if (result === 0) return this.#status.lowIno;
    if (hasEnded(result)) return NOWHERE;
    if (isDenied(result)) return UNSEEN;
    throw systemError(-result, 'statx', shown(path));
  }
}

const shown = (path: CPath): string => decodeName(withoutNul(path));

/** Of a process that has ended, or that hides them. @throws SystemError of anything else */
function noThreads(result: number, call: string, path: CPath): never[] {
  if (hasEnded(result) || isDenied(result)) return [];
  throw systemError(-result, call, shown(path));
}
