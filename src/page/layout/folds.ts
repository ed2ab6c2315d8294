/**
 * Which namespaces are folded to one box.
 *
 * | a shape is | on                                                | next     |
 * | ---------- | ------------------------------------------------- | -------- |
 * | apart      | as many are there as its least ({@link Shape})    | folded   |
 * | folded     | one or none is left                               | apart    |
 *
 * Between them nothing changes, so that one that comes and goes does not fold and unfold the rest.
 * Who is kept in sight (selected, found) is never in a fold, and an opened shape is not folded.
 */
import type { Shape } from './shape.ts';

interface Group {
  readonly shape: Shape;
  readonly members: Set<string>;
  folded: boolean;
}

export class Folds {
  readonly #groups = new Map<string, Group>();
  readonly #shapes = new Map<string, string>();
  /** Keys of those whose box may be another now. */
  readonly #touched = new Set<string>();
  /** Shapes that somebody left. */
  readonly #left = new Set<string>();
  #open: ReadonlySet<string> = new Set();
  #kept: ReadonlySet<string> = new Set();

  /** The box of a namespace. */
  boxOf(key: string): string {
    const shape = this.#shapes.get(key);
    if (shape === undefined || this.#kept.has(key) || this.#open.has(shape)) return key;
    return this.#groups.get(shape)?.folded === true ? foldId(shape) : key;
  }

  shapeOf(key: string): string | null {
    return this.#shapes.get(key) ?? null;
  }

  /** How many have this shape, folded or not. */
  sizeOf(shape: string): number {
    return this.#groups.get(shape)?.members.size ?? 0;
  }

  /** Those in a fold. */
  *membersOf(shape: string): Iterable<string> {
    for (const key of this.#groups.get(shape)?.members ?? []) if (!this.#kept.has(key)) yield key;
  }

  set(key: string, shape: Shape | null): void {
    const before = this.#shapes.get(key);
    if (before === shape?.text) return;
    if (before !== undefined) this.#leave(key, before);
    this.#touched.add(key);
    if (shape === null) return;
    const group = this.#groups.get(shape.text) ?? { shape, members: new Set(), folded: false };
    this.#groups.set(shape.text, group);
    this.#shapes.set(key, shape.text);
    group.members.add(key);
  }

  delete(key: string): void {
    const shape = this.#shapes.get(key);
    if (shape !== undefined) this.#leave(key, shape);
    this.#touched.delete(key);
  }

  /** Who is to be in sight, and which shapes are open. */
  keep(kept: ReadonlySet<string>, open: ReadonlySet<string>): void {
    if (kept === this.#kept && open === this.#open) return;
    for (const key of kept) if (!this.#kept.has(key)) this.#touched.add(key);
    for (const key of this.#kept) if (!kept.has(key)) this.#touched.add(key);
    for (const shape of open) if (!this.#open.has(shape)) this.#touchAll(shape);
    for (const shape of this.#open) if (!open.has(shape)) this.#touchAll(shape);
    this.#kept = new Set(kept);
    this.#open = new Set(open);
  }

  /**
   * Folds and unfolds. @returns those whose box may be another now, and shapes that have changed
   */
  settle(): { keys: ReadonlySet<string>; shapes: ReadonlySet<string> } {
    const shapes = new Set(this.#left);
    for (const key of this.#touched) {
      const shape = this.#shapes.get(key);
      if (shape !== undefined) shapes.add(shape);
    }
    for (const text of shapes) {
      const group = this.#groups.get(text);
      if (group === undefined) continue;
      const { shape, members } = group;
      const folded = members.size > 1 && (group.folded || members.size >= shape.least);
      if (folded !== group.folded) this.#touchAll(shape.text);
      group.folded = folded;
      if (members.size === 0) this.#groups.delete(shape.text);
    }
    const keys = new Set(this.#touched);
    this.#touched.clear();
    this.#left.clear();
    return { keys, shapes };
  }

  #leave(key: string, shape: string): void {
    this.#groups.get(shape)?.members.delete(key);
    this.#shapes.delete(key);
    this.#left.add(shape);
  }

  #touchAll(shape: string): void {
    for (const key of this.#groups.get(shape)?.members ?? []) this.#touched.add(key);
  }
}

export const foldId = (shape: string): string => `fold ${shape}`;
