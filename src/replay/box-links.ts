/**
 * The links of boxes, and the way back: which links lead to a namespace, by the server's number of
 * it. So a link is told anew what its other end is called when that changes, or is found.
 */
import { escaped } from '../format/escape.ts';
import { alike } from './alike.ts';
import type { Box } from './box.ts';
import type { Ended, PageLink, PagePeer } from './replay-types.ts';
import type { WireLink, WirePeer } from './wire.ts';

export const linkKey = (box: string, { ifindex, name }: { ifindex: number | null; name: string }): string =>
  ifindex === null ? `${box}/=${name}` : `${box}/${ifindex}`;

export class BoxLinks {
  readonly #find: (peer: WirePeer) => Box | null;
  /** By the number of the namespace that they lead to; each with the box that it is in. */
  readonly #leading = new Map<number, Map<string, Box>>();
  /** By their keys, as they were told. */
  readonly #peers = new Map<string, WirePeer>();

  /** @param find the box that one leads to */
  constructor(find: (peer: WirePeer) => Box | null) {
    this.#find = find;
  }

  /** The same once more changes nothing. */
  put(box: Box, wire: WireLink): PageLink {
    const key = linkKey(box.key, wire);
    // Its index is known now.
    if (wire.ifindex !== null) this.drop(box, linkKey(box.key, { ifindex: null, name: wire.name }));
    const before = box.links.get(key);
    const link = this.#make(box.key, key, wire);
    this.#lead(box, key, wire.peer);
    if (before !== undefined && alike(before, link)) return before;
    box.links.set(key, link);
    box.haveLinksChanged = true;
    if (before === undefined) keepOrder(box, link);
    return link;
  }

  end(box: Box, key: string, ended: Ended): void {
    const link = box.links.get(key);
    if (link === undefined || link.ended !== null) return;
    this.#unlead(key);
    box.links.set(key, { ...link, ended });
    box.haveLinksChanged = true;
  }

  drop(box: Box, key: string): void {
    if (!box.links.delete(key)) return;
    this.#lead(box, key, null);
    box.haveLinksChanged = true;
  }

  dropAll(box: Box): void {
    for (const key of box.links.keys()) this.#lead(box, key, null);
  }

  /** As a link of no box. */
  toldOf(wire: WireLink): PageLink {
    return this.#make('', '', wire);
  }

  /** As it was told. */
  wireOf(link: PageLink): WireLink {
    return { ...link, peer: this.#peers.get(link.key) ?? null };
  }

  /** What leads to it is told anew what it is called. @returns the boxes of these */
  relabel(box: Box): readonly Box[] {
    const leading = box.number === null ? undefined : this.#leading.get(box.number);
    if (leading === undefined) return [];
    for (const [key, at] of leading) {
      const link = at.links.get(key);
      const wire = this.#peers.get(key);
      if (link === undefined || wire === undefined) continue;
      at.links.set(key, { ...link, peer: this.#peer(wire) });
      at.haveLinksChanged = true;
    }
    return [...leading.values()];
  }

  /** It is not told anew any more. What it led to is remembered, for {@link wireOf}. */
  #unlead(key: string): void {
    const number = this.#peers.get(key)?.number ?? null;
    if (number !== null) this.#drop(number, key);
  }

  #drop(number: number, key: string): void {
    const leading = this.#leading.get(number);
    leading?.delete(key);
    if (leading?.size === 0) this.#leading.delete(number);
  }

  #lead(box: Box, key: string, peer: WirePeer | null): void {
    const before = this.#peers.get(key)?.number ?? null;
    const number = peer?.number ?? null;
    if (peer === null) this.#peers.delete(key);
    else this.#peers.set(key, peer);
    if (before !== null && before !== number) this.#drop(before, key);
    if (number === null) return;
    const leading = this.#leading.get(number) ?? new Map<string, Box>();
    this.#leading.set(number, leading.set(key, box));
  }

  #make(namespace: string, key: string, wire: WireLink): PageLink {
    const { ifindex, name, kind, state, up, mtu, address, altNames, alias, master } = wire;
    const { slaveKind, peerState, details } = wire;
    const peer = wire.peer === null ? null : this.#peer(wire.peer);
    return {
      key,
      namespace,
      ifindex,
      name,
      kind,
      state,
      up,
      mtu,
      address,
      altNames,
      alias,
      master,
      slaveKind,
      peer,
      peerState,
      details,
      ended: null,
    };
  }

  #peer(wire: WirePeer): PagePeer {
    const { ifindex, name, netns } = wire;
    const box = this.#find(wire);
    if (box === null) return { namespace: null, label: netns, shown: escaped(netns), ifindex, name };
    // It may be called otherwise than when that was told.
    const { text, shown } = box.label.text === '' ? { text: netns, shown: escaped(netns) } : box.label;
    return { namespace: box.key, label: text, shown, ifindex, name };
  }
}

const index = ({ ifindex }: PageLink): number => ifindex ?? Infinity;

/** Indexes grow, so a new link is the last one, but where one moved. */
function keepOrder(box: Box, added: PageLink): void {
  const { links } = box;
  if (index(added) >= box.highest) {
    box.highest = index(added);
    return;
  }
  const sorted = [...links].sort(([, a], [, b]) => index(a) - index(b));
  links.clear();
  for (const [key, link] of sorted) {
    links.set(key, link);
    box.highest = index(link);
  }
}
