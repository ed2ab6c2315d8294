/**
 * The clock of the state machines. It is passed as an argument, so that tests can use their own.
 */
import { INT_MAX } from '../../sys/limits.ts';

export interface Clock {
  /** Milliseconds that only grow, whatever happens to the time of day. */
  now(): number;
  /** Calls back once; does not keep the process alive. Returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  // Of what Node has, the clock that an idle program reads quickest: performance.now() takes five
  // times that.
  now: () => Number(process.hrtime.bigint()) / 1e6,
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, milliseconds), INT_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
