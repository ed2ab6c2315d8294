/** Places and sizes by the object model: a `style` attribute is refused by the page's policy. */
import { Directive, directive } from 'lit-html/directive.js';
import type { ElementPart } from 'lit-html/directive.js';
import { nothing } from 'lit-html';

class Pixels extends Directive {
  override render(_height: number, _top?: number, _columns?: number): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [height, top, columns]: [number, number?, number?]): typeof nothing {
    const { style } = part.element as HTMLElement;
    style.height = `${height}px`;
    if (top !== undefined) style.transform = `translateY(${top}px)`;
    if (columns !== undefined) style.setProperty('--columns', String(columns));
    return nothing;
  }
}

type Place = (height: number, top?: number, columns?: number) => unknown;

/** `<div ${pixels(height, top, columns)}>` */
export const pixels: Place = directive(Pixels);
