/**
 * What the server's clock shows now, by the monotonic clock here. Neither time of day is asked: one
 * of this host may be wrong by hours, and both may be set at any moment.
 *
 * A sample is something that the server stamped between two moments here: its clock is ahead of
 * ours by `stamp - received` to `stamp - sent`. The narrowest sample counts, and grows wider with
 * time, as clocks drift. One that contradicts it takes its place: a clock was set, or it is another
 * server's.
 */

/** Of both clocks together; adjtimex(2) slews by at most 500 ppm. */
const DRIFT = 0.0005;

export class ServerClock {
  #low = 0;
  #high = 0;
  /** When it was taken, by the clock here. Null: none yet. */
  #at: number | null = null;

  /** All in milliseconds: `sent` and `received` by the clock here, `stamp` by the server's. */
  sample(sent: number, received: number, stamp: number): void {
    const [low, high] = [stamp - received, stamp - sent];
    if (this.#at !== null) {
      const drift = (received - this.#at) * DRIFT;
      const [oldLow, oldHigh] = [this.#low - drift, this.#high + drift];
      const contradicts = low > oldHigh || high < oldLow;
      if (!contradicts && high - low > oldHigh - oldLow) return;
    }
    this.#low = low;
    this.#high = high;
    this.#at = received;
  }

  /** @returns milliseconds since the server stamped it, at least 0; 0 without a sample */
  age(now: number, stamp: number): number {
    if (this.#at === null) return 0;
    return Math.max(0, now + (this.#low + this.#high) / 2 - stamp);
  }
}
