/**
 * From what the replay comes to back to rows, as `/v1/events` has them: the names in their order,
 * and the links of each namespace by their indexes.
 */
import { encodeName } from '../core.ts';
import type { LinkRow, NamespaceRow, PageLink, PageName, PageNamespace } from '../core.ts';

/** What the replay passes over, by the namespace and the index of a link. */
export type FlagsOf = (namespace: PageNamespace, link: PageLink) => number | null;

type WireName = Pick<PageName, 'name' | 'path' | 'directory'>;

const RAW = /[\uDC80-\uDCFF]/u;

/** The bytes of a name that is not UTF-8, as the core tells them. */
const rawOf = (name: string): { rawName?: string } =>
  RAW.test(name) ? { rawName: encodeName(name).toString('hex') } : {};

export const located = ({ name, path, directory }: PageName): WireName => ({
  name,
  ...rawOf(name),
  path,
  directory,
});

export const namespaceRows = (all: readonly PageNamespace[]): NamespaceRow[] => all.flatMap(rowsOf);

function rowsOf(one: PageNamespace): NamespaceRow[] {
  const { names, own, nsid, identity: namespace, number, pids, owner, loOnly } = one;
  const { processes, lingering, linksState } = one;
  const which = { nsid, own, namespace };
  const inhabitants = { number, pids, loOnly, owner };
  const after = { processes, lingering, linksState };
  if (names.length === 0) return [{ name: null, ...which, ...inhabitants, ...after }];
  return names.map((name): NamespaceRow => {
    const where = located(name);
    if (name.ready) return Object.assign(where, { ready: true }, which, inhabitants, after);
    const reason = name.reason ?? 'not-a-namespace';
    return Object.assign(where, { ready: false, reason }, which, { number }, after);
  });
}

/** What tells the namespace of a link. */
export function whereOf(one: PageNamespace): object {
  const { label, number, nsid, own, identity, names, owner } = one;
  return { netns: label, number, nsid, own, namespace: identity, names: names.map(located), owner };
}

/**
 * @param numbers of the namespaces by their keys
 * @param masterName null: it has none, or it is not known
 */
export function linkFieldsOf(
  link: PageLink,
  numbers: ReadonlyMap<string, PageNamespace>,
  flags: number | null,
  masterName: string | null,
): object {
  const { ifindex, name, kind, state, up, mtu, address, altNames, alias, master, slaveKind } = link;
  const { peerState, details, peer } = link;
  const far = peer?.namespace ?? null;
  const number = far === null ? null : (numbers.get(far)?.number ?? null);
  return {
    ifindex,
    name,
    ...rawOf(name),
    kind,
    state,
    up,
    mtu,
    address,
    altNames,
    alias,
    master,
    slaveKind,
    peer: peer === null ? null : { netns: peer.label, number, ifindex: peer.ifindex, name: peer.name },
    peerState,
    flags,
    details,
    masterName,
  };
}

export function masterNameOf({ links }: PageNamespace, { master }: PageLink): string | null {
  if (master === null) return null;
  for (const { ifindex, name } of links.values()) if (ifindex === master) return name;
  return null;
}

export const linkRows = (all: ReadonlyMap<string, PageNamespace>, flagsOf: FlagsOf): LinkRow[] =>
  [...all.values()].flatMap(
    (one) =>
      [...one.links.values()].map((link) =>
        Object.assign(
          whereOf(one),
          { linksState: one.linksState ?? 'live' },
          linkFieldsOf(link, all, flagsOf(one, link), masterNameOf(one, link)),
        ),
      ) as LinkRow[],
  );
