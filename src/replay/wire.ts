/** What comes from the server, as openapi.json describes it. */
import type { Identity, LinksState, Owner, PeerState } from './replay-types.ts';

/** A name, as `/v1/` has it. */
export interface WireName {
  /** A byte that is not UTF-8 is a lone surrogate, U+DC80 to U+DCFF. */
  name: string;
  /** Of the name, with its directory. */
  path: string;
  /** In which it is. */
  directory: string;
  /** False: no namespace is behind it. */
  ready?: boolean;
  /** Why it is not ready. */
  reason?: string;
}

/** What tells which namespace is meant. */
export interface WireWhere {
  /** In the network namespace of the watcher. */
  nsid: number | null;
  /** Null: not known. */
  namespace: Identity | null;
  /** The watcher's own number of it, which no other gets while that watcher lives. */
  number?: number | null;
  /** Whether the watcher is in it. */
  own?: boolean;
  /** Where it is of a link, or of an end: all that it has or had. */
  names?: readonly WireName[];
  /** Whose processes are in it: a container, a service. */
  owner?: Owner | null;
  /** The first processes in it. */
  pids?: readonly number[];
  /** Whether it has no interface but `lo`. */
  loOnly?: boolean | null;
}

/** A row of `/v1/namespaces`: a name, or a namespace without one. */
export interface NamespaceRow extends WireWhere, Partial<Omit<WireName, 'name'>> {
  name: string | null;
  own: boolean;
  lingering?: boolean;
  linksState?: LinksState | null;
  /** How many processes are in it. */
  processes?: number | null;
}

/** What a link leads to. */
export interface WirePeer {
  /** What `nlink links` calls its namespace. */
  netns: string;
  /** {@link WireWhere.number}. */
  number: number | null;
  /** Null: not known. */
  ifindex: number | null;
  /** Null: not known. */
  name: string | null;
}

/** An interface, as `nlink links --json` has it. */
export interface WireLink {
  /** Null: not known. */
  ifindex: number | null;
  /** As `ip link` has it. */
  name: string;
  /** `veth`, `vlan`…; null: none, as of `lo`, or not known. */
  kind: string | null;
  /** `up`, `down`…, as `ip link` has it. */
  state: string | null;
  /** Whether it is set up. */
  up: boolean | null;
  /** In bytes. */
  mtu: number | null;
  /** Of the link layer. */
  address: string | null;
  /** Its other names. */
  altNames: readonly string[];
  /** A text that somebody gave it. */
  alias: string | null;
  /** The ifindex of its master, in the same namespace. */
  master: number | null;
  /** What it is to its master. */
  slaveKind: string | null;
  /** What it leads to; null: nothing, or not known. */
  peer: WirePeer | null;
  /** What is known of that. */
  peerState: PeerState | null;
  /** What is particular to its kind. */
  details: Readonly<Record<string, unknown>> | null;
}

/** A row of `/v1/links`. */
export interface LinkRow extends WireLink, Omit<WireWhere, 'own'> {
  own: boolean;
  linksState: LinksState;
}

export interface WireSnapshot {
  epoch: string;
  seq: number;
  directory: string;
  unavailable: readonly string[];
  namespaces: readonly NamespaceRow[];
  links: readonly LinkRow[];
}

/** An event. Of which type has which field: docs/command/watch-events.md. */
export interface WireEvent extends WireWhere, Partial<Omit<WireName, 'reason'>> {
  type: string;
  /** ISO 8601. */
  time: string;
  /** Of the end of a name: whether its namespace lives on; null: not known. */
  alive?: boolean | null;
  /** Why a name is not ready, or why something is unavailable. */
  reason?: string;
  /** Of an event of a link. */
  link?: WireLink;
  /** Which of its fields changed. */
  changed?: readonly string[];
  /** Where a link was that moved. */
  from?: WireWhere & { ifindex: number | null; name: string };
  /** Of `resynced`: of what events were lost. */
  lost?: readonly string[];
}

/** The same for two that are one namespace. Before Linux 6.18 it has no id. */
export const identityKey = ({ id, dev, ino, since }: Identity): string =>
  id === null ? `inode:${dev}:${ino}:${since}` : `id:${id}`;
