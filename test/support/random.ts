/**
 * Numbers that look random and are the same for the same seed, quickly: xorshift32 (G. Marsaglia,
 * Journal of Statistical Software 8(14), 2003).
 */

export class Random {
  #state: number;

  constructor(seed: number) {
    // 0 is where it would stay.
    this.#state = (seed ^ 0x9e3779b9) | 0 || 1;
  }

  /** A number from 0 to `end`, without that. */
  below(end: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % end;
  }

  /** One of several. */
  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/**
 * NLINK_FUZZ_SEED, a number, or `random`; by default the same each time, so that what fails here
 * fails for everybody.
 */
export function fuzzSeed(): number {
  const wanted = process.env['NLINK_FUZZ_SEED'] ?? '20261124';
  return wanted === 'random' ? Math.floor(Math.random() * 2 ** 32) : Number(wanted);
}
