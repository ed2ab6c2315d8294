/** The namespaces and links of a graph: what is known of each. */
import type { LinkMessage } from '../../netlink/link-message.ts';
import { leadOf } from './leads.ts';
import type { Birthplace, Lead } from './leads.ts';
import type { PeerState } from './link-types.ts';

export class GraphNamespace {
  /** In the table of the namespace in which the kernel is asked. */
  readonly nsid: number;
  /** What the caller calls it; null: by its nsid. */
  readonly number: number | null;
  state: 'unread' | 'live' | 'closed' | 'gone' = 'unread';
  readonly links: Map<number, LinkNode> = new Map();
  /** By the index of a link, known or not: those that lead to it. */
  readonly pointedAt: Map<number, Set<LinkNode>> = new Map();
  /** Indexes to be asked for. */
  readonly dirty: Set<number> = new Set();
  /** What is known of links that have come, before they are asked for, by index. */
  readonly arrivals: Map<number, Arrival> = new Map();

  constructor(nsid: number, number: number | null) {
    this.nsid = nsid;
    this.number = number;
  }
}

/** A link that has come to a namespace. */
export interface Arrival {
  birthplace: Birthplace<GraphNamespace> | null;
  /** What it was where it came from; null: it was made here, or nobody knows. */
  past: LinkNode | null;
}

/** What a link leads to, in this graph. */
export interface Target {
  namespace: GraphNamespace;
  /** Null: the namespace alone. */
  ifindex: number | null;
}

export class LinkNode {
  readonly namespace: GraphNamespace;
  readonly ifindex: number;
  facts: LinkMessage;
  lead: Lead<GraphNamespace>;
  target: Target | null = null;
  birthplace: Birthplace<GraphNamespace> | null;
  /** What it was in another namespace. */
  past: LinkNode | null;
  isDeparted = false;
  /** Whether the kernel has told of that, or will not: until then it may have moved. */
  isEndHeard = true;
  /** Whether it was asked once more since its far end did not lead back. */
  isRetried = false;
  /** What was told of it last. */
  published: LinkView | null = null;

  constructor(namespace: GraphNamespace, facts: LinkMessage, { birthplace, past }: Arrival) {
    this.namespace = namespace;
    this.ifindex = facts.ifindex;
    this.facts = facts;
    this.birthplace = birthplace;
    this.past = past;
    this.lead = leadOf(facts, birthplace);
  }
}

/** A link as it is told of. */
export interface LinkView {
  readonly facts: LinkMessage;
  readonly peer: ViewedPeer | null;
  readonly peerState: PeerState | null;
}

/** What a link leads to, as it is told of. */
export interface ViewedPeer {
  readonly namespace: GraphNamespace;
  readonly ifindex: number | null;
  readonly name: string | null;
}
