/**
 * The wires of one box: from the row of a link to that of its far end. A pair is drawn once, by the
 * box that owns it: not the host, a fold rather than one alone, else the one with the lesser key.
 */
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';
import { busOf, farLink } from './attach.ts';
import type { Known } from './attach.ts';
import { SIZE, rowMiddle } from './scene-types.ts';
import type { Box, Rect, Wire, WireEnd } from './scene-types.ts';
import { styleOf } from './wire-style.ts';

export interface Surroundings {
  readonly known: Known;
  box(id: string): Box | undefined;
  boxOf(namespace: string): string | undefined;
  /**
   * Where the wires of a box join on their way to a bus of the host; null: the box is in no band.
   */
  join(box: Box, bus: PageLink): Join | null;
}

export interface Join {
  readonly trunk: string;
  /** Where it runs beside the box. */
  readonly x: number;
}

/** Of what leads nowhere. */
const STUB = 20;

export function wiresOf(box: Box, around: Surroundings): Wire[] {
  const wires = new Map<string, Wire>();
  for (const link of box.namespace.links.values()) {
    const wire = wireOf(link, box, around);
    if (wire === null) continue;
    // Several that run in one another are one.
    const key = wire.to === null ? wire.id : wire.trunk === null ? wire.path : `${wire.trunk} ${wire.path}`;
    const known = wires.get(key);
    wires.set(key, known === undefined ? wire : { ...known, count: known.count + wire.count });
  }
  return [...wires.values()];
}

function wireOf(link: PageLink, box: Box, around: Surroundings): Wire | null {
  const { peer, peerState } = link;
  // One that has ended has no far end any more: its row says so.
  if (peerState === null || link.ended !== null) return null;
  const key = peer?.namespace ?? null;
  if (key === link.namespace) return null;
  const count = box.fold?.alive ?? 1;
  const id = key === null ? undefined : around.boxOf(key);
  const to = id === undefined ? undefined : around.box(id);
  if (to === undefined || to === box)
    return stub(link, box, count, peerState === 'paired' ? 'unknown' : peerState);
  const far = farLink(link, around.known);
  const back = far !== null && far.peer?.namespace === link.namespace && far.peer.ifindex === link.ifindex;
  if (back && !owns(link, box, far, to, around.known)) return null;
  const end: WireEnd = peerState === 'one-sided' ? 'one-sided' : peerState === 'closed' ? 'closed' : 'box';
  const base = { id: link.key, link, far, from: box.id, to: to.id, style: styleOf(link), end, count };
  const host = around.known.host;
  if (to.namespace.key === host && far !== null) {
    const bus = busOf(far, to.namespace);
    const join = bus === null ? null : around.join(box, bus);
    if (join !== null) return { ...base, trunk: join.trunk, ...joined(box, link, join.x) };
  }
  return { ...base, trunk: null, ...direct(box, link, to, far) };
}

/** Of a pair, whether this end draws it. */
function owns(link: PageLink, box: Box, far: PageLink, to: Box, { host }: Known): boolean {
  const isHost = (namespace: PageNamespace): boolean => namespace.key === host;
  if (isHost(box.namespace) !== isHost(to.namespace)) return isHost(to.namespace);
  if ((box.fold === null) !== (to.fold === null)) return box.fold !== null;
  if (box.fold !== null) return box.id < to.id;
  return link.key < far.key;
}

const portOf = (box: Box, link: PageLink | null): number => {
  const row = link === null ? undefined : box.rowOf.get(link.key);
  return box.y + (row === undefined ? SIZE.head / 2 : rowMiddle(row));
};

type Way = Pick<Wire, 'path' | 'bounds' | 'tip'>;

/** To the wire that all to a bus have in common. */
function joined(box: Box, link: PageLink, x: number): Way {
  const y = portOf(box, link);
  const from = x < box.x ? box.x : box.x + box.width;
  return { path: `M${from} ${y}H${x}`, bounds: span(from, y, x, y), tip: { x, y, dx: Math.sign(x - from) } };
}

function direct(box: Box, link: PageLink, to: Box, far: PageLink | null): Way {
  const y1 = portOf(box, link);
  const y2 = portOf(to, far);
  // Side by side: between them; below one another: around, on the side away from the host.
  const isLeft = box.x + box.width <= to.x;
  const isRight = to.x + to.width <= box.x;
  const out = box.x < 0 ? -1 : 1;
  const d1 = isLeft ? 1 : isRight ? -1 : out;
  const d2 = isLeft ? -1 : isRight ? 1 : out;
  const x1 = d1 > 0 ? box.x + box.width : box.x;
  const x2 = d2 > 0 ? to.x + to.width : to.x;
  const bend = d1 === d2 ? SIZE.gutter * 0.6 : Math.max(24, Math.abs(x2 - x1) / 2);
  const path =
    y1 === y2 && d1 !== d2
      ? `M${x1} ${y1}H${x2}`
      : `M${x1} ${y1}C${x1 + d1 * bend} ${y1} ${x2 + d2 * bend} ${y2} ${x2} ${y2}`;
  return {
    path,
    bounds: widened(span(x1, y1, x2, y2), d1 === d2 ? bend : 0),
    tip: { x: x2, y: y2, dx: -d2 },
  };
}

function stub(link: PageLink, box: Box, count: number, end: WireEnd): Wire | null {
  const y = portOf(box, link);
  const dx = box.x < 0 ? -1 : 1;
  const from = dx > 0 ? box.x + box.width : box.x;
  const x = from + dx * STUB;
  const wire = {
    id: link.key,
    link,
    far: null,
    from: box.id,
    to: null,
    style: styleOf(link),
    end,
    count,
    trunk: null,
  };
  return { ...wire, path: `M${from} ${y}H${x}`, bounds: span(from, y, x, y), tip: { x, y, dx } };
}

const span = (x1: number, y1: number, x2: number, y2: number): Rect => ({
  x: Math.min(x1, x2),
  y: Math.min(y1, y2),
  width: Math.abs(x2 - x1),
  height: Math.abs(y2 - y1),
});

const widened = ({ x, y, width, height }: Rect, by: number): Rect => ({
  x: x - by,
  y,
  width: width + 2 * by,
  height,
});
