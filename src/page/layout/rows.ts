/**
 * The rows of a box: its buses, each with its ports below it, then its other links, by index. What
 * finds no room is one row `+12`. `lo` has a row only where nothing else is.
 */
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';
import type { Row } from './scene-types.ts';

const BUS_KINDS: ReadonlySet<string | null> = new Set(['bridge', 'bond', 'team', 'vrf']);
/** As deep as buses stand below one another: a bond in a bridge, in a vrf. */
const DEEPEST = 4;

export interface Room {
  /** Of all rows. */
  readonly rows: number;
  /** Of the ports of one bus. */
  readonly ports: number;
}

export interface Rows {
  readonly rows: readonly Row[];
  readonly rowOf: ReadonlyMap<string, number>;
  /** Links for which there is not even a row `+12`: where there is room for one. */
  readonly hidden: number;
}

export const isLoopback = (link: PageLink): boolean => link.name === 'lo';

export function rowsOf(namespace: PageNamespace, room: Room): Rows {
  const all = [...namespace.links.values()];
  const links = all.some((link) => !isLoopback(link)) ? all.filter((link) => !isLoopback(link)) : all;
  const ports = portsOf(links);
  if (ports.size === 0 && !links.some(({ kind }) => BUS_KINDS.has(kind)))
    return cut(links.map(plainRow), room.rows);
  const found: Entry[] = [];
  const seen = new Set<PageLink>();
  const add = (link: PageLink, depth: number): void => {
    if (seen.has(link)) return;
    seen.add(link);
    const own = link.ifindex === null ? undefined : ports.get(link.ifindex);
    const isBus = own !== undefined || BUS_KINDS.has(link.kind);
    found.push({ row: { what: 'link', link, depth, ports: isBus ? (own?.length ?? 0) : null }, hides: [] });
    if (own === undefined || depth >= DEEPEST) return;
    const most = own.length > room.ports ? room.ports - 1 : own.length;
    for (const port of own.slice(0, most)) add(port, depth + 1);
    const hides = own.slice(most).filter((port) => !seen.has(port));
    for (const port of hides) seen.add(port);
    if (hides.length > 0) found.push({ row: { what: 'more', count: hides.length, depth: depth + 1 }, hides });
  };
  const isBus = (link: PageLink): boolean =>
    BUS_KINDS.has(link.kind) || (link.ifindex !== null && ports.has(link.ifindex));
  const indexes = new Set(links.map(({ ifindex }) => ifindex));
  const isPort = ({ master }: PageLink): boolean => master !== null && indexes.has(master);
  for (const link of links) if (isBus(link) && !isPort(link)) add(link, 0);
  for (const link of links) add(link, 0);
  return cut(found, room.rows);
}

interface Entry {
  readonly row: Row;
  /** What a row `+12` stands for. */
  readonly hides: readonly PageLink[];
}

const plainRow = (link: PageLink): Entry => ({
  row: { what: 'link', link, depth: 0, ports: null },
  hides: [],
});

function portsOf(links: readonly PageLink[]): Map<number, PageLink[]> {
  const ports = new Map<number, PageLink[]>();
  for (const link of links) {
    if (link.master === null) continue;
    const known = ports.get(link.master);
    if (known === undefined) ports.set(link.master, [link]);
    else known.push(link);
  }
  return ports;
}

/** As many as there is room for. */
function cut(entries: readonly Entry[], most: number): Rows {
  const rows: Row[] = [];
  const rowOf = new Map<string, number>();
  const shown = entries.length > most ? Math.max(most - 1, 1) : entries.length;
  for (const { row, hides } of entries.slice(0, shown)) {
    if (row.what === 'link') rowOf.set(row.link.key, rows.length);
    for (const link of hides) rowOf.set(link.key, rows.length);
    rows.push(row);
  }
  let count = 0;
  for (const { row, hides } of entries.slice(shown)) {
    count += row.what === 'link' ? 1 : row.count;
    for (const link of row.what === 'link' ? [row.link] : hides) rowOf.set(link.key, rows.length);
  }
  if (count === 0 || rows.length < most) {
    if (count > 0) rows.push({ what: 'more', count, depth: 0 });
    return { rows, rowOf, hidden: 0 };
  }
  for (const [key, row] of rowOf) rowOf.set(key, Math.min(row, rows.length - 1));
  return { rows, rowOf, hidden: count };
}
