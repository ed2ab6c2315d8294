/**
 * The clock that the state machines go by, as an argument, so that tests can put their own in its
 * place.
 */

export interface Clock {
  /** Milliseconds that only grow, whatever is done to the time of day. */
  now(): number;
  /** Calls back once; does not keep the process alive. Returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** setTimeout takes no more than this, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, milliseconds), LONGEST));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
