/**
 * Threads that are in another network namespace than their process, or outlive its main thread:
 * one for each namespace that a process has threads in. What is found is looked at in each scan,
 * and searched for anew where it is not there any more.
 */
import type { ProcessLook } from './process-look.ts';
import { UNSEEN } from './process-table.ts';
import type { ProcessTable } from './process-table.ts';
import type { ProcessGroups, StrayThread } from './process-groups.ts';
import type { TimeSlice } from './time-slice.ts';

interface Stray extends StrayThread {
  /** The inode of the process's directory, as in the table. */
  readonly process: number;
  readonly namespace: number;
}

export class StrayThreads {
  readonly #look: ProcessLook;
  #known: ReadonlyMap<number, readonly Stray[]> = new Map();
  #found = new Map<number, Stray[]>();
  /** Processes that have been searched in this scan. */
  readonly #searched = new Set<number>();
  #looks = 0;

  constructor(look: ProcessLook) {
    this.#look = look;
  }

  /** How many threads have been looked at. */
  get looks(): number {
    return this.#looks;
  }

  /** A scan begins. */
  begin(): void {
    this.#found = new Map();
    this.#searched.clear();
  }

  /** Looks at all threads of the process at a place of the table. */
  async search(table: ProcessTable, at: number, slice: TimeSlice): Promise<void> {
    const [pid, process] = [table.pids[at] as number, table.inodes[at] as number];
    this.#looks++;
    if (!this.#look.hasThreads(pid)) return;
    this.#searched.add(pid);
    const found: Stray[] = [];
    const seen = new Set([table.namespaces[at]]);
    for (const tid of this.#look.threads(pid)) {
      const turn = slice.next();
      if (turn !== undefined) await turn;
      const namespace = this.#lookAt(pid, tid);
      if (namespace <= UNSEEN || seen.has(namespace)) continue;
      seen.add(namespace);
      found.push({ pid, tid, process, namespace });
    }
    if (found.length > 0) this.#found.set(pid, found);
    else this.#found.delete(pid);
  }

  /** Looks at those that were known, but for processes that have been searched. */
  async lookAgain(table: ProcessTable, slice: TimeSlice): Promise<void> {
    for (const [pid, strays] of this.#known) {
      const at = this.#searched.has(pid) ? -1 : table.indexOf(pid);
      if (at < 0) continue;
      const turn = slice.next();
      if (turn !== undefined) await turn;
      const own = table.namespaces[at];
      const same = strays.every(
        ({ tid, process, namespace }) =>
          process === table.inodes[at] && namespace !== own && this.#lookAt(pid, tid) === namespace,
      );
      if (same) this.#found.set(pid, [...strays]);
      else await this.search(table, at, slice);
    }
  }

  /** The scan ends: what it has found is what is known. */
  end(groups: ProcessGroups): void {
    for (const [pid, strays] of this.#found) {
      const known = this.#known.get(pid) ?? [];
      for (const { tid, process, namespace } of strays) {
        const stayed = known.some((other) => other.namespace === namespace && other.process === process);
        groups.addThread(pid, tid, namespace, stayed);
      }
    }
    this.#known = this.#found;
  }

  #lookAt(pid: number, tid: number): number {
    this.#looks++;
    return this.#look.atThread(pid, tid);
  }
}
