/**
 * What the boxes are called, so that no two are called the same: as `NamespaceLabels` for a list
 * that is all there, one by one. Where one comes or goes, only those with its label change.
 */
import type { Box } from './box.ts';

export class Labels {
  readonly #boxes = new Map<string, Set<Box>>();

  /** How many different ones there are. */
  get size(): number {
    return this.#boxes.size;
  }

  /** @returns others whose label is another one now */
  put(box: Box, directory: string): readonly Box[] {
    const base = box.labelIn(directory);
    if (box.base?.text === base.text) {
      box.base = base;
      return [];
    }
    const others = this.drop(box);
    box.base = base;
    if (box.isPlaceholder) return others;
    const alike = this.#boxes.get(base.text) ?? new Set();
    this.#boxes.set(base.text, alike.add(box));
    return alike.size === 2 ? [...others, ...alike] : others;
  }

  /** @returns others whose label is another one now */
  drop(box: Box): readonly Box[] {
    const { base } = box;
    const alike = base === null ? undefined : this.#boxes.get(base.text);
    box.base = null;
    if (base === null || alike?.delete(box) !== true) return [];
    if (alike.size === 0) this.#boxes.delete(base.text);
    return alike.size === 1 ? [...alike] : [];
  }

  /** @returns whether its label is another one now */
  settle(box: Box): boolean {
    const { base, label } = box;
    if (base === null) return false;
    const isAlone = (this.#boxes.get(base.text)?.size ?? 1) < 2 || box.isPlaceholder;
    box.label = isAlone ? base : box.distinct(base);
    return box.label.text !== label.text;
  }

  /** The one that is called so; null: none, or several. */
  named(text: string): Box | null {
    const alike = this.#boxes.get(text);
    if (alike === undefined || alike.size !== 1) return null;
    for (const box of alike) return box;
    return null;
  }
}
