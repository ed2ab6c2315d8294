/**
 * Reads the changes of nsids, ahead of their turn where that is needed:
 *
 * - A name that goes together with its namespace must be reported as such. So before a name goes,
 *   all changes that wait are read, and ends take effect at once.
 * - A namespace says which nsid it has now. That nsid may change hands several times in what is
 *   still to be taken in. So all of that is read, and the nsid belongs to the namespace from the
 *   last time on that it is assigned in it (pending-nsids.ts has an example).
 */
import type { NsidEngine } from '../ids/nsid-engine.ts';
import type { Inventory } from './inventory.ts';
import { NsidBacklog } from './nsid-backlog.ts';
import type { NsidChange } from './nsid-backlog.ts';
import type { UnifiedEvent } from './unified-events.ts';

/** Changes that are read ahead at most: more than a receive buffer of the usual size holds. */
const READ_AHEAD_LIMIT = 32_768;

/** What the kernel has reported by now and is not taken in yet. */
export interface BacklogSnapshot {
  /** How often each nsid is assigned in it. The last time, its present owner gets it. */
  pendingAssigns: ReadonlyMap<number, number>;
  /**
   * Whether an nsid that is not assigned in it belongs to whom the inventory says. False after a
   * loss, until all differences have been taken in.
   */
  inSync: boolean;
  /** The nsids that were reported since {@link BacklogView.mark}. */
  touched: ReadonlySet<number>;
}

/** What the kernel reports, read ahead of its turn. */
export interface BacklogView {
  /** Reads everything, before the kernel is asked. */
  mark(): void;
  /** Reads the rest, after the answer; null: it is more than may be read ahead. */
  snapshot(): BacklogSnapshot | null;
}

export class NsidReader implements BacklogView {
  readonly #engine: NsidEngine;
  readonly #inventory: Inventory;
  readonly #backlog = new NsidBacklog();
  /** The nsids that were read since the last {@link mark}. */
  readonly #touched = new Set<number>();
  /** Before {@link start}, what differs from the listing is part of the snapshot. */
  #report: (events: UnifiedEvent[]) => void = () => {};
  /** Listings after a loss, so far. */
  #resyncs = 0;
  #lost = false;
  #inSync = true;

  constructor(engine: NsidEngine, inventory: Inventory) {
    this.#engine = engine;
    this.#inventory = inventory;
  }

  /** @param report from now on takes the events of ends that were read ahead */
  start(report: (events: UnifiedEvent[]) => void): void {
    this.#report = report;
  }

  /** The next change, which stays first until {@link shift}. @throws what ends the engine */
  next(): NsidChange | undefined {
    // Nothing is being asked now, and {@link mark} may not come for long.
    if (this.#touched.size > 0) this.#touched.clear();
    if (this.#backlog.size === 0) {
      const change = this.#read();
      if (change !== undefined) this.#backlog.push(change);
    }
    return this.#backlog.first;
  }

  /** The next change has had its turn. If it assigns an nsid, {@link commit} follows. */
  shift(): void {
    this.#backlog.shift();
  }

  /** An nsid was assigned by a change that was shifted. */
  commit(nsid: number): void {
    this.#backlog.commit(nsid);
  }

  /** As `NsidBacklog.endsAfter`. */
  endsAfter(nsid: number, generation: number, assigned: number): boolean {
    return this.#backlog.endsAfter(nsid, generation, assigned);
  }

  /**
   * Reads what waits. Ends are taken in and reported at once; the rest waits for its turn.
   * @returns whether that was all
   * @throws what ends the engine
   */
  readAhead(): boolean {
    const backlog = this.#backlog;
    for (let first = backlog.first; first !== undefined && this.#isEnd(first); first = backlog.first) {
      backlog.shift();
      this.#report(this.#inventory.removed(first.nsid));
    }
    while (this.#backlog.size < READ_AHEAD_LIMIT) {
      const change = this.#read();
      if (change === undefined) return !this.#engine.awaitingKernel;
      if (this.#isEnd(change)) this.#report(this.#inventory.removed(change.nsid));
      else this.#backlog.push(change);
    }
    return false;
  }

  /** Whether it is the end of the owner that the inventory knows. */
  #isEnd({ type, nsid }: NsidChange): boolean {
    return type === 'delNsid' && !this.#backlog.pendingAssigns.has(nsid);
  }

  mark(): void {
    this.snapshot();
    this.#touched.clear();
  }

  snapshot(): BacklogSnapshot | null {
    try {
      if (!this.readAhead()) return null;
    } catch {
      // Whoever asks for the next change gets the error.
      return null;
    }
    const { pendingAssigns } = this.#backlog;
    return { pendingAssigns, inSync: this.#inSync, touched: this.#touched };
  }

  /**
   * Whether all that the kernel has reported is known, once it has been read, and no nsid is still
   * to be assigned in it.
   */
  isCurrent(): boolean {
    if (this.#backlog.pendingAssigns.size > 0 || !this.#inSync || this.#lost) return false;
    const snapshot = this.snapshot();
    return snapshot?.inSync === true && snapshot.pendingAssigns.size === 0 && !this.#lost;
  }

  /** Whether there was a loss that {@link takeLoss} has not returned yet. */
  get lost(): boolean {
    return this.#lost;
  }

  /** More was reported at the start than could be read ahead: as after a loss. */
  setLost(): void {
    this.#lost = true;
  }

  /** Whether notifications were lost since the last call, and all differences were read. */
  takeLoss(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    if (lost) this.#inSync = true;
    return lost;
  }

  /** Whether all differences after the last loss were taken in, and none is under way. */
  get settled(): boolean {
    return this.#inSync && !this.#engine.awaitingKernel;
  }

  #read(): NsidChange | undefined {
    for (;;) {
      const event = this.#engine.next();
      // The engine has listed the nsids: what follows are the differences.
      const { resyncs } = this.#engine;
      if (resyncs !== this.#resyncs) {
        this.#resyncs = resyncs;
        this.#inSync = false;
        this.#inventory.forgetClaims();
      }
      if (event?.type !== 'resynced') {
        if (event !== undefined) this.#touched.add(event.nsid);
        return event;
      }
      this.#lost = true;
    }
  }
}
