/** The whole picture as a file: an SVG that needs nothing else, as a `data:` URL. */
import { html, render } from 'lit-html';
import { boundsOf } from '../layout/camera.ts';
import { pictureView } from './picture.ts';
import type { Frame } from './picture.ts';

const MARGIN = 20;
const XMLNS = 'http://www.w3.org/2000/svg';

export function saveSvg(frame: Omit<Frame, 'part' | 'level' | 'scale'>): void {
  const link = document.createElement('a');
  link.download = 'nlink.svg';
  link.href = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(frame))}`;
  link.click();
}

function svgText(frame: Omit<Frame, 'part' | 'level' | 'scale'>): string {
  const { x, y, width, height } = boundsOf(frame.scene.boxes.values());
  const part = { x: x - MARGIN, y: y - 3 * MARGIN, width: width + 2 * MARGIN, height: height + 4 * MARGIN };
  const holder = document.createElement('div');
  render(html`<svg>${pictureView({ ...frame, part, level: 'near', scale: 1 })}</svg>`, holder);
  const picture = holder.firstElementChild as SVGSVGElement;
  for (const [name, value] of Object.entries({
    xmlns: XMLNS,
    viewBox: `${part.x} ${part.y} ${part.width} ${part.height}`,
    width: part.width,
    height: part.height,
    id: 'picture',
  }))
    if (name !== 'xmlns') picture.setAttribute(name, String(value));
  for (const element of picture.querySelectorAll('.reach')) element.remove();
  const ground = document.createElementNS(XMLNS, 'rect');
  for (const [name, value] of Object.entries({ ...part, fill: color('--ground') }))
    ground.setAttribute(name, String(value));
  picture.prepend(ground);
  const walker = document.createTreeWalker(picture, NodeFilter.SHOW_COMMENT);
  const comments: Node[] = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) (comment as Comment).remove();
  // As text: a style element would be refused here by the page's own policy.
  const style = `<style>${styles().replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</style>`;
  return new XMLSerializer().serializeToString(picture).replace('>', () => `>${style}`);
}

const color = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The rules of the picture, with colours as they are now. */
function styles(): string {
  const rules: string[] = [];
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule instanceof CSSStyleRule && /#picture|\.wire|\.mark/.test(rule.selectorText))
        rules.push(rule.cssText);
  return rules.join('\n').replaceAll(/var\((--[a-z-]+)\)/g, (_, name: string) => color(name));
}
