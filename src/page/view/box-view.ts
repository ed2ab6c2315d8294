/** A box of the picture: near enough to read all, or its label alone. */
import { html, nothing, svg } from 'lit-html';
import type { SVGTemplateResult, TemplateResult } from 'lit-html';
import { isLoopback } from '../layout/rows.ts';
import { SIZE } from '../layout/scene-types.ts';
import type { Box, Row } from '../layout/scene-types.ts';
import { stateOf } from '../layout/shape.ts';
import {
  boxWords,
  clipped,
  farBrief,
  farWords,
  foldWords,
  labelText,
  linkName,
  linkWords,
  whoWords,
} from '../layout/words.ts';
import type { PageLink, PageModel } from '../../replay/replay-types.ts';

/** Of a character, of the font of a box in its size. */
const CHARACTER = 6.65;
const PAD = 8;

/** How a box is shown beside what it is: found, passed over, selected. */
export interface BoxLook {
  readonly lit: boolean;
  readonly dim: boolean;
  readonly selected: boolean;
  /** Links that are found. */
  readonly litLinks: ReadonlyMap<string, string> | null;
}

export function boxView(box: Box, level: 'mid' | 'near', look: BoxLook, model: PageModel): SVGTemplateResult {
  const { namespace, fold, width, height, x, y } = box;
  const words = boxWords(namespace, fold);
  const classes = classesOf(box, look);
  const inner = level === 'near' ? nearInner(box, look, model) : midInner(box);
  const stack =
    fold === null ? nothing : svg`<path class="stack" d="M4 ${height}v4h${width}v${-height}h-4" />`;
  return svg`<g
    class=${classes}
    role="img"
    aria-label=${words}
    data-key=${namespace.key}
    data-id=${box.id}
    data-folded=${fold === null ? nothing : fold.alive}
    data-keys=${fold === null || fold.members.length > 50 ? nothing : fold.members.map(({ key }) => key).join(' ')}
    data-ended=${namespace.ended?.reason ?? nothing}
    transform="translate(${x} ${y})"
  >${stack}<rect class="frame" width=${width} height=${height} rx="2" />${inner}</g>`;
}

function classesOf({ namespace, fold }: Box, { lit, dim, selected }: BoxLook): string {
  const { own, ended, lingering, linksState } = namespace;
  const flags: readonly (readonly [string, boolean])[] = [
    ['own', own],
    ['folded', fold !== null],
    ['ended', ended !== null],
    ['lingering', lingering],
    ['partial', linksState !== null && linksState !== 'live'],
    ['lit', lit],
    ['dim', dim],
    ['selected', selected],
  ];
  return ['box', ...flags.flatMap(([name, is]) => (is ? name : []))].join(' ');
}

const titleOf = ({ namespace, fold }: Box): string =>
  fold === null ? labelText(namespace) : foldWords(fold);

const countOf = ({ fold, hidden }: Box): string =>
  fold !== null ? `×${fold.alive}` : hidden > 0 ? `+${hidden}` : '';

/** Whose it is by kind, where its label does not say so. */
function nearInner(box: Box, look: BoxLook, model: PageModel): SVGTemplateResult {
  const { namespace, fold, width, rows } = box;
  const count = countOf(box);
  const label = titleOf(box);
  const most = Math.floor((width - 2 * PAD) / (CHARACTER * 1.1)) - (count === '' ? 0 : count.length + 2);
  const who = whoOf(box);
  return svg`<title>${label}</title>
    <text class="name" x=${PAD} y="15">${clipped(label, most)}</text>
    ${count === '' ? nothing : svg`<text class="count" x=${width - PAD} y="15">${count}</text>`}
    <text class="who" x=${PAD} y="29">${clipped(who, Math.floor((width - 2 * PAD) / (CHARACTER * 0.91)))}</text>
    ${rows.map((row, index) => rowView(row, index, box, look, model, fold !== null))}
    ${namespace.ended === null ? nothing : svg`<path class="cross" d="M0 0L${width} ${box.height}" />`}`;
}

function whoOf({ namespace, fold }: Box): string {
  if (fold === null) return whoWords(namespace);
  const gone = fold.members.length - fold.alive;
  const words = whoWords({ ...namespace, pids: [], processes: null });
  return [fold.alive > 1 ? `${fold.alive} alike` : '', gone > 0 ? `${gone} just ended` : '', words]
    .filter(Boolean)
    .join(' · ');
}

function midInner(box: Box): SVGTemplateResult {
  const { width, height } = box;
  const count = countOf(box);
  const label = titleOf(box);
  const most = Math.floor((width - 2 * PAD) / 13) - (count === '' ? 0 : count.length + 1);
  const { words, isBad } = midWords(box);
  return svg`<title>${label}</title>
    <text class="name large" x=${PAD} y="23">${clipped(label, most)}</text>
    ${count === '' ? nothing : svg`<text class="count large" x=${width - PAD} y="23">${count}</text>`}
    ${box.rows.map((row, index) => midRow(row, index, box))}
    ${height < 50 || box.rows.some((row) => row.what === 'link' && row.ports !== null) ? nothing : svg`<text class=${isBad ? 'who large bad' : 'who large'} x=${PAD} y="45">${words}</text>`}`;
}

