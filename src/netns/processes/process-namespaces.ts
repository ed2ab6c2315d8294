/**
 * The network namespaces that processes are in, scan after scan, without any right to them
 * (process-look.ts): which have come since the last scan, and which are gone. Ten thousand
 * processes are listed each time, which is cheap, and few of them looked at:
 *
 * | a process, at a scan                      | is                  | is looked at again        |
 * | ----------------------------------------- | ------------------- | ------------------------- |
 * | listed for the first time                 | looked at           | at the next scan          |
 * | listed with another inode: another one    | looked at           | at the next scan          |
 * | its turn has come, and it has not moved   | looked at           | after twice as many scans |
 * | its turn has come, and it has moved       | looked at           | at the next scan          |
 * | else                                      | where it was before | when its turn comes       |
 *
 * Young ones are looked at more often, since a program enters a namespace (setns(2), unshare(2))
 * mostly when it starts. Those of the first scan have grown up, and have their turns one after the
 * other. A process that moves is noticed {@link LONGEST_PAUSE} scans later at the latest.
 *
 * A thread may be in another namespace than its process, and outlive the main thread. All threads
 * are looked at where `threads` asks for it; those of a main thread that has ended always. A thread
 * that was found is looked at in every scan.
 */
import { directoryEntrySystem } from '../../sys/directory-entries.ts';
import type { SystemError } from '../../sys/errno.ts';
import { isShortage } from '../../sys/shortage.ts';
import { differencesOf, ProcessGroups } from './process-groups.ts';
import type { ProcessChanges, ProcessGroup } from './process-groups.ts';
import { ProcessLook } from './process-look.ts';
import type { LookSystem } from './process-look.ts';
import type { UnseenProcesses } from './process-scan.ts';
import { NOWHERE, ProcessTable, UNSEEN } from './process-table.ts';
import type { Procfs } from './procfs.ts';
import { StrayThreads } from './stray-threads.ts';
import { TimeSlice } from './time-slice.ts';

/** How thorough a scan is. */
export interface ProcessNamespacesScan {
  /** Looks at every process, whether its turn has come or not. */
  all?: boolean;
  /** Looks at every thread. */
  threads?: boolean;
}

export class ProcessNamespaces {
  readonly #procfs: Procfs;
  readonly #look: ProcessLook;
  readonly #now: (() => number) | undefined;
  readonly #strays: StrayThreads;
  #table = new ProcessTable();
  #spare = new ProcessTable();
  #groups: ReadonlyMap<number, ProcessGroup> = new Map();
  #scans = 0;
  #looks = 0;
  #unseen = 0;
  #hidden = false;
  #running: Promise<unknown> = Promise.resolve();

  /** @param now milliseconds that only grow */
  constructor(procfs: Procfs, system: LookSystem = directoryEntrySystem(), now?: () => number) {
    this.#procfs = procfs;
    this.#look = new ProcessLook(system, procfs.path);
    this.#now = now;
    this.#strays = new StrayThreads(this.#look);
  }

  /** Those of the last scan, by the inode number of `net/dev` in them. */
  get namespaces(): ReadonlyMap<number, ProcessGroup> {
    return this.#groups;
  }

  /** What the last scan did not see. */
  get unseen(): UnseenProcesses {
    return { processes: this.#unseen, hidden: this.#hidden, outside: this.#procfs.initial !== true };
  }

  /** How many processes and threads have been looked at since the beginning. */
  get looks(): number {
    return this.#looks + this.#strays.looks;
  }

  /**
   * Where a process or thread is now; null: nowhere, or it may not be looked at, or something has
   * run out for now. For whoever was told its number by a scan and has used it: the number may have
   * been another one's by then.
   */
  inodeOf(pid: number): number | null {
    try {
      const inode = this.#look.at(pid);
      return inode === NOWHERE || inode === UNSEEN ? null : inode;
    } catch (error) {
      if (isShortage((error as SystemError).errno)) return null;
      throw error;
    }
  }

  /**
   * Looks again, in slices between which the event loop goes on; after the scan that runs, if one
   * does. One that fails changes nothing.
   * @returns what differs from the scan before
   * @throws SystemError of the procfs
   */
  scan({ all = false, threads = false }: ProcessNamespacesScan = {}): Promise<ProcessChanges> {
    const scan = (): Promise<ProcessChanges> => this.#scan(all, threads);
    const result = this.#running.then(scan, scan);
    this.#running = result;
    return result;
  }

  async #scan(all: boolean, threads: boolean): Promise<ProcessChanges> {
    const slice = new TimeSlice(this.#now);
    const table = this.#spare;
    table.clear();
    await this.#look.list(table, slice);
    this.#strays.begin();
    await this.#lookAt(table, all, threads, slice);
    await this.#strays.lookAgain(table, slice);
    const groups = this.#group(table);
    [this.#table, this.#spare] = [table, this.#table];
    this.#scans++;
    const changes = differencesOf(this.#groups, groups);
    this.#groups = groups;
    return changes;
  }

  /** Goes through both tables, which are ascending, side by side. */
  async #lookAt(table: ProcessTable, all: boolean, threads: boolean, slice: TimeSlice): Promise<void> {
    const [former, scan] = [this.#table, this.#scans + 1];
    let place = 0;
    for (let at = 0; at < table.length; at++) {
      const pid = table.pids[at] as number;
      while (place < former.length && (former.pids[place] as number) < pid) place++;
      const isKnown = place < former.length && former.isSame(place, pid, table.inodes[at] as number);
      const waits = isKnown && !all && former.waits(place, scan);
      if (waits) {
        table.keep(at, former, place);
      } else {
        const turn = slice.next();
        if (turn !== undefined) await turn;
        this.#looks++;
        table.set(at, this.#look.at(pid), former, isKnown ? place : -1, scan);
      }
      // A main thread that has ended hides the others.
      if (threads || (!waits && table.namespaces[at] === NOWHERE))
        await this.#strays.search(table, at, slice);
    }
  }

  #group(table: ProcessTable): ReadonlyMap<number, ProcessGroup> {
    const groups = new ProcessGroups(this.#look.atSelf());
    let unseen = 0;
    for (let at = 0; at < table.length; at++) {
      const namespace = table.namespaces[at] as number;
      if (namespace > UNSEEN) groups.add(table.pids[at] as number, namespace, table.stayed[at] === 1);
      else if (namespace === UNSEEN) unseen++;
    }
    this.#strays.end(groups);
    this.#unseen = unseen;
    // A PID namespace always has a process 1: if that is hidden (hidepid=2), so are others.
    this.#hidden = table.pids[0] !== 1 || table.length === 0;
    return groups.all;
  }
}
