/**
 * When the next snapshot is due, of those that nothing is lost before:
 *
 * | why                                                 | when                               |
 * | --------------------------------------------------- | ---------------------------------- |
 * | the last one is 8-10 minutes old                    | then: deltas are kept for 10       |
 * | a reader asks this host                             | at once                            |
 * | a reader asks all hosts                             | within 2 s, by chance              |
 * | the store is another than it was                    | at once                            |
 * | since the last one came more than twice its size    | 10 s after the last one            |
 *
 * None comes within 2 s of the last, however many ask.
 */
const PERIOD = 600_000;
const SPACING = 2000;
const ALL_WITHIN = 2000;
const GROWTH_SPACING = 10_000;
const LEAST_GROWTH = 262_144;

export class SnapshotDue {
  readonly #random: () => number;
  /** When the last one was kept. */
  #last = -Infinity;
  #period = 0;
  #asked = Infinity;
  /** Bytes of events that make it worth while to begin anew. */
  #mostTotal = Infinity;

  constructor(random: () => number) {
    this.#random = random;
  }

  get isAsked(): boolean {
    return this.#asked < Infinity;
  }

  /** None earlier than this. */
  get earliest(): number {
    return this.#last + SPACING;
  }

  /** @param total bytes of all events so far */
  at(total: number): number {
    const grown = total > this.#mostTotal ? this.#last + GROWTH_SPACING : Infinity;
    return Math.max(Math.min(this.#asked, this.#period, grown), this.earliest);
  }

  ask(now: number, isAll: boolean): void {
    this.#asked = Math.min(this.#asked, isAll ? now + ALL_WITHIN * this.#random() : now);
  }

  /** One is made now: who has asked until now is answered by it. */
  made(): void {
    this.#asked = Infinity;
  }

  /** @param total bytes of all events when it was made; @param size of its JSON */
  kept(now: number, total: number, size: number): void {
    this.#last = now;
    this.#period = now + PERIOD * (1 - 0.2 * this.#random());
    this.#mostTotal = total + Math.max(LEAST_GROWTH, 2 * size);
  }
}
