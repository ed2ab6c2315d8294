/**
 * A sweep: all of something is looked at, in pieces, since mounts changed somewhere. How long it
 * takes says how long it rests, so that it takes a small part of the time at most; but a piece that
 * takes very long was interrupted, by SIGSTOP for one, and says little.
 *
 * | phase | requested | a piece is taken |
 * | --- | --- | --- |
 * | none | due at the time asked for, or when the rest is over | - |
 * | due | due at the earlier time | running; resting, if that was all |
 * | running | another sweep follows | running; at the end resting |
 * | resting | due when the rest is over | - |
 */
import type { WatchedName } from './name-states.ts';

/** What is swept. */
export interface Sweep {
  /** Begins anew, at the first piece. */
  begin(): void;
  /**
   * Takes the next piece.
   * @param look takes the names that have to be looked at
   * @returns whether more is left
   */
  piece(look: (record: WatchedName) => void): boolean;
}

/** As long is rested for one piece at most, in milliseconds. */
const MOST_REST = 2000;

export class SweepQueue {
  dueAt: number = Infinity;
  readonly #sweep: Sweep;
  readonly #restFactor: number;
  readonly #leastRest: number;
  #isRunning = false;
  #isRepeated = false;
  /** For how long to rest after the pieces so far, in milliseconds. */
  #rest = 0;
  /** No sweep starts before. */
  #restsUntil = 0;

  /**
   * @param restFactor how many times as long as a sweep takes it rests
   * @param leastRest in milliseconds
   */
  constructor(sweep: Sweep, restFactor: number, leastRest: number) {
    this.#sweep = sweep;
    this.#restFactor = restFactor;
    this.#leastRest = leastRest;
  }

  /** @param at not before, in the clock's time */
  request(at: number): void {
    if (this.#isRunning) this.#isRepeated = true;
    else this.dueAt = Math.min(this.dueAt, Math.max(at, this.#restsUntil));
  }

  /** Takes a piece. {@link spent} is to be called when it has been looked at. */
  take(look: (record: WatchedName) => void): void {
    if (!this.#isRunning) {
      this.#rest = 0;
      this.#sweep.begin();
    }
    this.#isRunning = this.#sweep.piece(look);
  }

  /** A piece has been looked at. @param took in milliseconds */
  spent(took: number, now: number): void {
    this.#rest += Math.min(this.#restFactor * took, MOST_REST);
    if (this.#isRunning) {
      this.dueAt = now + 1;
      return;
    }
    this.#restsUntil = now + Math.max(this.#leastRest, this.#rest);
    this.dueAt = this.#isRepeated ? this.#restsUntil : Infinity;
    this.#isRepeated = false;
  }
}
