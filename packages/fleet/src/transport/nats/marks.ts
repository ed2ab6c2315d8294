/**
 * The markers of one lane: which are out, who waits for which, and what their numbers tell. Pure.
 *
 * A marker answers for all that was kept before it was published. So one that was published before
 * a reading was open says nothing of that reading, and one from before somebody asked says nothing
 * to them.
 */

interface Waiter {
  /** The first marker that answers. */
  from: number;
  done: () => void;
}

export interface Returned {
  /** It was published after the reading was opened. */
  isFresh: boolean;
  /** It is the first one that is. The next that is fresh was published after it came back. */
  isFirst: boolean;
  /** When it was published. Null: not known any more. */
  sent: number | null;
  done: readonly (() => void)[];
}

export class Marks {
  /** Numbers go on over all readings: a late one of an earlier reading is known as such. */
  #last = 0;
  #fresh = 1;
  /** One of this reading has come back. */
  #wasBack = false;
  readonly #out = new Map<number, number>();
  /** In the order in which they are answered. */
  #waiters: Waiter[] = [];

  /** One of this reading has not come back. */
  get isOut(): boolean {
    return this.#out.size > 0;
  }

  /** Somebody waits for one that has not been published. */
  get isWanted(): boolean {
    return (this.#waiters.at(-1)?.from ?? 0) > this.#last;
  }

  opened(): void {
    this.#fresh = this.#last + 1;
    this.#wasBack = false;
    this.#out.clear();
  }

  next(now: number): number {
    this.#out.set(++this.#last, now);
    return this.#last;
  }

  wait(done: () => void): void {
    this.#waiters.push({ from: this.#last + 1, done });
  }

  returned(number: number): Returned {
    const sent = this.#out.get(number) ?? null;
    // Those before it are told already, or lost.
    for (const earlier of this.#out.keys()) if (earlier <= number) this.#out.delete(earlier);
    const first = this.#waiters.findIndex(({ from }) => from > number);
    const answered = first < 0 ? this.#waiters : this.#waiters.slice(0, first);
    this.#waiters = first < 0 ? [] : this.#waiters.slice(first);
    const done = answered.map((waiter) => waiter.done);
    const isFresh = number >= this.#fresh;
    const isFirst = isFresh && !this.#wasBack;
    if (isFirst) {
      this.#wasBack = true;
      this.#fresh = this.#last + 1;
    }
    return { isFresh, isFirst, sent, done };
  }

  /** The reading is lost, and with it all that are out. */
  drop(): void {
    this.#out.clear();
    this.#waiters = [];
  }
}
