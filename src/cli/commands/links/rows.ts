/** Which links `nlink links` prints, and what their namespaces are called. */
import type { Matcher } from '../../../reference/glob.ts';
import type { Link } from '../../../watch/links/link-types.ts';
import type { LinksEntry } from '../../../format/link-row.ts';
import { linkRow } from '../../../format/link-row.ts';
import type { LinkRow } from '../../../format/link-row.ts';
import { NamespaceLabels } from '../../../format/link-labels.ts';
import { keyOf } from '../../../watch/links/link-namespace-key.ts';

/** What is left out, and nothing else. */
export interface LinkFilter {
  /** Which names of namespaces are wanted, and nothing without a name; null: all. */
  namespaces: Matcher | null;
  /** Whether `lo` is wanted. */
  lo: boolean;
  excludeKinds: ReadonlySet<string>;
  excludeNames: Matcher | null;
}

export interface LinkRows {
  /** Those with a wanted name, or all. */
  entries: readonly LinksEntry[];
  /** Of those that may not be looked into, wanted or not. */
  closed: ReadonlySet<string>;
  /** In their order. */
  rows: readonly LinkRow[];
  /** How many links there are in these that have no row. */
  leftOut: number;
  labels: NamespaceLabels;
}

/** As `nlink list` has them: those with a name, one's own, others. */
const rankOf = ({ netns: { names, own } }: LinksEntry): number => (names.length > 0 ? 0 : own ? 1 : 2);

/** @param directory a name in it stands alone */
export function rowsOf(all: readonly LinksEntry[], filter: LinkFilter, directory: string): LinkRows {
  const entries = all
    .filter(({ netns }) => isWanted(netns.names, filter))
    .sort((a, b) => rankOf(a) - rankOf(b));
  const rows: LinkRow[] = [];
  let leftOut = 0;
  for (const entry of entries)
    for (const link of [...entry.links].sort((a, b) => a.ifindex - b.ifindex)) {
      if (isLeftOut(link, filter)) leftOut++;
      else rows.push(linkRow(entry, link));
    }
  const ends = rows.flatMap(({ link: { peer } }) => (peer === null ? [] : [peer.netns]));
  const labels = new NamespaceLabels([...all.map(({ netns }) => netns), ...ends], directory);
  const closed = all.filter(({ linksState }) => linksState === 'closed').map(({ netns }) => keyOf(netns));
  return { entries, closed: new Set(closed), rows, leftOut, labels };
}

const isWanted = (names: readonly { name: string }[], { namespaces }: LinkFilter): boolean =>
  namespaces === null || names.some(({ name }) => namespaces(name));

function isLeftOut({ name, kind }: Link, { lo, excludeKinds, excludeNames }: LinkFilter): boolean {
  if (name === 'lo' && !lo) return true;
  return (kind !== null && excludeKinds.has(kind)) || excludeNames?.(name) === true;
}
