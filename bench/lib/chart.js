/**
 * A chart as SVG: groups of horizontal bars on a logarithmic scale, since what is compared lies
 * orders of magnitude apart. Brings its own background, and colours for a light and a dark screen,
 * so that it can be read wherever it is shown.
 */
import { kindOf } from './section.js';

const WIDTH = 860;
const LEFT = 190;
const RIGHT = 760;
const ROW = 18;
const GROUP = 30;
const TOP = 74;
const BOTTOM = 34;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .group { font-weight: 600; }
  .faint { fill: #59636e; }
  .back { fill: #ffffff; }
  .grid { stroke: #d1d9e0; }
  .nlink { fill: #1a7f64; }
  .peer { fill: #c2703d; }
  .limit { fill: #8c959f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .faint { fill: #9198a1; }
    .back { fill: #0d1117; }
    .grid { stroke: #3d444d; }
    .nlink { fill: #3fbf9b; }
    .peer { fill: #e0915f; }
    .limit { fill: #7d8590; }
  }`;

const LEGEND = [
  ['nlink', 'nlink'],
  ['peer', 'what people use today'],
  ['limit', 'the limit: C, or Node and nothing else'],
];

/** @param it a chart as section.js makes it; bars without a number are left out */
export function svg({ title, unit, groups }) {
  const shown = groups
    .map(({ label, bars }) => ({ label, bars: bars.filter(({ value }) => Number.isFinite(value)) }))
    .filter(({ bars }) => bars.length > 0);
  const positive = shown.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive, 1)));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...positive, 1))), low + 1);
  const x = (value) => {
    const share = value > 0 ? (Math.log10(value) - low) / (high - low) : 0;
    return LEFT + Math.max(share, 0) * (RIGHT - LEFT);
  };
  const parts = [];
  let y = TOP;
  for (const { label, bars } of shown) {
    parts.push(text(LEFT, y + 20, label, 'group'));
    y += GROUP;
    for (const { name, value } of bars) {
      const width = Math.max(x(value) - LEFT, 1);
      parts.push(
        text(LEFT - 8, y + 13, name, '', 'end'),
        `<rect class="${kindOf(name)}" x="${LEFT}" y="${y + 2}" width="${number(width)}" height="${ROW - 4}"/>`,
        text(LEFT + width + 6, y + 13, written(value), 'faint'),
      );
      y += ROW;
    }
  }
  const height = y + BOTTOM;
  const grid = [];
  for (let power = low; power <= high; power++) {
    const at = number(x(10 ** power));
    grid.push(
      `<line class="grid" x1="${at}" y1="${TOP}" x2="${at}" y2="${y + 6}"/>`,
      text(at, y + 22, `${10 ** power} ${unit}`, 'faint', 'middle'),
    );
  }
  let legendAt = LEFT;
  const legend = LEGEND.map(([kind, words]) => {
    const part = `<rect class="${kind}" x="${legendAt}" y="48" width="12" height="12"/>${text(legendAt + 18, 58, words)}`;
    legendAt += 44 + words.length * 6.6;
    return part;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="back" width="${WIDTH}" height="${height}"/>`,
    text(16, 30, title, 'title'),
    text(WIDTH - 16, 58, `${unit}, logarithmic`, 'faint', 'end'),
    ...legend,
    ...grid,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x, y, words, style = '', anchor = 'start') {
  const looks = `${style === '' ? '' : ` class="${style}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${number(x)}" y="${number(y)}"${looks}>${escaped(words)}</text>`;
}

const number = (value) => String(Math.round(value * 10) / 10);

/** Three digits that matter. */
const written = (value) => String(Number(value.toPrecision(3)));

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (words) => words.replace(/[&<>"]/g, (character) => ENTITIES[character]);
