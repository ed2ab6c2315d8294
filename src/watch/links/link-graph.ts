/**
 * The links of all namespaces, as far as they were asked for, and which lead to which. Answers of
 * the kernel come in; what has to be asked next, and what may have become different, come out.
 *
 * A namespace:
 *
 * | state  | means                       | next                                      |
 * | ------ | --------------------------- | ----------------------------------------- |
 * | unread | its links are to be read    | live: read; closed: may not be (`EACCES`) |
 * | live   | its links are known         | unread: events were lost                  |
 * | closed | nobody looks into it        | -                                         |
 * | gone   | it died: with it, all in it | -                                         |
 *
 * A link, by its index in its namespace; an index is used again, so that each life is a node of its
 * own:
 *
 * | node     | fact                                       | then                               |
 * | -------- | ------------------------------------------ | ---------------------------------- |
 * | -        | an answer has it                           | known                              |
 * | known    | an answer has it                           | known                              |
 * | known    | RTM_DELLINK; ENODEV; not in a list         | departed                           |
 * | known    | its namespace died                         | departed                           |
 * | departed | one that has arrived elsewhere is the same | departed, and the other one's past |
 *
 * Whenever what a link leads to may be different, both are asked again: the kernel tells nobody of
 * a far end that has moved while it was down. So these become dirty: the former far end of a link
 * that leads elsewhere; of one that departs, its far end and all that lead to it; and both ends of
 * a pair, unless both lead to each other (link-refresh.ts).
 */
import type { LinkMessage } from '../../netlink/link-message.ts';
import { leadOf, needsHistory } from './leads.ts';
import { GraphNamespace, LinkNode } from './link-node.ts';
import type { Arrival, Target } from './link-node.ts';

const UNSEEN: Arrival = { birthplace: null, past: null };

export class LinkGraph {
  /** By nsid. */
  readonly namespaces: Map<number, GraphNamespace> = new Map();
  /** Those to be read. */
  readonly unread: Set<GraphNamespace> = new Set();
  /** Those with links that are to be asked for. */
  readonly withDirty: Set<GraphNamespace> = new Set();
  /** Links of which something may be different. */
  readonly touched: Set<LinkNode> = new Set();
  /** Links that departed, and were told of. */
  readonly departed: Set<LinkNode> = new Set();
  /** What is known of a link that was found, and whose arrival was not heard. */
  onUnheard: (namespace: GraphNamespace, facts: LinkMessage) => Arrival | null = () => null;
  readonly #discover: (nsid: number) => GraphNamespace;

  /** @param discover called when a link leads to a namespace that is not in the graph */
  constructor(discover: (nsid: number) => GraphNamespace) {
    this.#discover = discover;
  }

  /** A namespace can be asked for by this nsid. */
  add(nsid: number, number: number | null): GraphNamespace {
    const known = this.namespaces.get(nsid);
    if (known !== undefined) return known;
    const namespace = new GraphNamespace(nsid, number);
    this.namespaces.set(nsid, namespace);
    this.unread.add(namespace);
    return namespace;
  }

  /** It died. What led there is asked again. */
  gone(namespace: GraphNamespace): void {
    if (namespace.state === 'gone') return;
    namespace.state = 'gone';
    this.namespaces.delete(namespace.nsid);
    this.unread.delete(namespace);
    this.withDirty.delete(namespace);
    for (const node of namespace.links.values()) this.depart(node);
    const pointing = Array.from(namespace.pointedAt.values(), (nodes) => Array.from(nodes));
    for (const nodes of pointing)
      for (const node of nodes) {
        if (node.lead.to === 'birthplace') this.#orphan(node);
        this.touched.add(node);
        this.markDirty(node.namespace, node.ifindex);
      }
  }

  /** It is dying: nothing in it can be asked for any more. */
  empty(namespace: GraphNamespace): void {
    if (namespace.state === 'gone') return;
    namespace.state = 'live';
    this.unread.delete(namespace);
    this.withDirty.delete(namespace);
    namespace.dirty.clear();
    for (const node of namespace.links.values()) this.depart(node);
    this.#touchAllPointing(namespace);
  }

  /** It may not be looked into. */
  close(namespace: GraphNamespace): void {
    if (namespace.state === 'gone') return;
    namespace.state = 'closed';
    this.unread.delete(namespace);
    this.withDirty.delete(namespace);
    for (const node of namespace.links.values()) this.depart(node);
    this.#touchAllPointing(namespace);
  }

  /** All that is known may be wrong. */
  doubtAll(): void {
    for (const namespace of this.namespaces.values()) this.unread.add(namespace);
  }

  /** A link is to be asked for, unless all of its namespace are. */
  markDirty(namespace: GraphNamespace, ifindex: number): void {
    if (namespace.state !== 'live' || this.unread.has(namespace)) return;
    namespace.dirty.add(ifindex);
    this.withDirty.add(namespace);
  }

