/**
 * Recovers from lookups that failed because the machine lacked something for a moment. Their
 * answers are lost. After a backoff all names are asked again, as after a loss of
 * notifications; an error that does not pass ends it.
 *
 * | state   | a lookup fails              | the backoff ends | all names are asked again |
 * | ------- | --------------------------- | ---------------- | ------------------------- |
 * | idle    | waiting, or {@link failure} | -                | idle                      |
 * | waiting | waiting                     | due              | idle                      |
 * | due     | due                         | -                | idle                      |
 */
import type { Clock } from '../stream/clock.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';

export class LookupRetry {
  /** An error that waiting does not help against, or has not helped against. */
  failure: Error | null = null;
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #backoff = new RetryBackoff();
  #state: 'idle' | 'waiting' | 'due' = 'idle';
  #cancel: (() => void) | null = null;
  #closed = false;

  /** @param wake called when it {@link isDue} */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** A lookup failed. */
  readonly fail = (error: unknown): void => {
    if (this.#state !== 'idle' || this.#closed) return;
    this.#state = 'waiting';
    try {
      this.#cancel = this.#clock.after(this.#backoff.onError(error), () => {
        this.#cancel = null;
        this.#state = 'due';
        this.#wake();
      });
    } catch (fatal) {
      this.failure = fatal as Error;
    }
  };

  /** Whether answers are missing. */
  get pending(): boolean {
    return this.#state !== 'idle';
  }

  /** Whether all names are to be asked again now. */
  get isDue(): boolean {
    return this.#state === 'due';
  }

  /** All names are asked again: failures count from here. */
  restart(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#state = 'idle';
  }

  /** All names have been asked again. If nothing failed, the next backoff is the first. */
  succeed(): void {
    if (!this.pending) this.#backoff.reset();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }
}
