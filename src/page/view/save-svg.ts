/** The whole picture as a file: an SVG that needs nothing else, as a `data:` URL. */
import { html, render } from 'lit-html';
import { boundsOf } from '../layout/camera.ts';
import { pictureView } from './picture.ts';
import type { Frame } from './picture.ts';

const MARGIN = 20;
const KEYS = ['key', 'keys', 'id', 'link', 'far', 'port'];

export function saveSvg(frame: Omit<Frame, 'part' | 'level' | 'scale'>): void {
  const link = document.createElement('a');
  link.download = 'nlink.svg';
  link.href = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(frame))}`;
  link.click();
}

function svgText(frame: Omit<Frame, 'part' | 'level' | 'scale'>): string {
  const { x, y, width, height } = boundsOf(frame.scene.boxes.values());
  const part = { x: x - MARGIN, y: y - 3 * MARGIN, width: width + 2 * MARGIN, height: height + 4 * MARGIN };
  const { x: left, y: top, width: across, height: down } = part;
  const holder = document.createElement('div');
  render(
    html`<svg class="graph" viewBox=${`${left} ${top} ${across} ${down}`} width=${across} height=${down}>
      <rect x=${left} y=${top} width=${across} height=${down} fill=${color('--ground')} />
      ${pictureView({ ...frame, part, level: 'near', scale: 1 })}
    </svg>`,
    holder,
  );
  for (const element of holder.querySelectorAll('.reach')) element.remove();
  // Keys may hold what no XML may: XML 1.0, 2.2 "Characters".
  for (const name of KEYS)
    for (const element of holder.querySelectorAll(`[data-${name}]`)) element.removeAttribute(`data-${name}`);
  // As text: a style element would be refused here by the page's own policy.
  const style = `<style>${styles().replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</style>`;
  return new XMLSerializer()
    .serializeToString(holder.firstElementChild as Element)
    .replaceAll(/<!--.*?-->/gs, '')
    .replace('>', () => `>${style}`);
}

const color = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The rules of the picture, with colours as they are now. */
function styles(): string {
  const rules: string[] = [];
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule instanceof CSSStyleRule && /\.graph|\.wire|\.mark/.test(rule.selectorText))
        rules.push(rule.cssText);
  return rules.join('\n').replaceAll(/var\((--[a-z-]+)\)/g, (_, name: string) => color(name));
}
