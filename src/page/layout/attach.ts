/**
 * What a box is attached to, by its links: to a bus of the host, to the host itself, or to another
 * box. It decides where the box has its place.
 */
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';

export type Anchor =
  /** A bus of the host, by the key of that link. */
  | { readonly to: 'bus'; readonly bus: PageLink }
  | { readonly to: 'host' }
  | { readonly to: 'namespace'; readonly key: string };

export interface Known {
  namespace(key: string): PageNamespace | undefined;
  /** Of the host's namespace; null: there is none. */
  readonly host: string | null;
}

/** The far end, where a link is known there. */
export function farLink(link: PageLink, known: Known): PageLink | null {
  const { peer } = link;
  if (peer?.namespace === null || peer === null) return null;
  const far = known.namespace(peer.namespace);
  if (far === undefined || (peer.ifindex === null && peer.name === null)) return null;
  return linkIn(far, peer.ifindex, peer.name);
}

/** So few are looked through. */
const FEW = 8;
/** Indexes of the links of a namespace, made once. */
const INDEXES = new WeakMap<PageNamespace, Map<number | string, PageLink>>();

function linkIn(namespace: PageNamespace, ifindex: number | null, name: string | null): PageLink | null {
  if (namespace.links.size <= FEW) return find(namespace, ifindex, name);
  let index = INDEXES.get(namespace);
  if (index === undefined) {
    index = new Map();
    for (const link of namespace.links.values()) {
      if (link.ended !== null) continue;
      index.set(link.name, link);
      if (link.ifindex !== null) index.set(link.ifindex, link);
    }
    INDEXES.set(namespace, index);
  }
  return (ifindex === null ? null : index.get(ifindex)) ?? (name === null ? null : index.get(name)) ?? null;
}

function find(namespace: PageNamespace, ifindex: number | null, name: string | null): PageLink | null {
  let named: PageLink | null = null;
  for (const link of namespace.links.values()) {
    if (link.ended !== null) continue;
    if (ifindex !== null && link.ifindex === ifindex) return link;
    if (name !== null && link.name === name) named = link;
  }
  return named;
}

/** The outermost bus that a link is a port of: a bond in a bridge is the bridge; null: none. */
export function busOf(link: PageLink, namespace: PageNamespace): PageLink | null {
  let bus: PageLink | null = null;
  for (let at = link, depth = 0; at.master !== null && depth < 4; depth++) {
    const master = linkIn(namespace, at.master, null);
    if (master === null) break;
    bus = master;
    at = master;
  }
  return bus;
}

/** The bus, else the namespace that a link leads to; '' for one that leads nowhere. */
export function farKey(link: PageLink, known: Known): string {
  const key = link.peer?.namespace ?? null;
  if (key === null || key === link.namespace) return '';
  const far = farLink(link, known);
  const namespace = known.namespace(key);
  if (far === null || namespace === undefined) return key;
  return busOf(far, namespace)?.key ?? key;
}

/** All that a namespace is attached to: buses of the host first, then the host, then others. */
export function anchorsOf(namespace: PageNamespace, known: Known): readonly Anchor[] {
  const buses: Anchor[] = [];
  const host: Anchor[] = [];
  const others: Anchor[] = [];
  for (const link of namespace.links.values()) {
    const key = link.peer?.namespace ?? null;
    if (key === null || key === namespace.key || link.ended !== null) continue;
    if (key !== known.host) {
      if (known.namespace(key) !== undefined) others.push({ to: 'namespace', key });
      continue;
    }
    const far = farLink(link, known);
    const hostNamespace = known.namespace(key);
    const bus = far === null || hostNamespace === undefined ? null : busOf(far, hostNamespace);
    if (bus === null) host.push({ to: 'host' });
    else buses.push({ to: 'bus', bus });
  }
  return [...buses, ...host, ...others];
}
