/** All bands, on both sides of the host, below one another: no two share a place. */
import { Band } from './band.ts';
import type { BandPlan } from './band.ts';
import { SIZE, boxHeight } from './scene-types.ts';

export interface BandSize {
  readonly key: string;
  readonly rows: number;
  /** Of its tallest box. */
  readonly boxRows: number;
  /** As many as there are now. */
  readonly columns: number;
}

/** A band may have so many times the columns that it starts with, and a few at least. */
const GROWTH = 2;
const FEW_COLUMNS = 8;

export class Bands {
  readonly #bands = new Map<string, Band>();
  /** Where the next band of each side begins. */
  readonly #bottom = { left: 0, right: 0 };

  get all(): Iterable<Band> {
    return this.#bands.values();
  }

  get(key: string): Band | undefined {
    return this.#bands.get(key);
  }

  /**
   * Those of the first picture, around the middle: each goes to the side that is shorter by then.
   */
  start(sizes: readonly BandSize[]): void {
    const heights = { left: 0, right: 0 };
    const sided = sizes.map((size) => {
      const side = heights.right <= heights.left ? 'right' : 'left';
      heights[side] += heightOf(size) + SIZE.bandGap;
      return { size, side } as const;
    });
    this.#bottom.left = -Math.round(heights.left / 2);
    this.#bottom.right = -Math.round(heights.right / 2);
    for (const { size, side } of sided) this.#add(size, side);
  }

  /** One for what came later: one that is empty, if it is as high, else below the shorter side. */
  open(size: BandSize): Band {
    const height = boxHeight(size.boxRows);
    for (const band of this.#bands.values()) {
      const { plan } = band;
      if (band.size > 0 || plan.rows < size.rows || plan.height < height) continue;
      this.#bands.delete(plan.key);
      const again = new Band({ ...plan, key: size.key });
      this.#bands.set(size.key, again);
      return again;
    }
    return this.#add(size, this.#bottom.right <= this.#bottom.left ? 'right' : 'left');
  }

  #add(size: BandSize, side: 'left' | 'right'): Band {
    const plan: BandPlan = {
      key: size.key,
      side: side === 'right' ? 1 : -1,
      top: this.#bottom[side],
      rows: size.rows,
      height: boxHeight(size.boxRows),
      columns: Math.max(FEW_COLUMNS, Math.ceil(size.columns * GROWTH)),
    };
    this.#bottom[side] += heightOf(size) + SIZE.bandGap;
    const band = new Band(plan);
    this.#bands.set(size.key, band);
    return band;
  }
}

const heightOf = ({ rows, boxRows }: BandSize): number =>
  SIZE.lane + rows * (boxHeight(boxRows) + SIZE.gap) - SIZE.gap;
