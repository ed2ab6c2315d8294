/** Columns of text: the cells of one, made equally wide. */
import { displayWidth } from './display-width.ts';

/** @param most a longer text pushes its line to the right, and not all others */
export function leftAligned(texts: readonly string[], most: number = Infinity): string[] {
  const widths = texts.map(displayWidth);
  const width = Math.min(most, greatest(widths));
  return texts.map((text, at) => text + ' '.repeat(Math.max(0, width - (widths[at] as number))));
}

/** Numbers, as lsns(8) has them. */
export function rightAligned(texts: readonly string[]): string[] {
  const width = greatest(texts.map((text) => text.length));
  return texts.map((text) => text.padStart(width));
}

/** Not by Math.max with all of them as arguments, which are on the stack. */
const greatest = (numbers: readonly number[]): number =>
  numbers.reduce((most, number) => Math.max(most, number), 0);
