/**
 * A band: a strip beside the host, with cells in columns that go outwards. Who has a
 * cell keeps it; a free one is that nearest to what its box is linked to.
 */
import { SIZE } from './scene-types.ts';

export interface Cell {
  readonly column: number;
  readonly row: number;
}

export interface BandPlan {
  /** What its boxes are attached to. */
  readonly key: string;
  readonly side: 1 | -1;
  readonly top: number;
  /** Cells of a column. */
  readonly rows: number;
  /** Of a cell. */
  readonly height: number;
  /** With more columns it would be too wide; those of one that is full go to another. */
  readonly columns: number;
}

/** As far as a search near a cell goes, in cells; beyond, it is the first free one. */
const NEAR = 6;

export class Band {
  readonly plan: BandPlan;
  /** Who has a cell, by column times rows plus row. */
  readonly #taken = new Map<number, string>();
  /** No cell before it is free. */
  #full = 0;

  constructor(plan: BandPlan) {
    this.plan = plan;
  }

  get size(): number {
    return this.#taken.size;
  }

  get isFull(): boolean {
    return this.#first() >= this.plan.rows * this.plan.columns;
  }

  /**
   * @param near null: as near to the host as possible
   * @param most columns
   */
  take(id: string, near: Cell | null, most: number = this.plan.columns): Cell {
    const index = (near === null ? null : this.#nearest(near, most)) ?? this.#first();
    this.#taken.set(index, id);
    return { column: Math.floor(index / this.plan.rows), row: index % this.plan.rows };
  }

  /** @returns whether it was free */
  takeCell(id: string, { column, row }: Cell): boolean {
    const index = column * this.plan.rows + row;
    if (this.#taken.has(index)) return false;
    this.#taken.set(index, id);
    return true;
  }

  free({ column, row }: Cell): void {
    const index = column * this.plan.rows + row;
    this.#taken.delete(index);
    this.#full = Math.min(this.#full, index);
  }

  x(column: number): number {
    const { side } = this.plan;
    const near = SIZE.hostWidth / 2 + SIZE.channel + column * (SIZE.width + SIZE.gutter);
    return side > 0 ? near : -near - SIZE.width;
  }

  y(row: number): number {
    return this.plan.top + SIZE.lane + row * (this.plan.height + SIZE.gap);
  }

  get bottom(): number {
    return this.y(this.plan.rows) - SIZE.gap;
  }

  #first(): number {
    while (this.#taken.has(this.#full)) this.#full++;
    return this.#full;
  }

  #nearest({ column, row }: Cell, most: number): number | null {
    const { rows } = this.plan;
    for (let distance = 0; distance <= NEAR; distance++)
      for (let aside = 0; aside <= distance; aside++)
        for (const [out, down] of sides(distance - aside, aside)) {
          const at = { column: column + out, row: row + down };
          if (at.column < 0 || at.column >= most || at.row < 0 || at.row >= rows) continue;
          const index = at.column * rows + at.row;
          if (!this.#taken.has(index)) return index;
        }
    return null;
  }
}

/** Outwards and downwards first. */
const sides = (columns: number, rows: number): readonly (readonly [number, number])[] => [
  [columns, rows],
  [columns, -rows],
  [-columns, rows],
  [-columns, -rows],
];
