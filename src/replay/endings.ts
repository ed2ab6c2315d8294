/** What ended stays for a while, greyed, and then goes: all for the same time, so oldest first. */
import type { Box } from './box.ts';
import type { Ended } from './replay-types.ts';

/** Milliseconds. */
const ENDED_TIME = 10_000;

export interface Ending {
  box: Box;
  /** Null: the box itself. */
  link: string | null;
  /** Which end it was: it may have been back since. */
  ended: Ended;
}

export class Endings {
  readonly #all: (Ending & { due: number })[] = [];

  add(box: Box, link: string | null, ended: Ended, now: number): void {
    this.#all.push({ box, link, ended, due: now + ENDED_TIME });
  }

  /** When the next one goes; null: there is none. */
  get next(): number | null {
    return this.#all[0]?.due ?? null;
  }

  /** Those whose time is over. The clock may have been set back meanwhile. */
  take(now: number): Ending[] {
    const latest = now + ENDED_TIME;
    if ((this.#all.at(-1)?.due ?? 0) > latest)
      for (const one of this.#all) one.due = Math.min(one.due, latest);
    const first = this.#all.findIndex(({ due }) => due > now);
    return this.#all.splice(0, first < 0 ? this.#all.length : first);
  }
}
