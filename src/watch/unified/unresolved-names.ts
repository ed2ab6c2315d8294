/**
 * The names of namespaces whose id is not known, in the order in which they came, for those who
 * look for the one that has an id. Names that have got an id meanwhile, or are gone, are passed
 * over, and dropped when there are too many of them: what an event costs does not grow with the
 * number of names.
 */
import type { NameRecord } from './namespace-record.ts';

/** How many names beside the last one that was found come first, on each side. */
const BESIDE = 8;
/** How many may be kept that are to be passed over, beyond as many as the others. */
const SLACK = 64;

export class UnresolvedNames {
  /** Ascending by order. */
  #names: NameRecord[] = [];
  readonly #lacksId: (name: NameRecord) => boolean;

  /** @param lacksId whether a name is there, and its namespace's id is not known */
  constructor(lacksId: (name: NameRecord) => boolean) {
    this.#lacksId = lacksId;
  }

  /** @param total how many names there are, with those that have an id */
  add(name: NameRecord, total: number): void {
    if (this.#names.length > 2 * total + SLACK) this.#names = this.#names.filter(this.#lacksId);
    this.#names.push(name);
  }

  /** Starts anew with these. */
  reset(names: Iterable<NameRecord>): void {
    this.#names = [...names].filter(this.#lacksId).sort((a, b) => a.order - b.order);
  }

  /**
   * The newest first.
   * @param place before them, those beside the name with this order, the next ones first
   */
  *newestFirst(place: number): Generator<NameRecord, void> {
    const names = this.#names;
    // Those that are to be passed over mostly stand at the end.
    while (names.length > 0 && !this.#lacksId(names.at(-1) as NameRecord)) names.pop();
    const near = place === 0 ? [] : this.#beside(names, place);
    yield* near;
    for (let at = names.length - 1; at >= 0; at--) {
      const name = names[at] as NameRecord;
      if (this.#lacksId(name) && !near.includes(name)) yield name;
    }
  }

  #beside(names: readonly NameRecord[], place: number): NameRecord[] {
    let [low, high] = [0, names.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((names[middle] as NameRecord).order <= place) low = middle + 1;
      else high = middle;
    }
    const after = names.slice(low, low + BESIDE);
    const before = names.slice(Math.max(0, low - BESIDE), low).reverse();
    return [...after, ...before].filter(this.#lacksId);
  }
}
