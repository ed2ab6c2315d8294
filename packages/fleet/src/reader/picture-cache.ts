/** The pictures that somebody looked at last, so that another look costs only what came since. */
import type { Picture } from './picture.ts';

const MOST = { pictures: 64, namespaces: 20_000 } as const;

export class PictureCache {
  /** The one that was looked at last is the last one. */
  readonly #all = new Map<object, Picture>();
  readonly #sizes = new Map<object, number>();
  #total = 0;

  get(of: object): Picture | null {
    return this.#all.get(of) ?? null;
  }

  set(of: object, picture: Picture): void {
    this.drop(of);
    const size = picture.namespaces.size;
    this.#all.set(of, picture);
    this.#sizes.set(of, size);
    this.#total += size;
    for (const oldest of this.#all.keys()) {
      if (this.#all.size === 1) return;
      if (this.#all.size <= MOST.pictures && this.#total <= MOST.namespaces) return;
      this.drop(oldest);
    }
  }

  drop(of: object): void {
    this.#all.delete(of);
    this.#total -= this.#sizes.get(of) ?? 0;
    this.#sizes.delete(of);
  }
}
