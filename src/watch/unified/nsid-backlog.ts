/**
 * Changes of nsids that were read ahead and wait for their turn, oldest first; and how often each
 * nsid is assigned in them. An assignment that was shifted still counts until {@link
 * NsidBacklog.commit}, since it may have to wait for its name.
 */
import type { NamespaceIdEvent } from '../ids/nsid-events.ts';

/** An nsid was assigned or removed. */
export type NsidChange = Extract<NamespaceIdEvent, { nsid: number }>;

/** Shifted changes are cut off when there are that many. */
const COMPACT_THRESHOLD = 1024;

export class NsidBacklog {
  #changes: NsidChange[] = [];
  /** Index of the first that was not shifted. */
  #head = 0;
  readonly #pendingAssigns = new Map<number, number>();

  /** How often each nsid is assigned in what is not committed yet. */
  get pendingAssigns(): ReadonlyMap<number, number> {
    return this.#pendingAssigns;
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
    if (type === 'newNsid') this.#pendingAssigns.set(nsid, (this.#pendingAssigns.get(nsid) ?? 0) + 1);
  }

  /** The first one has had its turn. If it assigns an nsid, {@link commit} follows. */
  shift(): void {
    this.#head++;
    if (this.#head < COMPACT_THRESHOLD && this.#head < this.#changes.length) return;
    if (this.#head >= this.#changes.length) this.#changes.length = 0;
    else this.#changes = this.#changes.slice(this.#head);
    this.#head = 0;
  }

  /** The inventory has assigned an nsid by a change that was shifted. */
  commit(nsid: number): void {
    const left = (this.#pendingAssigns.get(nsid) ?? 1) - 1;
    if (left > 0) this.#pendingAssigns.set(nsid, left);
    else this.#pendingAssigns.delete(nsid);
  }

  /**
   * Whether an nsid ends after its owner of that generation got it.
   * @param assigned how often it was assigned by changes that were shifted and not committed
   */
  endsAfter(nsid: number, generation: number, assigned: number): boolean {
    // Ends of nsids that are not assigned here do not wait here.
    if (!this.#pendingAssigns.has(nsid)) return false;
    for (let at = this.#head; at < this.#changes.length; at++) {
      const change = this.#changes[at] as NsidChange;
      if (change.nsid !== nsid) continue;
      if (change.type === 'newNsid') assigned++;
      else if (assigned >= generation) return true;
    }
    return false;
  }
}
