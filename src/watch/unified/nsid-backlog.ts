/**
 * The changes of ids that have been read ahead and wait for their turn, oldest first, and how often
 * each id begins in them. One that was taken from the queue still counts until it is told, since it
 * may have to wait for its name.
 */
import type { NamespaceIdEvent } from '../ids/nsid-events.ts';

/** An id was assigned or removed. */
export type NsidChange = Extract<NamespaceIdEvent, { nsid: number }>;

/** How many may be cut off at once that were taken. */
const CUT = 1024;

export class NsidBacklog {
  #changes: NsidChange[] = [];
  /** The first that was not taken. */
  #head = 0;
  readonly #begins = new Map<number, number>();

  /** How often each id begins in what is not told yet. */
  get begins(): ReadonlyMap<number, number> {
    return this.#begins;
  }

  get size(): number {
    return this.#changes.length - this.#head;
  }

  get first(): NsidChange | undefined {
    return this.#changes[this.#head];
  }

  push(change: NsidChange): void {
    this.#changes.push(change);
    const { type, nsid } = change;
    if (type === 'newNsid') this.#begins.set(nsid, (this.#begins.get(nsid) ?? 0) + 1);
  }

  /** The first one has had its turn. If an id begins by it, that is still to be {@link told}. */
  shift(): void {
    this.#head++;
    if (this.#head < CUT && this.#head < this.#changes.length) return;
    this.#changes = this.#changes.slice(this.#head);
    this.#head = 0;
  }

  /** It is told that an id begins. */
  told(nsid: number): void {
    const left = (this.#begins.get(nsid) ?? 1) - 1;
    if (left > 0) this.#begins.set(nsid, left);
    else this.#begins.delete(nsid);
  }

  /**
   * Whether an id ends after it has begun so many times.
   * @param begun how often it has begun by changes that were taken and are not told yet
   */
  ends(nsid: number, turn: number, begun: number): boolean {
    // Ends of others do not wait.
    if (!this.#begins.has(nsid)) return false;
    for (let at = this.#head; at < this.#changes.length; at++) {
      const change = this.#changes[at] as NsidChange;
      if (change.nsid !== nsid) continue;
      if (change.type === 'newNsid') begun++;
      else if (begun >= turn) return true;
    }
    return false;
  }
}
