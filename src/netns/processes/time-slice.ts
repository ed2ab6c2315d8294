/** Work in slices of time, between which the event loop has its turns. */
import { setImmediate } from 'node:timers/promises';

/** How long a slice may be, in milliseconds. */
const SLICE = 1.5;
/** How many steps are made between two looks at the clock: some microseconds each. */
const STEPS = 32;

export class TimeSlice {
  readonly #now: () => number;
  #steps = 0;
  #end: number;

  /** @param now milliseconds that only grow */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#end = now() + SLICE;
  }

  /** To be awaited before each step; mostly there is nothing to wait for. */
  next(): Promise<void> | undefined {
    return ++this.#steps % STEPS === 0 ? this.check() : undefined;
  }

  /** The same before a step that takes longer. */
  check(): Promise<void> | undefined {
    return this.#now() < this.#end ? undefined : this.#turn();
  }

  async #turn(): Promise<void> {
    await setImmediate();
    this.#end = this.#now() + SLICE;
  }
}
