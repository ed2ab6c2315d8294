/**
 * The last events as JSON, for clients that come back: bounded in number and in bytes. Events have
 * numbers in one row from 1 on. Whoever has all up to a number asks for those after it:
 *
 * | the number asked for                        | answer                      |
 * | ------------------------------------------- | --------------------------- |
 * | that of the last event                      | none: nothing has happened  |
 * | one before it, and all after it are kept    | those after it              |
 * | an older one: some of those after it are gone | null: begin with a snapshot |
 * | one that no event has had yet               | null: the same              |
 */

export interface RingLimits {
  /** How many events are kept, at most. */
  events: number;
  /** Of their JSON in UTF-8. */
  bytes: number;
}

export class EventRing {
  readonly #limits: RingLimits;
  #kept: string[] = [];
  /** Of {@link #kept}, each at its place. */
  #sizes: number[] = [];
  /** Index of the oldest that is kept: those before it are cut off in bulk. */
  #head = 0;
  #bytes = 0;
  #total = 0;
  #last = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** The number of the last event; 0: there was none. */
  get last(): number {
    return this.#last;
  }

  get size(): number {
    return this.#kept.length - this.#head;
  }

  /** Bytes of all that ever were. */
  get total(): number {
    return this.#total;
  }

  /** Whether half of it came after this number and these bytes: then it is time to send them. */
  isHalfNew(seq: number, total: number): boolean {
    const { events, bytes } = this.#limits;
    return (this.#last - seq) * 2 >= events || (this.#total - total) * 2 >= bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One event more. The last one is kept whatever its size. */
  push(json: string): number {
    const size = Buffer.byteLength(json);
    this.#kept.push(json);
    this.#sizes.push(size);
    this.#bytes += size;
    this.#total += size;
    const { events, bytes } = this.#limits;
    while (this.size > 1 && (this.size > events || this.#bytes > bytes)) this.#drop();
    return ++this.#last;
  }

  /** Whether every event after this number is kept. */
  has(seq: number): boolean {
    return seq <= this.#last && seq >= this.#last - this.size;
  }

  /**
   * The events after a number, oldest first, as far as these limits go, but at least one.
   * @returns null: some of them are not kept
   */
  after(seq: number, most: RingLimits): readonly string[] | null {
    if (!this.has(seq)) return null;
    const first = this.#kept.length - (this.#last - seq);
    let end = first;
    let bytes = 0;
    while (end < this.#kept.length && end - first < most.events) {
      bytes += this.#sizes[end] as number;
      if (end > first && bytes > most.bytes) break;
      end++;
    }
    return this.#kept.slice(first, end);
  }

  #drop(): void {
    this.#bytes -= this.#sizes[this.#head] as number;
    this.#kept[this.#head] = '';
    this.#head++;
    if (this.#head * 2 < this.#kept.length || this.#head < 64) return;
    this.#kept = this.#kept.slice(this.#head);
    this.#sizes = this.#sizes.slice(this.#head);
    this.#head = 0;
  }
}
