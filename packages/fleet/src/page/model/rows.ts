/**
 * Where the boxes of hosts are in the list: folded ones side by side, an open one in a row of its
 * own. Only what is seen is drawn, so each row has to say how high it is. Pure.
 */

/** Pixels, as page.css has them. */
const SIZE = {
  card: 70,
  hit: 24,
  gap: 8,
  width: 270,
};
/** So many things that were found are told in the box of a host. */
export const MOST_HITS = 3;

export interface ListHost {
  readonly id: string;
  /** Of an open one, in pixels; null: it is folded. */
  readonly height: number | null;
  /** How many lines say what was found there. */
  readonly hits: number;
}

export interface ListRow {
  readonly top: number;
  readonly height: number;
  /** Places in the list of hosts: the first, and one after the last. */
  readonly from: number;
  readonly to: number;
}

export const columnsOf = (width: number): number =>
  Math.max(1, Math.floor((width + SIZE.gap) / (SIZE.width + SIZE.gap)));

export function rowsOf(hosts: readonly ListHost[], columns: number): ListRow[] {
  const rows: ListRow[] = [];
  let top = 0;
  let at = 0;
  const put = (to: number, height: number): void => {
    rows.push({ top, height, from: at, to });
    top += height + SIZE.gap;
    at = to;
  };
  while (at < hosts.length) {
    const { height } = hosts[at] as ListHost;
    if (height !== null) {
      put(at + 1, height);
      continue;
    }
    let to = at;
    let hits = 0;
    for (; to < hosts.length && to - at < columns && (hosts[to] as ListHost).height === null; to++)
      hits = Math.max(hits, (hosts[to] as ListHost).hits);
    put(to, SIZE.card + hits * SIZE.hit);
  }
  return rows;
}

export const heightOf = (rows: readonly ListRow[]): number => {
  const last = rows.at(-1);
  return last === undefined ? 0 : last.top + last.height;
};

/** The first row that ends below this. */
export function rowAt(rows: readonly ListRow[], top: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { top: start, height } = rows[middle] as ListRow;
    if (start + height < top) low = middle + 1;
    else high = middle;
  }
  return low;
}
