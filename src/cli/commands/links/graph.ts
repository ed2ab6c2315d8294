/**
 * The rows of `nlink links` as a graph: a box for each namespace, a node for each link in it, and
 * what leads from one to another. Only what has a row is drawn, and what these lead to in other
 * namespaces. Texts are escaped for people, not yet for a language.
 */
import { escaped } from '../../../format/escape.ts';
import { stateText } from '../../../format/link-text.ts';
import type { LinkNamespace, LinkPeer } from '../../../watch/links/link-types.ts';
import { keyOf } from '../../../watch/links/link-namespace-key.ts';
import { linkKey } from '../../../format/link-row.ts';
import type { LinkRow } from '../../../format/link-row.ts';
import type { LinkRows } from './rows.ts';

export interface Box {
  /** A word of letters and digits. */
  id: string;
  label: string;
  nodes: GraphNode[];
}

export interface GraphNode {
  /** As that of a box. */
  id: string;
  /** Lines; none for a node that stands for its box. */
  label: readonly string[];
  /** `working`: as far as one knows; `off`: not up; `outside`: it has no row. */
  look: 'working' | 'off' | 'outside';
}

/**
 * `pair`: both ends are alike. `lower`: it stands on the other. `master`: it is a port of the
 * other. `namespace`: it leads to that, and to no interface in it.
 */
export type EdgeKind = 'pair' | 'lower' | 'master' | 'namespace';

export interface Edge {
  from: string;
  to: string;
  kind: EdgeKind;
}

export interface Graph {
  boxes: Box[];
  edges: Edge[];
}

export function graphOf(found: LinkRows): Graph {
  return new GraphMaker(found).make();
}

class GraphMaker {
  readonly #found: LinkRows;
  readonly #boxes = new Map<string, Box>();
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, Edge>();
  /** Namespaces whose links have a row, unless they are left out on purpose. */
  readonly #listed: ReadonlySet<string>;

  constructor(found: LinkRows) {
    this.#found = found;
    const listed = found.entries.filter(({ linksState }) => linksState !== 'closed');
    this.#listed = new Set(listed.map(({ netns }) => keyOf(netns)));
  }

  make(): Graph {
    const { entries, rows } = this.#found;
    // One with a name was made on purpose, and has a box even if there is nothing in it.
    for (const { netns } of entries) if (netns.names.length > 0) this.#boxOf(netns);
    for (const row of rows) this.#addRow(row);
    for (const row of rows) this.#addEdges(row);
    return { boxes: [...this.#boxes.values()], edges: [...this.#edges.values()] };
  }

  #addRow({ entry: { netns }, link, known }: LinkRow): void {
    const { kind, peerState } = link;
    const state = known ? stateText(link) : null;
    const facts = [kind === null ? '' : escaped(kind), state === null || state === 'up' ? '' : state];
    const notes = known && peerState === 'unpaired' ? ['no other end'] : [];
    const label = [escaped(link.name), facts.filter(Boolean).join(', '), ...notes].filter(Boolean);
    const look = state === null || state === 'up' ? 'working' : 'off';
    this.#nodeOf(netns, link.ifindex > 0 ? link.ifindex : link.name, { label, look });
  }

  #addEdges({ entry: { netns }, link, known }: LinkRow): void {
    const from = this.#nodes.get(linkKey(netns, link.ifindex));
    if (!known || from === undefined) return;
    const { master, peer, peerState } = link;
    const port = master === null ? undefined : this.#nodes.get(linkKey(netns, master));
    if (port !== undefined) this.#addEdge(from, port, 'master');
    if (peer === null) return;
    const isSame = keyOf(peer.netns) === keyOf(netns);
    if (peer.ifindex === null) {
      // Into its own it leads nowhere.
      if (!isSame) this.#addEdge(from, this.#anchorOf(peer.netns), 'namespace');
      return;
    }
    const to = this.#farEnd(peer, peer.ifindex);
    const isPair = peerState === 'paired' || (peerState === 'closed' && isPairKind(link.kind));
    if (to !== null) this.#addEdge(from, to, isPair ? 'pair' : 'lower');
  }

  /** Null: it was left out. */
  #farEnd({ netns, name }: LinkPeer, ifindex: number): GraphNode | null {
    const known = this.#nodes.get(linkKey(netns, ifindex));
    if (known !== undefined) return known;
    if (this.#listed.has(keyOf(netns))) return null;
    return this.#nodeOf(netns, ifindex, { label: [escaped(name ?? `if${ifindex}`)], look: 'outside' });
  }

  #anchorOf(netns: LinkNamespace): GraphNode {
    const key = `${keyOf(netns)} anchor`;
    return this.#nodes.get(key) ?? this.#nodeOf(netns, 'anchor', { label: [], look: 'outside' });
  }

  #addEdge(from: GraphNode, to: GraphNode, kind: EdgeKind): void {
    const edge = { from: from.id, to: to.id, kind };
    // Both ends of a pair tell of it.
    const back = `${to.id} ${from.id} ${kind}`;
    if (kind === 'pair' && this.#edges.has(back)) return;
    this.#edges.set(`${from.id} ${to.id} ${kind}`, edge);
  }

  #nodeOf(netns: LinkNamespace, which: number | string, look: Omit<GraphNode, 'id'>): GraphNode {
    const box = this.#boxOf(netns);
    const node = { id: `${box.id}i${box.nodes.length}`, ...look };
    box.nodes.push(node);
    this.#nodes.set(`${keyOf(netns)} ${which}`, node);
    return node;
  }

  #boxOf(netns: LinkNamespace): Box {
    const key = keyOf(netns);
    const known = this.#boxes.get(key);
    if (known !== undefined) return known;
    const closed = this.#found.closed.has(key);
    const label = escaped(this.#found.labels.of(netns).text);
    const box = { id: `n${this.#boxes.size}`, label: closed ? `${label} (closed)` : label, nodes: [] };
    this.#boxes.set(key, box);
    return box;
  }
}

const isPairKind = (kind: string | null): boolean => kind === 'veth' || kind === 'netkit';
