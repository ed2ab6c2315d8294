/**
 * A graph of namespaces and their links as plain data, whoever gives it: a watcher, or a full read.
 * And how two of them differ.
 */

/** Where a link leads. Null: the kernel, or the graph, does not say. */
export interface ViewedPeer {
  netns: string | null;
  ifindex: number | null;
  name: string | null;
}

export interface ViewedLink {
  /** The label of its namespace: what its marker is called (`MARKER`). */
  netns: string;
  ifindex: number;
  name: string;
  kind: string | null;
  /** Operational state, in the words of `LinkOperState`. */
  state: string;
  up: boolean;
  mtu: number;
  master: number | null;
  /** Sorted. */
  altNames: string[];
  peer: ViewedPeer | null;
}

export interface GraphView {
  links(): ViewedLink[];
}

/** Each namespace holds a bridge of this name and its label: it can be found without a path. */
export const MARKER = 'id-';

/** What tunnel modules put into every namespace: left out while down (`LinkOptions`). */
const FALLBACK_TUNNELS: ReadonlySet<string> = new Set([
  'gre0',
  'gretap0',
  'erspan0',
  'tunl0',
  'sit0',
  'ip6tnl0',
  'ip6gre0',
  'ip_vti0',
  'ip6_vti0',
]);

const isLeftOut = ({ name, up }: ViewedLink): boolean => FALLBACK_TUNNELS.has(name) && !up;

const spell = ({ peer, altNames, up, ...rest }: ViewedLink): string => {
  const { netns, ifindex, name, kind, state, mtu, master } = rest;
  // What becomes of the altnames of an interface that is down, the kernel announces to nobody
  // (`netdev_state_change` in net/core/dev.c).
  const alt = up ? ` also ${altNames.join(' ')}` : '';
  const far = peer === null ? 'none' : `${peer.netns}:${peer.ifindex}:${peer.name}`;
  const flags = `${up ? 'up' : 'set down'} ${state} mtu ${mtu} in ${master}`;
  return `${netns}:${ifindex}:${name} ${kind} ${flags}${alt} -> ${far}`;
};

const byKey = (links: readonly ViewedLink[]): Map<string, string> =>
  new Map(
    links
      .filter((link) => !isLeftOut(link))
      .map((link) => [`${link.netns}:${link.ifindex}`, spell(link)] as const),
  );

/**
 * How a graph differs from the truth, link by link. Empty: not at all.
 * @param required namespaces that must be in it; others may be, and are to be right then
 */
export function differences(
  truth: readonly ViewedLink[],
  seen: GraphView,
  required: ReadonlySet<string>,
): string[] {
  const wanted = byKey(truth);
  const links = seen.links();
  const found = byKey(links);
  const shown = new Set(links.map(({ netns }) => netns));
  const wrong: string[] = [];
  for (const [key, line] of wanted) {
    const netns = key.slice(0, key.lastIndexOf(':'));
    const other = found.get(key);
    if (other === undefined && !required.has(netns) && !shown.has(netns)) continue;
    if (other !== line) wrong.push(`is    ${line}\n      told  ${other ?? 'nothing'}`);
  }
  for (const [key, line] of found) if (!wanted.has(key)) wrong.push(`is    nothing\n      told  ${line}`);
  return wrong;
}

/** Namespaces that links lead to from these, and those that links lead to from there. */
export function reachable(roots: Iterable<string>, links: readonly ViewedLink[]): Set<string> {
  const found = new Set(roots);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { netns, peer } of links)
      if (found.has(netns) && typeof peer?.netns === 'string') found.add(peer.netns);
  }
  return found;
}
