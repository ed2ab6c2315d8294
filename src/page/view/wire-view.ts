/** Wires and trunks of the picture. */
import { nothing, svg } from 'lit-html';
import type { SVGTemplateResult } from 'lit-html';
import type { Trunk, Wire } from '../layout/scene-types.ts';
import { linkWords } from '../layout/words.ts';

export interface WireLook {
  readonly lit: boolean;
  readonly dim: boolean;
  readonly selected: boolean;
}

export function wireView(wire: Wire, look: WireLook, route: string | null): SVGTemplateResult {
  const { link, far, path, style, end, count } = wire;
  const words = linkWords(link);
  const classes = `wire ${style} ${end}${lookOf(look)}`;
  return svg`<g class=${classes} data-link=${link.key} data-far=${far?.key ?? nothing}>
    <title>${words}${count > 1 ? ` ×${count}` : ''}</title>
    <path class="reach" d=${path} /><path class="line" d=${path} />
    ${style === 'double' ? svg`<path class="core" d=${path} />` : nothing}
    ${route === null ? nothing : svg`<path class="line" d=${route} />`} ${tipView(wire)}
  </g>`;
}

export const trunkView = ({ path }: Trunk, look: WireLook): SVGTemplateResult =>
  svg`<path class=${`trunk${lookOf(look)}`} d=${path} />`;

const lookOf = ({ lit, dim, selected }: WireLook): string =>
  `${lit ? ' lit' : ''}${dim ? ' dim' : ''}${selected ? ' selected' : ''}`;

/** How it ends, where it does not end at a port: a bar, a cross, a question, an open circle. */
function tipView({ end, tip, trunk }: Wire): SVGTemplateResult | typeof nothing {
  const { x, y, dx } = tip;
  switch (end) {
    case 'unpaired':
      return svg`<path class="tip" d="M${x} ${y - 4}v8" />`;
    case 'closed':
      return svg`<path class="tip" d="M${x - 3} ${y - 3}l6 6m0 -6l-6 6" />`;
    case 'unknown':
      return svg`<text class="ask" x=${x + dx * 5} y=${y + 4}>?</text>`;
    case 'one-sided':
      return svg`<circle class="open" cx=${x - dx * 4} cy=${y} r="3.5" />`;
    default:
      return trunk === null ? nothing : svg`<circle class="joint" cx=${x} cy=${y} r="2.5" />`;
  }
}
