/**
 * What answers on their way may take together: bytes in memory, and of each the time until it is
 * read. Whoever reads a byte now and then would else keep a long one for as long as it likes.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../watch/stream/clock.ts';

/** Bytes of all answers that have not been read. One alone may be longer. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Milliseconds in which an answer has to be read. */
const MOST_TIME = 60_000;

export class Outgoing {
  readonly #clock: Clock;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false: there is no room for it now */
  take(response: ServerResponse, size: number): boolean {
    // Its client went while the answer was made: `close` has been, and nothing of it is kept.
    if (response.destroyed) return true;
    if (this.#bytes > 0 && this.#bytes + size > MOST_BYTES) return false;
    this.#bytes += size;
    const cancel = this.#clock.after(MOST_TIME, () => response.destroy());
    response.once('close', () => {
      cancel();
      this.#bytes -= size;
    });
    return true;
  }
}
