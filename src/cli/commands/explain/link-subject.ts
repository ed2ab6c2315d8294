/** The link that `nlink explain` is about, and all that stands in a relation to it. */
import type { Link } from '../../../watch/links/link-types.ts';
import { suggest } from '../../args/suggest.ts';
import type { LinksEntry } from '../../../format/link-row.ts';
import { codedError } from '../../output/coded-error.ts';
import { shown } from '../../../format/escape.ts';
import { NamespaceLabels } from '../../../format/link-labels.ts';
import { keyOf } from '../../../watch/links/link-namespace-key.ts';
import { LINK_RIGHTS, linkKey, linkRow } from '../../../format/link-row.ts';
import type { LinkRow } from '../../../format/link-row.ts';

export interface LinkSubject {
  row: LinkRow;
  /** Where it leads; null: nowhere, or it may not be looked at. */
  far: LinkRow | null;
  /** In its namespace; null: it has none. */
  master: LinkRow | null;
  /** What it is the master of. */
  ports: readonly LinkRow[];
  /** What stands on it, wherever that is. */
  carried: readonly LinkRow[];
  labels: NamespaceLabels;
}

/** @throws Error `ENOENT`: there is no such link; `EACCES`: its namespace may not be looked into */
export function linkSubjectOf(
  name: string,
  entry: LinksEntry,
  all: readonly LinksEntry[],
  directory: string,
): LinkSubject {
  const labels = labelsOf(all, directory);
  const link = linkIn(entry, name, labels);
  const rows = all.flatMap((each) => each.links.map((other) => linkRow(each, other)));
  const byKey = new Map(rows.map((row) => [linkKey(row.entry.netns, row.link.ifindex), row]));
  const { peer, master, ifindex } = link;
  const at = (end: Link['peer']): LinkRow | null =>
    end === null || end.ifindex === null ? null : (byKey.get(linkKey(end.netns, end.ifindex)) ?? null);
  const own = linkKey(entry.netns, ifindex);
  return {
    row: linkRow(entry, link),
    far: at(peer),
    master: master === null ? null : (byKey.get(linkKey(entry.netns, master)) ?? null),
    ports: rows.filter((row) => row.link.master === ifindex && keyOf(row.entry.netns) === keyOf(entry.netns)),
    carried: rows.filter(({ link: { peer: lower, peerState } }) => {
      if (peerState !== 'one-sided' || lower === null || lower.ifindex === null) return false;
      return linkKey(lower.netns, lower.ifindex) === own;
    }),
    labels,
  };
}

/** Also of namespaces that are known by a link alone. */
export function labelsOf(all: readonly LinksEntry[], directory: string): NamespaceLabels {
  const ends = all.flatMap(({ links }) => links.flatMap(({ peer }) => (peer === null ? [] : [peer.netns])));
  return new NamespaceLabels([...all.map(({ netns }) => netns), ...ends], directory);
}

function linkIn({ netns, links, linksState }: LinksEntry, name: string, labels: NamespaceLabels): Link {
  const found =
    links.find((link) => link.name === name) ?? links.find(({ altNames }) => altNames.includes(name));
  if (found !== undefined) return found;
  const where = labels.of(netns).shown;
  if (linksState === 'closed')
    throw codedError('EACCES', `the links of ${where} may not be looked at: that requires ${LINK_RIGHTS}`);
  const near = suggest(
    name,
    links.flatMap((link) => [link.name, ...link.altNames]),
  );
  const hint = near === null ? '' : `; did you mean ${shown(near)}?`;
  throw codedError('ENODEV', `no link ${shown(name)} in ${where}${hint}`);
}
