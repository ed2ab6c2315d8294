/**
 * Changes of ids that were read and have not been told: in order, and what there is of each id. An answer of the kernel is newer than all
 * of them, so that whoever uses one has to know what is still to be told of that id.
 */
import type { NsIdEvent } from '../netlink/nsid-event.ts';

export class NsidBacklog {
  #changes: NsIdEvent[] = [];
  #at = 0;
  /** Of each id, how many, and how many of them are beginnings. */
  readonly #counts = new Map<number, { all: number; beginnings: number }>();

  get size(): number {
    return this.#changes.length - this.#at;
  }

  push(change: NsIdEvent): void {
    this.#changes.push(change);
    this.#count(change, 1);
  }

  /** The oldest. */
  shift(): NsIdEvent | undefined {
    const change = this.#changes[this.#at];
    if (change === undefined) return undefined;
    this.#count(change, -1);
    // Taking the first off an array moves all others.
    if (++this.#at > this.#changes.length / 2) {
      this.#changes = this.#changes.slice(this.#at);
      this.#at = 0;
    }
    return change;
  }

  clear(): void {
    this.#changes = [];
    this.#at = 0;
    this.#counts.clear();
  }

  /** Whether something is to be told of it. */
  has(nsid: number): boolean {
    return this.#counts.has(nsid);
  }

  /** How often it is to be told that it was assigned. */
  beginnings(nsid: number): number {
    return this.#counts.get(nsid)?.beginnings ?? 0;
  }

  #count({ type, nsid }: NsIdEvent, by: number): void {
    const count = this.#counts.get(nsid) ?? { all: 0, beginnings: 0 };
    count.all += by;
    if (type === 'newNsId') count.beginnings += by;
    if (count.all === 0) this.#counts.delete(nsid);
    else this.#counts.set(nsid, count);
  }
}