/** How many links, and whether any is not as it should be. */
function midWords({ namespace, fold }: Box): { words: string; isBad: boolean } {
  const links = [...namespace.links.values()].filter((link) => !isLoopback(link));
  const bad = links.filter((link) => stateOf(link) !== 'up' && stateOf(link) !== null).length;
  if (fold !== null) return { words: '', isBad: false };
  if (bad > 0) return { words: `${bad} of ${links.length} not up`, isBad: true };
  if (links.length === 0)
    return { words: namespace.links.size > 0 ? 'lo only' : 'no links known', isBad: false };
  return { words: links.length === 1 ? '1 link' : `${links.length} links`, isBad: false };
}

/** A bus, and any link of the host, by name alone. */
function midRow(row: Row, index: number, { namespace, width }: Box): SVGTemplateResult | typeof nothing {
  if (row.what === 'more' || (row.ports === null && !namespace.own)) return nothing;
  const y = SIZE.head + index * SIZE.row;
  const bar =
    row.ports === null ? nothing : svg`<rect class="bus" x="1" y=${y} width=${width - 2} height="14" />`;
  return svg`${bar}<text class="midrow" x=${PAD + row.depth * 10} y=${y + 12}>${clipped(linkName(row.link), 16)}</text>`;
}

function rowView(
  row: Row,
  index: number,
  box: Box,
  look: BoxLook,
  model: PageModel,
  isFolded: boolean,
): SVGTemplateResult {
  const y = SIZE.head + index * SIZE.row + 10;
  const x = PAD + row.depth * 10;
  if (row.what === 'more') return svg`<text class="more" x=${x + 12} y=${y}>+${row.count}</text>`;
  const { link, ports } = row;
  const { width } = box;
  const state = stateOf(link);
  const isUp = state === 'up' || state === null;
  const lit = look.litLinks?.has(link.key) === true ? ' lit' : '';
  const kindAt = x + 94;
  const room = Math.floor((width - PAD - kindAt) / CHARACTER) - (link.kind ?? '').length - 1;
  const text = rowText(row, isFolded, model, Math.max(room, 6));
  const bar =
    ports === null ? nothing : svg`<rect class="bus" x="1" y=${y - 10} width=${width - 2} height="14" />`;
  return svg`<g class=${`row${isUp ? '' : ' bad'}${link.ended === null ? '' : ' ended'}${lit}`} data-port=${link.key} data-link=${link.key}>
    ${bar}<title>${linkWords(link)}</title>
    ${row.depth > 0 ? svg`<path class="twig" d="M${x - 4} ${y - 12}V${y - 4}h4" />` : nothing}
    <path class="mark" d=${markOf(state, x, y)} />
    <text class="link" x=${x + 12} y=${y}>${clipped(linkName(link), 13)}</text>
    <text class="kind" x=${kindAt} y=${y}>${link.kind ?? ''}</text>
    <text class="far" x=${width - PAD} y=${y}>${text}</text>
  </g>`;
}

/** At the right of a row: how many ports, how it is if it is not up, where it leads. */
function rowText(
  { link, ports }: Row & { what: 'link' },
  isFolded: boolean,
  model: PageModel,
  room: number,
): string {
  const state = stateOf(link);
  if (link.ended !== null) return clipped(link.ended.reason, room);
  if (state !== 'up' && state !== null) return clipped(state, room);
  if (ports !== null) return clipped(`${ports} ${ports === 1 ? 'port' : 'ports'}`, room);
  return isFolded ? clipped(foldFar(link), room) : farBrief(link, model, room);
}

/** Of one of many: to which namespace, not to which of its links. */
const foldFar = (link: PageLink): string =>
  link.peer === null || link.peer.namespace === link.namespace ? farWords(link) : link.peer.shown;

/** Full: up. Hollow: down. Half: no carrier, or another state. A dot: not known. */
function markOf(state: string | null, x: number, y: number): string {
  const top = y - 8;
  if (state === null) return `M${x + 3} ${y - 5}h2v2h-2z`;
  if (state === 'up') return `M${x} ${top}h8v8h-8z`;
  const frame = `M${x} ${top}h8v8h-8zM${x + 1.5} ${top + 1.5}v5h5v-5z`;
  return state === 'down' ? frame : `M${x} ${top}h8v8h-8zM${x + 1.5} ${top + 1.5}v5l5 -5z`;
}

/** As far as a list of boxes says it in HTML. */
export const markView = (state: string | null): TemplateResult =>
  html`<svg class="mark" viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
    <path class="mark" d=${markOf(state, 0, 8)} />
  </svg>`;
