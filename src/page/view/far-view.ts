/** Boxes far out: one path for all that are in one state, and one for all wires of a style. */
import { svg } from 'lit-html';
import type { SVGTemplateResult } from 'lit-html';
import type { Box, Scene } from '../layout/scene-types.ts';
import { stateOf } from '../layout/shape.ts';

type Look = (box: Box) => { readonly lit: boolean; readonly dim: boolean };

export function farView(scene: Scene, look: Look, hidden: (box: Box) => boolean): SVGTemplateResult {
  const boxes = new Map<string, string>();
  for (const box of scene.boxes.values()) {
    if (hidden(box)) continue;
    const { x, y, width, height } = box;
    const { lit, dim } = look(box);
    const key = `${classOf(box)}${lit ? ' lit' : ''}${dim ? ' dim' : ''}`;
    boxes.set(key, `${boxes.get(key) ?? ''}M${x} ${y}h${width}v${height}h${-width}z`);
  }
  const wires = new Map<string, string>();
  for (const { style, path, from, to } of scene.wires.values()) {
    if (isHidden(scene, from, hidden) || isHidden(scene, to, hidden)) continue;
    wires.set(style, (wires.get(style) ?? '') + path);
  }
  let trunks = '';
  for (const { path } of scene.trunks.values()) trunks += path;
  return svg`<g class="shapes">
    <path class="trunk" d=${trunks} />
    ${[...wires].map(([style, path]) => svg`<path class=${`wires ${style}`} d=${path} />`)}
    ${[...boxes].map(([key, path]) => svg`<path class=${`boxes ${key}`} d=${path} />`)}
  </g>`;
}

const isHidden = ({ boxes }: Scene, id: string | null, hidden: (box: Box) => boolean): boolean => {
  const box = id === null ? undefined : boxes.get(id);
  return box !== undefined && hidden(box);
};

function classOf({ namespace, fold }: Box): string {
  if (namespace.own) return 'own';
  if (namespace.ended !== null) return 'ended';
  for (const link of namespace.links.values()) {
    const state = stateOf(link);
    if (link.name !== 'lo' && state !== 'up' && state !== null) return 'bad';
  }
  return fold === null ? 'plain' : 'folded';
}
