/**
 * Scrapes that are asked for while one runs get the next one, all of them the same: it begins when
 * all have asked, so that nothing of it is older. However many ask, one runs at a time.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { render } from './exposition.ts';
import type { Format } from './exposition.ts';
import type { Family } from './family.ts';

/** What one scrape gives, in each form made once. */
export class Scrape {
  readonly #families: readonly Family[];
  readonly #made = new Map<string, Promise<Buffer>>();

  constructor(families: readonly Family[]) {
    this.#families = families;
  }

  body(format: Format, isGzip: boolean): Promise<Buffer> {
    const key = `${format} ${isGzip}`;
    const made = this.#made.get(key) ?? this.#make(format, isGzip);
    this.#made.set(key, made);
    return made;
  }

  async #make(format: Format, isGzip: boolean): Promise<Buffer> {
    if (isGzip) return promisify(gzip)(await this.body(format, false), { level: 1 });
    return Buffer.from(render(this.#families, format));
  }
}

export class Scrapes {
  readonly #collect: () => Promise<readonly Family[]>;
  /** The one that has not begun. */
  #next: Promise<Scrape> | null = null;
  /** Settled when all that were begun have ended. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(collect: () => Promise<readonly Family[]>) {
    this.#collect = collect;
  }

  /** A scrape that begins now, or when the one that runs has ended. */
  take(): Promise<Scrape> {
    if (this.#next !== null) return this.#next;
    const begin = async (): Promise<Scrape> => {
      this.#next = null;
      return new Scrape(await this.#collect());
    };
    this.#next = this.#last.then(begin);
    this.#last = this.#next.catch(() => {});
    return this.#next;
  }
}
