/** What comes from the server, as openapi.json describes it. */
import type { Identity, LinksState, Owner, PeerState } from './replay-types.ts';

export interface WireName {
  name: string;
  path: string;
  directory: string;
  ready?: boolean;
  reason?: string;
}

/** What tells which namespace is meant. */
export interface WireWhere {
  nsid: number | null;
  namespace: Identity | null;
  number?: number | null;
  own?: boolean;
  /** Where it is of a link, or of an end: all that it has or had. */
  names?: readonly WireName[];
  owner?: Owner | null;
  pids?: readonly number[];
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

export interface WirePeer {
  netns: string;
  number: number | null;
  ifindex: number | null;
  name: string | null;
}

export interface WireLink {
  ifindex: number | null;
  name: string;
  kind: string | null;
  state: string | null;
  up: boolean | null;
  mtu: number | null;
  address: string | null;
  altNames: readonly string[];
  alias: string | null;
  master: number | null;
  slaveKind: string | null;
  peer: WirePeer | null;
  peerState: PeerState | null;
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
  alive?: boolean | null;
  reason?: string;
  link?: WireLink;
  changed?: readonly string[];
  from?: WireWhere & { ifindex: number | null; name: string };
  lost?: readonly string[];
}

/** The same for two that are one namespace. Before Linux 6.18 it has no id. */
export const identityKey = ({ id, dev, ino, since }: Identity): string =>
  id === null ? `inode:${dev}:${ino}:${since}` : `id:${id}`;
