/**
 * The names of namespaces whose nsid is not known, in the order in which they came, for whoever
 * looks for the owner of an nsid. Names that got an nsid meanwhile, or are gone, are skipped, and
 * dropped when there are too many of them: the cost of an event does not grow with the number of
 * names.
 */
import type { NameRecord } from './namespace-record.ts';

/** How many names next to the one that was found last come first, on each side, at least. */
const NEIGHBOURS = 8;
/** How many of the oldest come after the first of the newest: who goes in order begins there. */
const OLDEST = 2;
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
   * The newest first; after some of them the oldest.
   * @param order before them, the neighbours of the name with this order: the next ones, then the
   *   ones before it; 0: none
   * @param reach how many neighbours on each side, if that is more than usual
   */
  *newestFirst(order: number, reach = 0): Generator<NameRecord, void> {
    const names = this.#names;
    // Most of those to be skipped stand at the end.
    while (names.length > 0 && !this.#isUnresolved(names.at(-1) as NameRecord)) names.pop();
    const middle = order === 0 ? 0 : after(names, order);
    const radius = order === 0 ? 0 : Math.max(NEIGHBOURS, reach);
    const first = Math.max(0, middle - radius);
    const last = Math.min(names.length, middle + radius);
    for (let at = middle; at < last; at++) {
      const name = names[at] as NameRecord;
      if (this.#isUnresolved(name)) yield name;
    }
    for (let at = middle - 1; at >= first; at--) {
      const name = names[at] as NameRecord;
      if (this.#isUnresolved(name)) yield name;
    }
    let newest = 0;
    let oldest = 0;
    for (let at = names.length - 1; at >= oldest; at--) {
      if (at >= first && at < last) continue;
      const name = names[at] as NameRecord;
      if (!this.#isUnresolved(name)) continue;
      yield name;
      if (++newest !== NEIGHBOURS) continue;
      for (; oldest < Math.min(OLDEST, at); oldest++) {
        if (oldest >= first && oldest < last) continue;
        const old = names[oldest] as NameRecord;
        if (this.#isUnresolved(old)) yield old;
      }
    }
  }
}

/** Where the names after one with this order begin. */
function after(names: readonly NameRecord[], order: number): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] as NameRecord).order <= order) low = middle + 1;
    else high = middle;
  }
  return low;
}
