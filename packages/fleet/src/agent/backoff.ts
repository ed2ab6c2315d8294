/** After how many milliseconds to try again: ever later, up to 3 s, and each host at another time. */
const FIRST = 100;
/** Within 5 s of a recovery all must be right again. */
const MOST = 3000;

export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): number {
    const usual = Math.min(MOST, FIRST * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return usual * (0.8 + 0.4 * this.#random());
  }

  reset(): void {
    this.#failures = 0;
  }
}
