/**
 * Nsids whose `nsidAssigned` is deferred, because the name that has them was not found: it may be
 * held back until a namespace is mounted on it, or be one of the many that have not been asked. The
 * rest of the names is asked in slices, with pauses between them, once for all deferred nsids. An
 * nsid that no name has belongs to a namespace without a name.
 *
 * The first row that holds decides:
 *
 * | an nsid                                                           | is       |
 * | ----------------------------------------------------------------- | -------- |
 * | whose last owner still has names, for {@link OWNER_GRACE_MS}      | deferred |
 * | that a name claims                                                | due      |
 * | for which not all names have been asked                           | deferred |
 * | while a name is held back, for {@link NAME_GRACE_MS}              | deferred |
 * | otherwise                                                         | due      |
 */
import type { Clock } from '../stream/clock.ts';
import type { Inventory } from './inventory.ts';
import type { NameRecord } from './namespace-record.ts';

/** An nsid waits so long for a name that is held back. The mount was made before. */
const NAME_GRACE_MS = 100;
/** An nsid waits so long for the names of its last owner, which are gone and will be seen to be. */
const OWNER_GRACE_MS = 2000;
/** Names that are asked together: some 5 ms. */
const SLICE = 512;
/** Between slices. */
const PAUSE_MS = 20;

interface Deferral {
  nameDeadline: number;
  ownerDeadline: number;
  /** Whether all names that are not held back have been asked. */
  asked: boolean;
}

export class DeferredNsids {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #deferrals = new Map<number, Deferral>();
  /** The names that are being asked, and the nsids that were there before the first of them. */
  #sweep: { names: Iterator<NameRecord>; nsids: number[] } | null = null;
  #isSliceDue = false;
  #cancelPause: (() => void) | null = null;

  constructor(inventory: Inventory, clock: Clock, wake: () => void) {
    this.#inventory = inventory;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** @param asked whether all names have been asked for it */
  defer(nsid: number, asked: boolean): void {
    const now = this.#clock.now();
    const deferral = { nameDeadline: now + NAME_GRACE_MS, ownerDeadline: now + OWNER_GRACE_MS, asked };
    this.#deferrals.set(nsid, deferral);
    this.#pause();
  }

  get any(): boolean {
    return this.#deferrals.size > 0;
  }

  has(nsid: number): boolean {
    return this.#deferrals.has(nsid);
  }

  /** It is deferred no longer. */
  release(nsid: number): void {
    this.#deferrals.delete(nsid);
  }

  /**
   * The next nsid that is due, which is then to be {@link release}d.
   * @param namesPending whether names are held back
   */
  due(namesPending: boolean): number | undefined {
    const now = this.#clock.now();
    for (const [nsid, { nameDeadline, ownerDeadline, asked }] of this.#deferrals) {
      if (this.#inventory.nsids.isEnding(nsid) && now < ownerDeadline) continue;
      if (!this.#inventory.nsids.isClaimed(nsid) && (!asked || (namesPending && now < nameDeadline)))
        continue;
      return nsid;
    }
    return undefined;
  }

  /** The names to ask now: none during a pause, or when no nsid needs it. */
  slice(): NameRecord[] {
    if (!this.#isSliceDue) return [];
    this.#isSliceDue = false;
    if (!this.any) return [];
    this.#pause();
    this.#sweep ??= this.#begin();
    if (this.#sweep === null) return [];
    const names = takeNames(this.#sweep.names, SLICE);
    if (names.length < SLICE) {
      for (const nsid of this.#sweep.nsids) {
        const deferral = this.#deferrals.get(nsid);
        if (deferral !== undefined) deferral.asked = true;
      }
      this.#sweep = null;
    }
    return names;
  }

  close(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.#deferrals.clear();
  }

  #begin(): { names: Iterator<NameRecord>; nsids: number[] } | null {
    const nsids = [...this.#deferrals].filter(([, { asked }]) => !asked).map(([nsid]) => nsid);
    return nsids.length === 0 ? null : { names: this.#inventory.names.unresolved(), nsids };
  }

  #pause(): void {
    this.#cancelPause ??= this.#clock.after(PAUSE_MS, () => {
      this.#cancelPause = null;
      this.#isSliceDue = true;
      this.#wake();
    });
  }
}

/** The next names, at most so many. */
export function takeNames(names: Iterator<NameRecord>, most: number): NameRecord[] {
  const taken: NameRecord[] = [];
  while (taken.length < most) {
    const { value, done } = names.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
