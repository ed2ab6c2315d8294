/**
 * Ids that are not told yet because the name that has them was not found: it may be held back
 * itself until its namespace is mounted, or be one of the many that have not been asked. The rest
 * of the names is asked in slices, with rests between them, once for all ids that wait; an id that
 * none of them has belongs to a namespace without a name.
 *
 * | an id is | claimed | all names were asked, and none is held back (or not for {@link HOLD}) | otherwise |
 * | -------- | ------- | -------------------------------------------------------------------- | --------- |
 * | held, and its last owner has still to be told of as gone (not for {@link END}) | held | held | held |
 * | held     | due     | due                                                                  | held      |
 */
import type { Clock } from '../stream/clock.ts';
import type { Inventory } from './inventory.ts';
import type { NameRecord } from './namespace-record.ts';

/**
 * For how long an id waits for a name that is held back, in milliseconds. Its mount has been made
 * before.
 */
const HOLD = 100;
/**
 * For how long an id waits for the names of its last owner to go, in milliseconds: they are no
 * more, and will be seen to be.
 */
const END = 2000;
/** Names that are asked together: some 5 ms. */
const SLICE = 512;
/** Between slices, in milliseconds. */
const REST = 20;

export class DeferredNsids {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  readonly #wake: () => void;
  /**
   * Until when they wait for names that are held back, and whether all other names have been asked.
   */
  readonly #held = new Map<number, { until: number; last: number; asked: boolean }>();
  /** The names that are being asked, and the ids that were there before the first of them. */
  #sweep: { names: Iterator<NameRecord>; nsids: number[] } | null = null;
  #rested = false;
  #cancel: (() => void) | null = null;

  constructor(inventory: Inventory, clock: Clock, wake: () => void) {
    this.#inventory = inventory;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** @param asked whether all names have been asked for it */
  hold(nsid: number, asked: boolean): void {
    const now = this.#clock.now();
    this.#held.set(nsid, { until: now + HOLD, last: now + END, asked });
    this.#sleep();
  }

  get any(): boolean {
    return this.#held.size > 0;
  }

  has(nsid: number): boolean {
    return this.#held.has(nsid);
  }

  /** It waits no more. */
  release(nsid: number): void {
    this.#held.delete(nsid);
  }

  /**
   * The next id that need not wait any more, which is then to be {@link release}d, if there is one.
   * @param pending whether names are held back
   */
  due(pending: boolean): number | undefined {
    const now = this.#clock.now();
    for (const [nsid, { until, last, asked }] of this.#held) {
      if (this.#inventory.isEnding(nsid) && now < last) continue;
      if (!this.#inventory.isClaimed(nsid) && (!asked || (pending && now < until))) continue;
      return nsid;
    }
    return undefined;
  }

  /** The names to ask now: none while it rests, or when no id needs it. */
  slice(): NameRecord[] {
    if (!this.#rested) return [];
    this.#rested = false;
    if (!this.any) return [];
    this.#sleep();
    this.#sweep ??= this.#begin();
    if (this.#sweep === null) return [];
    const names = takeNames(this.#sweep.names, SLICE);
    if (names.length < SLICE) {
      for (const nsid of this.#sweep.nsids) {
        const held = this.#held.get(nsid);
        if (held !== undefined) held.asked = true;
      }
      this.#sweep = null;
    }
    return names;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#held.clear();
  }

  #begin(): { names: Iterator<NameRecord>; nsids: number[] } | null {
    const nsids = [...this.#held].filter(([, { asked }]) => !asked).map(([nsid]) => nsid);
    return nsids.length === 0 ? null : { names: this.#inventory.withoutId(), nsids };
  }

  #sleep(): void {
    this.#cancel ??= this.#clock.after(REST, () => {
      this.#cancel = null;
      this.#rested = true;
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
