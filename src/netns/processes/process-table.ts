/**
 * The processes of a procfs in columns of numbers, ascending, since there may be ten thousand and
 * each is looked at again and again: no object, no string for one.
 */

/** In none: it has ended, and waits for its parent at most. No inode has this number. */
export const NOWHERE = 0;
/** In one that may not be looked at. */
export const UNSEEN = 1;
/** After so many scans a process is looked at again, however long it has not moved. */
export const LONGEST_PAUSE = 16;

export class ProcessTable {
  length = 0;
  pids: Uint32Array = new Uint32Array(256);
  /**
   * The inode of its directory in the procfs, made with the process and dropped with it
   * (`proc_flush_pid` in fs/proc/base.c): another one means that the number is another process's
   * by now. 0: unknown.
   */
  inodes: Uint32Array = new Uint32Array(256);
  /** The namespace: the inode of `net/dev` in it, or {@link NOWHERE}, {@link UNSEEN}. */
  namespaces: Uint32Array = new Uint32Array(256);
  /** The scan that looks at it again. */
  due: Uint32Array = new Uint32Array(256);
  /** How many scans lay between its last two looks. */
  pauses: Uint8Array = new Uint8Array(256);
  /** 1: it was in the same namespace at the scan before. */
  stayed: Uint8Array = new Uint8Array(256);
  #ascending = true;

  clear(): void {
    this.length = 0;
    this.#ascending = true;
  }

  /** One of which nothing else is known. */
  add(pid: number, inode: number): void {
    const at = this.length;
    if (at === this.pids.length) this.#grow();
    if (at > 0 && (this.pids[at - 1] as number) > pid) this.#ascending = false;
    this.pids[at] = pid;
    this.inodes[at] = inode;
    this.namespaces[at] = NOWHERE;
    this.due[at] = 0;
    this.pauses[at] = 0;
    this.stayed[at] = 0;
    this.length++;
  }

  /** Brings those that were added into order. The kernel lists them so, Node's readdir does not. */
  sort(): void {
    if (this.#ascending) return;
    const { pids, inodes } = this;
    const order = Array.from({ length: this.length }, (_, at) => [pids[at], inodes[at]] as [number, number]);
    order.sort(([a], [b]) => a - b);
    for (const [at, [pid, inode]] of order.entries()) [pids[at], inodes[at]] = [pid, inode];
    this.#ascending = true;
  }

  /** Whether this is the process at a place, as far as is known. */
  isSame(at: number, pid: number, inode: number): boolean {
    return this.pids[at] === pid && this.inodes[at] === inode;
  }

  /** Whether a scan need not look at the process at a place, which {@link isSame}. */
  waits(at: number, scan: number): boolean {
    return (this.due[at] as number) > scan && this.inodes[at] !== 0;
  }

  /** It is where it was. */
  keep(at: number, former: ProcessTable, place: number): void {
    const namespace = former.namespaces[place] as number;
    this.namespaces[at] = namespace;
    this.due[at] = former.due[place] as number;
    this.pauses[at] = former.pauses[place] as number;
    this.stayed[at] = namespace > UNSEEN ? 1 : 0;
  }

  /**
   * It was looked at.
   * @param place of the same process in the table of the scan before; -1: it was not in it
   * @param scan the number of this scan, 1 being the first
   */
  set(at: number, namespace: number, former: ProcessTable, place: number, scan: number): void {
    const same = place >= 0 && former.namespaces[place] === namespace;
    this.namespaces[at] = namespace;
    this.stayed[at] = same && namespace > UNSEEN ? 1 : 0;
    const pause = same ? (former.pauses[place] as number) : 0;
    const due = same ? (former.due[place] as number) : 0;
    if (scan === 1) {
      this.pauses[at] = LONGEST_PAUSE;
      this.due[at] = 2 + (at % LONGEST_PAUSE);
    } else if (due > scan) {
      // All were looked at. They shall not have their turns together from now on.
      this.pauses[at] = pause;
      this.due[at] = due;
    } else {
      const next = Math.min(Math.max(1, pause * 2), LONGEST_PAUSE);
      this.pauses[at] = next;
      this.due[at] = scan + next;
    }
  }

  /** Where a process is in the table; -1: nowhere. */
  indexOf(pid: number): number {
    let [low, high] = [0, this.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.pids[middle] as number;
      if (found === pid) return middle;
      if (found < pid) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #grow(): void {
    const size = this.length * 2;
    const larger = (column: Uint32Array): Uint32Array => {
      const copy = new Uint32Array(size);
      copy.set(column);
      return copy;
    };
    const bytes = (column: Uint8Array): Uint8Array => {
      const copy = new Uint8Array(size);
      copy.set(column);
      return copy;
    };
    this.pids = larger(this.pids);
    this.inodes = larger(this.inodes);
    this.namespaces = larger(this.namespaces);
    this.due = larger(this.due);
    this.pauses = bytes(this.pauses);
    this.stayed = bytes(this.stayed);
  }
}
