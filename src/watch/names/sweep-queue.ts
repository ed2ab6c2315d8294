/**
 * The sweep: all names are looked at, in pieces, since mounts changed somewhere. A sweep takes a
 * fiftieth of the time at most.
 *
 * | phase | mounts changed | a piece is taken |
 * | --- | --- | --- |
 * | none | due in a millisecond, or when the rest is over | - |
 * | due | - | running; none, if that was all |
 * | running | another sweep follows | running; at the end none, or due if another follows |
 */
import type { NameStates, WatchedName } from './name-states.ts';

/** Names of a sweep that are looked at in one go: half a millisecond. */
const SWEEP_PIECE = 200;
/**
 * Milliseconds from the start of a sweep to the next, for each name: fifty times what a look takes.
 */
const SWEEP_REST = 0.15;

export class SweepQueue {
  dueAt: number = Infinity;
  readonly #table: NameStates;
  /** What is left of the sweep that runs; null: none runs. */
  #left: Iterator<WatchedName> | null = null;
  #isRepeated = false;
  /** No sweep starts before. */
  #restsUntil = 0;

  constructor(table: NameStates) {
    this.#table = table;
  }

  mountsChanged(now: number): void {
    if (this.#left !== null) this.#isRepeated = true;
    else this.dueAt = Math.min(this.dueAt, Math.max(now + 1, this.#restsUntil));
  }

  take(due: Set<WatchedName>, now: number): void {
    if (now < this.dueAt) return;
    const { records } = this.#table;
    if (this.#left === null) {
      this.#left = records.values();
      this.#restsUntil = now + Math.max(1, records.size * SWEEP_REST);
    }
    for (let taken = 0; taken < SWEEP_PIECE; taken++) {
      const { done, value } = this.#left.next();
      if (done === true) {
        this.#left = null;
        this.dueAt = this.#isRepeated ? this.#restsUntil : Infinity;
        this.#isRepeated = false;
        return;
      }
      due.add(value);
    }
    this.dueAt = now + 1;
  }
}
