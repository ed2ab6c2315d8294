/** Which cell each box has. */
import type { PageNamespace } from '../../replay/replay-types.ts';
import { BAND, busBand, laterBand, treeBand } from './arrange.ts';
import type { Arrangement } from './arrange.ts';
import { anchorsOf } from './attach.ts';
import type { Known } from './attach.ts';
import type { Band, Cell } from './band.ts';
import { Bands } from './bands.ts';

interface Place {
  readonly band: Band;
  readonly cell: Cell;
  /** Whether it was linked to anything when it got it. */
  readonly linked: boolean;
}

export class Places {
  readonly bands: Bands = new Bands();
  readonly #places = new Map<string, Place>();
  /** Where a new box comes from: out of a fold, or together into one. */
  readonly #hints = new Map<string, Place>();

  /** How many boxes are to be placed now: a new band is large enough for all of them. */
  expected: number = 1;

  get(id: string): Place | undefined {
    return this.#places.get(id);
  }

  start({ bands, places }: Arrangement): void {
    this.bands.start(bands);
    const columns = new Map(bands.map((size) => [size.key, size.columns]));
    for (const { unit, band: key, cell: found, parent } of places) {
      const band = this.bands.get(key) as Band;
      // From left to right on the left side, too.
      const last = band.plan.side < 0 ? (columns.get(key) ?? 0) - 1 : -1;
      const cell = found === null || last < 0 ? found : { ...found, column: last - found.column };
      const near = parent === null ? undefined : this.#places.get(parent);
      const linked = key !== BAND.apart;
      if (cell !== null && band.takeCell(unit.id, cell)) this.#places.set(unit.id, { band, cell, linked });
      else {
        const beside = near?.band === band ? { column: near.cell.column + 1, row: near.cell.row } : null;
        this.#places.set(unit.id, { band, cell: band.take(unit.id, beside, columns.get(key)), linked });
      }
    }
  }

  /** A new box may come to where another one is, or was. */
  hint(id: string, from: string): void {
    const place = this.#places.get(from);
    if (place !== undefined && !this.#hints.has(id)) this.#hints.set(id, place);
  }

  forgetHints(): void {
    this.#hints.clear();
  }

  free(id: string): void {
    const place = this.#places.get(id);
    place?.band.free(place.cell);
    this.#places.delete(id);
  }

  /** Its place, which it keeps if it has one. */
  place(
    id: string,
    namespace: PageNamespace,
    known: Known,
    boxOf: (key: string) => string | undefined,
    isFold: boolean,
  ): void {
    const place = this.#places.get(id);
    if (place !== undefined && (place.linked || isFold)) return;
    const found = this.#bandOf(id, namespace, known, boxOf);
    if (place !== undefined && found === null) return;
    this.free(id);
    const hint = this.#hints.get(id) ?? null;
    const band = found?.band ?? hint?.band ?? this.#open(BAND.apart);
    const near = found?.near ?? (hint?.band === band ? hint.cell : null);
    this.#places.set(id, { band, cell: band.take(id, near), linked: anchorsOf(namespace, known).length > 0 });
  }

  cell(id: string): { x: number; y: number; height: number } {
    const { band, cell } = this.#places.get(id) as Place;
    return { x: band.x(cell.column), y: band.y(cell.row), height: band.plan.height };
  }

  /** By what it is linked to. */
  #bandOf(
    id: string,
    namespace: PageNamespace,
    known: Known,
    boxOf: (key: string) => string | undefined,
  ): { band: Band; near: Cell | null } | null {
    for (const anchor of anchorsOf(namespace, known)) {
      if (anchor.to !== 'namespace') {
        const key = anchor.to === 'bus' ? busBand(anchor.bus.key) : BAND.host;
        return {
          band:
            this.bands.get(key) === undefined
              ? (this.bands.get(treeBand(key)) ?? this.#open(key))
              : this.#open(key),
          near: null,
        };
      }
      const other = boxOf(anchor.key);
      const place = other === undefined || other === id ? undefined : this.#places.get(other);
      if (place === undefined) continue;
      // Two that were alone until now: beside one another, where others are linked.
      const near = { column: place.cell.column + 1, row: place.cell.row };
      return { band: place.band, near };
    }
    return null;
  }

  /** That of this key, or the first one after it that is not full. */
  #open(key: string): Band {
    for (let number = 1; ; number++) {
      const name = number === 1 ? key : `${key} #${number}`;
      const band = this.bands.get(name);
      if (band === undefined) return this.bands.open(laterBand(name, this.expected));
      if (!band.isFull) return band;
    }
  }
}
