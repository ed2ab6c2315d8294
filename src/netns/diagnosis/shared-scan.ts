/**
 * A scan that several ask for and that is made at most once a second, since a host has thousands of
 * processes: whoever asks while one waits for its turn gets that one.
 */
import { setTimeout } from 'node:timers/promises';

/** At most one scan starts in this time. */
const SCAN_INTERVAL_MS = 1000;

export class SharedScan<T> {
  readonly #scan: (signal: AbortSignal | undefined) => Promise<T>;
  #latest: T | null = null;
  #started = -Infinity;
  #next: Promise<T> | null = null;

  /** @param scan makes one; ends it early when the signal is aborted */
  constructor(scan: (signal: AbortSignal | undefined) => Promise<T>) {
    this.#scan = scan;
  }

  /** What the last scan found, if that began less than a second ago. */
  get recent(): T | null {
    return performance.now() < this.#started + SCAN_INTERVAL_MS ? this.#latest : null;
  }

  /** What a scan finds that starts from now on: the same for all who wait for it. */
  next(signal?: AbortSignal): Promise<T> {
    this.#next ??= this.#scanInTurn(signal);
    return this.#next;
  }

  /** What was found is no longer true. */
  forget(): void {
    this.#latest = null;
  }

  async #scanInTurn(signal: AbortSignal | undefined): Promise<T> {
    const wait = this.#started + SCAN_INTERVAL_MS - performance.now();
    await setTimeout(Math.max(0, wait), undefined, signal === undefined ? {} : { signal });
    this.#started = performance.now();
    this.#next = null;
    this.#latest = null;
    const found = await this.#scan(signal);
    this.#latest = found;
    return found;
  }
}
