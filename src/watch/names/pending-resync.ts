/**
 * The loss that the watcher recovers from: from when records were lost until `resynced` is emitted.
 * That comes when all differences have been emitted, those of names included that were found not
 * ready and are held back.
 *
 * | phase | begin | scanned | finish |
 * | --- | --- | --- | --- |
 * | closed | open | - | - |
 * | open, not scanned | open | open, with a deadline | once no name blocks it: closed |
 * | open, with a deadline | open, not scanned | a new deadline | as above, or at the deadline |
 */
import type { ResyncedEvent, ResyncReason } from './name-events.ts';

/**
 * For how long `resynced` waits for names that are held back, in milliseconds, if `readyTimeout` is
 * longer.
 */
const MAX_WAIT = 2000;

export class PendingResync {
  /** `resynced` events made. */
  count = 0;
  #reason: ResyncReason | null = null;
  #deadline = Infinity;
  readonly #maxWait: number;

  constructor(readyTimeout: number) {
    this.#maxWait = readyTimeout > MAX_WAIT ? MAX_WAIT : Infinity;
  }

  /** Whether a loss waits for its `resynced`. */
  get open(): boolean {
    return this.#reason !== null;
  }

  /** Records were lost. */
  begin(reason: ResyncReason): void {
    this.#reason = reason;
    this.#deadline = Infinity;
  }

  /** The directory has been read, and its differences emitted but for names that are held back. */
  scanned(now: number): void {
    this.#deadline = now + this.#maxWait;
  }

  /**
   * The event, once it is due.
   * @param blockers how many names with a difference are still held back
   */
  finish(blockers: number, now: number): ResyncedEvent | undefined {
    if (this.#reason === null || (blockers > 0 && now < this.#deadline)) return undefined;
    const reason = this.#reason;
    this.#reason = null;
    this.count++;
    return { type: 'resynced', reason };
  }
}
