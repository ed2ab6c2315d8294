/**
 * Questions that could not be asked, since the machine lacked something for a moment: what they
 * would have told is lost. After a rest all is asked anew, as after a loss of the kernel's; what
 * does not pass is an end.
 *
 * | state | a question fails        | the rest is over | all is asked anew |
 * | ----- | ----------------------- | ---------------- | ----------------- |
 * | none  | rests; or {@link failure} | -              | -                 |
 * | rests | rests                   | over             | -                 |
 * | over  | over                    | -                | none              |
 */
import type { Clock } from '../stream/clock.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';

export class LookupRetry {
  /** What waiting does not help, or has not. */
  failure: Error | null = null;
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #backoff = new RetryBackoff();
  #state: 'none' | 'rests' | 'over' = 'none';
  #cancel: (() => void) | null = null;
  #closed = false;

  /** @param wake called when the rest is over */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** A question failed. */
  readonly note = (error: unknown): void => {
    if (this.#state !== 'none' || this.#closed) return;
    this.#state = 'rests';
    try {
      this.#cancel = this.#clock.after(this.#backoff.onError(error), () => {
        this.#cancel = null;
        this.#state = 'over';
        this.#wake();
      });
    } catch (fatal) {
      this.failure = fatal as Error;
    }
  };

  /** Whether answers are missing. */
  get any(): boolean {
    return this.#state !== 'none';
  }

  /** Whether all is to be asked anew now. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Before all is asked anew: what fails from now on counts. */
  begin(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#state = 'none';
  }

  /** All has been asked anew. */
  end(): void {
    if (!this.any) this.#backoff.reset();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }
}
