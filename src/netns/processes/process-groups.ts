/** Processes by namespace, as one scan finds them, and what differs between two scans. */

/** A namespace that processes or threads are in. */
export interface ProcessGroup {
  /** The inode number of `net/dev` in it. */
  readonly inode: number;
  /** Whether the caller is in it. */
  readonly own: boolean;
  /**
   * Whether a process of it was in it at the scan before. If none was it may be another namespace,
   * with the number of one that is gone.
   */
  readonly stayed: boolean;
  /** How many processes are in it, by their main threads. */
  readonly count: number;
  /** The first of them, ascending; at most {@link MOST}. */
  readonly pids: readonly number[];
  /** Threads of processes that are elsewhere, one a process; at most {@link MOST}. */
  readonly threads: readonly StrayThread[];
}

/** A thread that is in another namespace than its process. */
export interface StrayThread {
  readonly pid: number;
  /** Its own number, which stands for it wherever that of a process would (NETNSA_PID). */
  readonly tid: number;
}

/** What differs from the scan before. */
export interface ProcessChanges {
  /** Namespaces that processes are in now, ascending. */
  readonly appeared: readonly ProcessGroup[];
  /**
   * Numbers of those that none is in any more. One that is in both lists has only processes that
   * were not in it before.
   */
  readonly vanished: readonly number[];
}

/** How many processes are kept of a namespace: one is needed, and it may end before it is used. */
export const MOST = 16;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

export class ProcessGroups {
  readonly all: Map<number, ProcessGroup> = new Map();
  readonly #own: number;
  #last: Mutable<ProcessGroup> | undefined;

  /** @param own the caller's */
  constructor(own: number) {
    this.#own = own;
  }

  add(pid: number, inode: number, stayed: boolean): void {
    const group = this.#of(inode);
    group.count++;
    if (group.pids.length < MOST) group.pids.push(pid);
    if (stayed) group.stayed = true;
  }

  addThread(pid: number, tid: number, inode: number, stayed: boolean): void {
    const group = this.#of(inode);
    if (group.threads.length < MOST) group.threads.push({ pid, tid });
    if (stayed) group.stayed = true;
  }

  #of(inode: number): Mutable<ProcessGroup> {
    // Neighbours are mostly in the same one.
    if (this.#last?.inode === inode) return this.#last;
    let group = this.all.get(inode) as Mutable<ProcessGroup> | undefined;
    if (group === undefined) {
      group = { inode, own: inode === this.#own, stayed: false, count: 0, pids: [], threads: [] };
      this.all.set(inode, group);
    }
    this.#last = group;
    return group;
  }
}

export function differencesOf(
  before: ReadonlyMap<number, ProcessGroup>,
  now: ReadonlyMap<number, ProcessGroup>,
): ProcessChanges {
  const appeared = [...now.values()].filter(({ inode, stayed }) => !stayed || !before.has(inode));
  const vanished = [...before.keys()].filter((inode) => now.get(inode)?.stayed !== true);
  return {
    appeared: appeared.toSorted((a, b) => a.inode - b.inode),
    vanished: vanished.toSorted((a, b) => a - b),
  };
}
