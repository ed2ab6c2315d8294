/**
 * How often, and after what delay, a recovery is tried again. Two things make it fail: the machine
 * lacks something for a moment, or what happens meanwhile undoes the recovery, as in a storm. The
 * delay gives the rest of the program its turn.
 *
 * | a recovery | tried again | at most |
 * | --- | --- | --- |
 * | fails with a shortage | after {@link SHORTAGE_DELAY} | {@link SHORTAGE_ATTEMPTS} times |
 * | fails with another error | never: it is thrown | - |
 * | is undone, and was quick | at once | {@link QUICK_ATTEMPTS} times, then after a delay |
 * | is undone, and was slow | after as long as it took, up to {@link SHORTAGE_DELAY} | - |
 * | succeeds | - | all counts start anew |
 */
import type { SystemError } from '../../sys/errno.ts';

/** What a machine may lack for a moment. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'ENOBUFS', 'EAGAIN']);
/** In milliseconds; ten seconds in all. */
const SHORTAGE_DELAY = 500;
const SHORTAGE_ATTEMPTS = 20;
/** An attempt that takes no longer than this, in milliseconds, is quick. */
const QUICK = 2;
const QUICK_ATTEMPTS = 20;

export class RetryBackoff {
  #shortages = 0;
  /** Recoveries that were undone. */
  #failedAttempts = 0;

  /** The recovery succeeded. */
  reset(): void {
    this.#shortages = 0;
    this.#failedAttempts = 0;
  }

  /**
   * The recovery failed.
   * @returns after how many milliseconds to try again
   * @throws the error, where waiting does not help, or has not helped
   */
  onError(error: unknown): number {
    if (!SHORTAGES.has((error as SystemError).code) || ++this.#shortages > SHORTAGE_ATTEMPTS) throw error;
    return SHORTAGE_DELAY;
  }

  /**
   * The recovery was undone by what happened meanwhile.
   * @param took how long the attempt took, in milliseconds
   * @returns after how many milliseconds to try again; 0: at once
   */
  nextDelay(took: number): number {
    this.#failedAttempts++;
    if (took <= QUICK && this.#failedAttempts <= QUICK_ATTEMPTS) return 0;
    return Math.min(Math.max(took, 1), SHORTAGE_DELAY);
  }
}
