/**
 * The clock that the state machines go by, as an argument, so that tests can put their own in its
 * place.
 */
import { INT_MAX } from '../../sys/limits.ts';

export interface Clock {
  /** Milliseconds that only grow, whatever is done to the time of day. */
  now(): number;
  /** Calls back once; does not keep the process alive. Returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, milliseconds), INT_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
