/**
 * The names of namespaces whose nsid is not known, in the order in which they came, for whoever
 * looks for the owner of an nsid. Names that got an nsid meanwhile, or are gone, are skipped, and
 * dropped when there are too many of them: the cost of an event does not grow with the number of
 * names.
 */
import type { NameRecord } from './namespace-record.ts';

/** How many names next to the one that was found last come first, on each side. */
const NEIGHBOURS = 8;
/** How many names may be kept that are to be skipped, beyond twice the number of all names. */
const COMPACT_THRESHOLD = 64;

export class UnresolvedNames {
  /** Ascending by order. */
  #names: NameRecord[] = [];
  readonly #isUnresolved: (name: NameRecord) => boolean;

  /** @param isUnresolved whether a name is there, and the nsid of its namespace is not known */
  constructor(isUnresolved: (name: NameRecord) => boolean) {
    this.#isUnresolved = isUnresolved;
  }

  /** @param total how many names there are, with those whose nsid is known */
  add(name: NameRecord, total: number): void {
    if (this.#names.length > 2 * total + COMPACT_THRESHOLD)
      this.#names = this.#names.filter(this.#isUnresolved);
    this.#names.push(name);
  }

  /** Starts again with these. */
  reset(names: Iterable<NameRecord>): void {
    this.#names = [...names].filter(this.#isUnresolved).sort((a, b) => a.order - b.order);
  }

  /**
   * The newest first.
   * @param order before them, the neighbours of the name with this order: the next ones, then the
   *   ones before it; 0: none
   */
  *newestFirst(order: number): Generator<NameRecord, void> {
    const names = this.#names;
    // Most of those to be skipped stand at the end.
    while (names.length > 0 && !this.#isUnresolved(names.at(-1) as NameRecord)) names.pop();
    const neighbours = order === 0 ? [] : this.#neighbours(names, order);
    yield* neighbours;
    for (let at = names.length - 1; at >= 0; at--) {
      const name = names[at] as NameRecord;
      if (this.#isUnresolved(name) && !neighbours.includes(name)) yield name;
    }
  }

  #neighbours(names: readonly NameRecord[], order: number): NameRecord[] {
    let [low, high] = [0, names.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((names[middle] as NameRecord).order <= order) low = middle + 1;
      else high = middle;
    }
    const after = names.slice(low, low + NEIGHBOURS);
    const before = names.slice(Math.max(0, low - NEIGHBOURS), low).reverse();
    return [...after, ...before].filter(this.#isUnresolved);
  }
}
