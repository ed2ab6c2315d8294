/** A link with its namespace, and what else is known of it: what `nlink links` has a row for. */
import type { LinkStatistics } from '../netlink/link-message.ts';
import type { Link, LinkNamespace, LinksState } from '../watch/links/link-types.ts';
import { keyOf } from '../watch/links/link-namespace-key.ts';
import type { InventoryEntry } from '../watch/unified/unified-events.ts';
import { linkFields, linkNamespaceFields } from './link-fields.ts';
import type { LabelOf } from './link-text.ts';

/** A namespace and what is in it. */
export interface LinksEntry {
  netns: LinkNamespace;
  linksState: LinksState;
  /** By their indexes; all but those tunnels. */
  links: readonly Link[];
  /** By ifindex; null: they were not asked for, or may not be read. */
  statistics: ReadonlyMap<number, LinkStatistics> | null;
  /** By ifindex, as `10.0.0.2/24`; null: they were not asked for, or may not be read. */
  addresses: ReadonlyMap<number, readonly string[]> | null;
}

export const linksOf = (entry: InventoryEntry): readonly Link[] => entry.links ?? [];

export interface LinkRow {
  entry: LinksEntry;
  link: Link;
  /** Whether more is known of it than its name. */
  known: boolean;
  /** Of its master, which may have no row; null: it has none, or it is not known. */
  masterName: string | null;
  /** Null: not asked for, or not known. */
  statistics: LinkStatistics | null;
}

export function linkRow(entry: LinksEntry, link: Link): LinkRow {
  const { links, statistics, linksState } = entry;
  const { ifindex, master } = link;
  const found = master === null ? undefined : links.find((other) => other.ifindex === master);
  return {
    entry,
    link,
    known: linksState !== 'limited',
    masterName: found?.name ?? null,
    statistics: statistics?.get(ifindex) ?? null,
  };
}

/**
 * As an object of `nlink links --json`, without counters. Spread into a literal, so many fields
 * cost V8 four times as much.
 */
export function rowFields({ entry, link, known, masterName }: LinkRow, labelOf: LabelOf): object {
  const { netns, linksState } = entry;
  const fields = linkFields(link, labelOf, known);
  return Object.assign(linkNamespaceFields(netns, labelOf), { linksState }, fields, { masterName });
}

/** Tells links of all namespaces apart. */
export const linkKey = (netns: LinksEntry['netns'], ifindex: number): string => `${keyOf(netns)} ${ifindex}`;

/** What it takes to see all links. */
export const LINK_RIGHTS = 'CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_BROADCAST, such as root on the host has';
