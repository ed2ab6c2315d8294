/**
 * The parts of a scrape: those of the watcher, as it says itself, and what is asked of it in turn,
 * each with the time that took.
 *
 * | a part    | fact                          | then                         |
 * | --------- | ----------------------------- | ---------------------------- |
 * | unknown   | the watcher says that it is up | up                          |
 * | unknown   | it says not, or nothing       | down                         |
 * | up        | it is asked, and fails        | down, in this scrape         |
 * | down      | it is asked again             | down; what it says is told   |
 */
import type { Families } from './families.ts';
import { labels } from './family.ts';
import type { MetricsSource } from './metrics-types.ts';

/** Those that are told of, whatever happens. */
const OF_WATCHER = ['names', 'nsids', 'deaths', 'processes', 'links'];
const OF_SCRAPE = ['inventory', 'counters', 'events'] as const;

export type ScrapePart = (typeof OF_SCRAPE)[number];

export class ScrapeParts {
  readonly #up = new Map<string, boolean>();
  readonly #seconds = new Map<string, number>(OF_SCRAPE.map((part) => [part, 0]));
  readonly #now: () => number;

  /** Whether anything of the watcher works: what it told last is old otherwise. */
  readonly isLive: boolean;

  /** @param now milliseconds that only grow */
  constructor(source: Pick<MetricsSource, 'parts'>, now: () => number = () => performance.now()) {
    this.#now = now;
    for (const part of OF_WATCHER) this.#up.set(part, false);
    try {
      for (const [part, isUp] of source.parts()) this.#up.set(part, isUp);
    } catch {
      // None of them is known to work.
    }
    this.isLive = [...this.#up.values()].includes(true);
    for (const part of OF_SCRAPE) this.#up.set(part, true);
    if (!this.isLive) for (const part of ['inventory', 'counters']) this.#up.set(part, false);
  }

  isUp(part: string): boolean {
    return this.#up.get(part) === true;
  }

  /** @returns what it gives; undefined: it failed */
  async run<T>(part: ScrapePart, work: () => T | Promise<T>): Promise<T | undefined> {
    const start = this.#now();
    try {
      return await work();
    } catch {
      this.#up.set(part, false);
      return undefined;
    } finally {
      this.#seconds.set(part, (this.#seconds.get(part) ?? 0) + (this.#now() - start) / 1000);
    }
  }

  addTo(families: Families): void {
    for (const [part, isUp] of this.#up) families.add('part_up', labels({ part }), isUp ? 1 : 0);
    for (const [part, seconds] of this.#seconds)
      families.add('scrape_duration_seconds', labels({ part }), seconds);
  }
}