  /** The answer for all links of a namespace. */
  takeAll(namespace: GraphNamespace, all: readonly LinkMessage[]): void {
    if (namespace.state === 'gone') return;
    this.unread.delete(namespace);
    this.withDirty.delete(namespace);
    namespace.dirty.clear();
    const wasLive = namespace.state === 'live';
    namespace.state = 'live';
    const missing = new Set(namespace.links.keys());
    for (const facts of all) {
      missing.delete(facts.ifindex);
      this.#take(namespace, facts);
    }
    for (const ifindex of missing) this.depart(namespace.links.get(ifindex) as LinkNode);
    namespace.arrivals.clear();
    // They were told of as leading to a namespace that was not known.
    if (!wasLive) this.#touchAllPointing(namespace);
  }

  /** The answer for one link. @param facts null: there is none with this index */
  take(namespace: GraphNamespace, ifindex: number, facts: LinkMessage | null): void {
    if (namespace.state === 'gone') return;
    if (facts !== null) this.#take(namespace, facts);
    else {
      const node = namespace.links.get(ifindex);
      if (node !== undefined) {
        this.depart(node);
        node.isEndHeard = false;
      }
    }
    namespace.arrivals.delete(ifindex);
  }

  /** It is known now what a link was, which has not been told of yet. */
  adopt(node: LinkNode, { birthplace, past }: Arrival): void {
    node.past = past;
    node.birthplace = birthplace;
    node.lead = leadOf(node.facts, birthplace);
    this.#point(node, this.#targetOf(node));
    this.touched.add(node);
  }

  /** It is not there any more. */
  depart(node: LinkNode): void {
    const { namespace, ifindex } = node;
    if (node.isDeparted) return;
    node.isDeparted = true;
    namespace.links.delete(ifindex);
    // One that takes its index is announced.
    namespace.dirty.delete(ifindex);
    this.touched.delete(node);
    if (node.published !== null) this.departed.add(node);
    this.#markTarget(node.target);
    this.#point(node, null);
    for (const other of Array.from(namespace.pointedAt.get(ifindex) ?? [])) {
      if (namespace.state === 'live' && needsHistory(other.facts.kind)) this.#forget(other);
      this.touched.add(other);
      this.markDirty(other.namespace, other.ifindex);
    }
  }

  /** The link that a target means, if it is known. */
  nodeAt({ namespace, ifindex }: Target): LinkNode | undefined {
    return ifindex === null ? undefined : namespace.links.get(ifindex);
  }

  #take(namespace: GraphNamespace, facts: LinkMessage): void {
    const { ifindex } = facts;
    let node = namespace.links.get(ifindex);
    const isNew = node === undefined;
    const isRenamed = node !== undefined && node.facts.name !== facts.name;
    if (node === undefined) {
      const arrival = namespace.arrivals.get(ifindex) ?? this.onUnheard(namespace, facts);
      node = new LinkNode(namespace, facts, arrival ?? UNSEEN);
      namespace.links.set(ifindex, node);
    } else {
      node.facts = facts;
      node.lead = leadOf(facts, node.birthplace);
    }
    this.touched.add(node);
    const before = node.target;
    const after = this.#targetOf(node);
    if (!isSameTarget(before, after)) {
      node.isRetried = false;
      this.#point(node, after);
      this.#markTarget(before);
    }
    if (isNew || isRenamed)
      for (const other of namespace.pointedAt.get(ifindex) ?? []) this.touched.add(other);
  }

  /** Its lower device has moved, or it dies with it in a moment: nobody tells. */
  #forget(node: LinkNode): void {
    node.birthplace = null;
    node.lead = leadOf(node.facts, node.birthplace);
    this.#point(node, this.#targetOf(node));
  }

  /** Where it was made died, and with it all that it sent by. */
  #orphan(node: LinkNode): void {
    node.birthplace = 'gone';
    node.lead = leadOf(node.facts, node.birthplace);
    this.#point(node, null);
    this.touched.add(node);
  }

  #markTarget(target: Target | null): void {
    if (target !== null && target.ifindex !== null) this.markDirty(target.namespace, target.ifindex);
  }

  #targetOf({ namespace, lead }: LinkNode): Target | null {
    if (lead.to === 'birthplace') return lead;
    if (lead.to !== 'end' && lead.to !== 'lower') return null;
    const { nsid, ifindex } = lead;
    const there = nsid === null ? namespace : (this.namespaces.get(nsid) ?? this.#discover(nsid));
    return { namespace: there, ifindex };
  }

  #point(node: LinkNode, target: Target | null): void {
    const before = node.target;
    if (before !== null) {
      const index = before.ifindex ?? 0;
      const { pointedAt } = before.namespace;
      const nodes = pointedAt.get(index);
      nodes?.delete(node);
      if (nodes?.size === 0) pointedAt.delete(index);
    }
    node.target = target;
    if (target === null) return;
    const index = target.ifindex ?? 0;
    const nodes = target.namespace.pointedAt.get(index);
    if (nodes === undefined) target.namespace.pointedAt.set(index, new Set([node]));
    else nodes.add(node);
  }

  #touchAllPointing({ pointedAt }: GraphNamespace): void {
    for (const nodes of pointedAt.values()) for (const node of nodes) this.touched.add(node);
  }
}

function isSameTarget(a: Target | null, b: Target | null): boolean {
  if (a === null || b === null) return a === b;
  return a.namespace === b.namespace && a.ifindex === b.ifindex;
}
