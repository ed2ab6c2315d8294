/**
 * Boxes far out: one path for all of a tile that are in one state, and one for its wires of a
 * style, so that a change has only its own tile drawn again.
 */
import { svg } from 'lit-html';
import type { SVGTemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Box, Scene, Wire } from '../layout/scene-types.ts';
import { stateOf } from '../layout/shape.ts';

export interface FarLook {
  box(box: Box): { readonly lit: boolean; readonly dim: boolean };
  isHidden(box: Box): boolean;
}

/** Of a tile, in units of the picture. */
const TILE = 3000;
/** So small the ends of wires, from a box to what they join, are not seen. */
const NO_STUBS = 0.14;

/** Of a box that has not changed. */
const MADE = new WeakMap<Box, { readonly path: string; readonly kind: string; readonly tile: string }>();

export function farView(scene: Scene, scale: number, look: FarLook): SVGTemplateResult {
  const boxes = new Map<string, string>();
  for (const box of scene.boxes.values()) {
    if (look.isHidden(box)) continue;
    const { path, kind, tile } = made(box);
    const { lit, dim } = look.box(box);
    add(boxes, `shape ${kind}${lit ? ' lit' : ''}${dim ? ' dim' : ''}|${tile}`, path);
  }
  const wires = new Map<string, string>();
  const isHidden = (id: string | null): boolean => {
    const box = id === null ? undefined : scene.boxes.get(id);
    return box !== undefined && look.isHidden(box);
  };
  for (const wire of scene.wires.values())
    if (isSeen(wire, scale) && !isHidden(wire.from) && !isHidden(wire.to))
      add(wires, `cable ${wire.style}|${tileOf(wire.tip)}`, wire.path);
  for (const { id, path } of scene.trunks.values()) add(wires, `trunk|${id}`, path);
  return svg`<g class="shapes">${pathsView(wires)}${pathsView(boxes)}</g>`;
}

function pathsView(paths: ReadonlyMap<string, string>): unknown {
  return repeat(
    [...paths],
    ([key]) => key,
    ([key, path]) => svg`<path class=${key.slice(0, key.indexOf('|'))} d=${path} />`,
  );
}

const isSeen = ({ trunk, to }: Wire, scale: number): boolean =>
  (trunk === null && to !== null) || scale > NO_STUBS;

function add(paths: Map<string, string>, key: string, path: string): void {
  const known = paths.get(key);
  paths.set(key, known === undefined ? path : known + path);
}

const tileOf = ({ x, y }: { readonly x: number; readonly y: number }): string =>
  `${Math.floor(x / TILE)} ${Math.floor(y / TILE)}`;

function made(box: Box): { readonly path: string; readonly kind: string; readonly tile: string } {
  const known = MADE.get(box);
  if (known !== undefined) return known;
  const { x, y, width, height } = box;
  const path = `M${x} ${y}h${width}v${height}h${-width}z`;
  const result = { path, kind: kindOf(box), tile: tileOf(box) };
  MADE.set(box, result);
  return result;
}

function kindOf({ namespace, fold }: Box): string {
  if (namespace.own) return 'own';
  if (namespace.ended !== null) return 'ended';
  for (const link of namespace.links.values()) {
    const state = stateOf(link);
    if (link.name !== 'lo' && state !== 'up' && state !== null) return 'bad';
  }
  return fold === null ? 'plain' : 'folded';
}
