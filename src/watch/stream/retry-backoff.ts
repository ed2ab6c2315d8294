/**
 * How often, and after what rest, mending is tried again: when the machine lacks something for a
 * moment, and when what happens meanwhile undoes it, as in a storm. The rest of the program gets
 * its turn in between.
 */
import type { SystemError } from '../../sys/errno.ts';

/** What a machine may lack for a moment. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'ENOBUFS', 'EAGAIN']);
/** Ten seconds in all. Milliseconds. */
const SHORTAGE_REST = 500;
const SHORTAGE_ATTEMPTS = 20;
/** A try that takes no longer, in milliseconds, is made again at once, a few times. */
const QUICK = 2;
const QUICK_ATTEMPTS = 20;

export class RetryBackoff {
  #shortages = 0;
  #vain = 0;

  /** It is mended. */
  renew(): void {
    this.#shortages = 0;
    this.#vain = 0;
  }

  /**
   * Something failed.
   * @returns after how many milliseconds to try again
   * @throws what failed, where waiting does not help, or has not
   */
  outlast(error: unknown): number {
    if (!SHORTAGES.has((error as SystemError).code) || ++this.#shortages > SHORTAGE_ATTEMPTS) throw error;
    return SHORTAGE_REST;
  }

  /**
   * It was undone by what happened meanwhile.
   * @param took how long the try took, in milliseconds
   * @returns after how many milliseconds to try again; 0: at once
   */
  again(took: number): number {
    this.#vain++;
    return took > QUICK || this.#vain > QUICK_ATTEMPTS ? Math.min(Math.max(took, 1), SHORTAGE_REST) : 0;
  }
}
