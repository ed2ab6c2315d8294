/**
 * How long to wait before everything is read again after a loss of events. Anybody may change the
 * links of a namespace of his own a hundred thousand times a second, and so keep a listener in
 * overflow for good.
 *
 * | a loss                     | is made up for                             |
 * | -------------------------- | ------------------------------------------ |
 * | the first in {@link QUIET} | at once                                    |
 * | the next                   | after {@link FIRST}, then twice that, … up |
 * |                            | to {@link LONGEST}                         |
 */

/** In milliseconds. */
const FIRST = 250;
const LONGEST = 5000;
/** After so long without a loss, the next one is the first. */
const QUIET = 10_000;

export class LossBackoff {
  readonly #now: () => number;
  #delay = 0;
  #last = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Events were lost. @returns after how many milliseconds to read everything */
  nextDelay(): number {
    const now = this.#now();
    if (now - this.#last > QUIET + this.#delay) this.#delay = 0;
    else this.#delay = this.#delay === 0 ? FIRST : Math.min(this.#delay * 2, LONGEST);
    this.#last = now;
    return this.#delay;
  }

  /** Whether losses follow one another. */
  get isRepeated(): boolean {
    return this.#delay > 0 && this.#now() - this.#last <= QUIET + this.#delay;
  }
}
