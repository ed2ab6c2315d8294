/** Columns of text: the cells of one, made equally wide. */
import { displayWidth, padToWidth } from './display-width.ts';

/** @param most a longer text pushes its line to the right, and not all others */
export function leftAligned(texts: readonly string[], most: number = Infinity): string[] {
  const width = Math.min(most, Math.max(...texts.map(displayWidth)));
  return texts.map((text) => padToWidth(text, width));
}

/** Numbers, as lsns(8) has them. */
export function rightAligned(texts: readonly string[]): string[] {
  const width = Math.max(...texts.map((text) => text.length));
  return texts.map((text) => text.padStart(width));
}
