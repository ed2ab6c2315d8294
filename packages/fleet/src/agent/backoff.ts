/**
 * After how many milliseconds to try again: ever later, and each host at another time. All is to be
 * right within 5 s of a recovery, so the time for which one waits for an answer counts, too.
 */
import type { Clock } from '../core.ts';

const FIRST = 100;
const MOST = 3000;

export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(most: number = MOST): number {
    const usual = Math.min(most, FIRST * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return usual * (0.8 + 0.4 * this.#random());
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Done after so many milliseconds, or at once when `signal` is aborted. */
export function pause(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delay, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
