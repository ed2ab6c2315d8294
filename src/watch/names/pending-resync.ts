/**
 * The loss that is being made good: from when records were lost until `resynced` is told, which
 * comes when all that differed has been told, names included that were found not ready and are held
 * back.
 */
import type { ResyncedEvent, ResyncReason } from './name-events.ts';

/**
 * With a longer `readyTimeout` it does not wait for all names that are held back, but only this
 * long. Milliseconds.
 */
const PATIENCE = 2000;

export class PendingResync {
  /** `resynced` events made. */
  count = 0;
  #reason: ResyncReason | null = null;
  #by = Infinity;
  readonly #patience: number;

  constructor(readyTimeout: number) {
    this.#patience = readyTimeout > PATIENCE ? PATIENCE : Infinity;
  }

  /** Whether there is a loss that `resynced` has not been told for. */
  get open(): boolean {
    return this.#reason !== null;
  }

  begin(reason: ResyncReason): void {
    this.#reason = reason;
    this.#by = Infinity;
  }

  /** The directory has been read, and what differs is told but for names that are held back. */
  read(now: number): void {
    this.#by = now + this.#patience;
  }

  /** The event, once it is due. `awaited`: how many names that differed are still held back. */
  finish(awaited: number, now: number): ResyncedEvent | undefined {
    if (this.#reason === null || (awaited > 0 && now < this.#by)) return undefined;
    const reason = this.#reason;
    this.#reason = null;
    this.count++;
    return { type: 'resynced', reason };
  }
}
