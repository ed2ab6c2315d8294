/**
 * The pictures of hosts that somebody has open: of each its snapshot and the events after it, for
 * all who follow it, and for as long as somebody does. Their numbers are this server's own.
 */
import { randomBytes } from 'node:crypto';
import { Chunks, EventRing, safeJson } from '../core.ts';
import type { NumberedSnapshot, WireEvent } from '../core.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import { hostTexts } from './messages.ts';

const LIMITS = { events: 4096, bytes: 4 * 1024 * 1024 };
/** Milliseconds. A snapshot that is no older goes out again, with the events after it. */
const FRESH = 2000;

export class HostFeed {
  readonly epoch: string = randomBytes(8).toString('hex');
  readonly ring: EventRing = new EventRing(LIMITS);
  readonly chunks: Chunks;
  readonly #read: () => string | null;
  #snapshot: (NumberedSnapshot & { at: number }) | null = null;
  /** How many follow it. */
  followers = 0;

  /** @param read JSON of all that is there; null: nothing is known yet */
  constructor(id: string, read: () => string | null) {
    this.#read = read;
    this.chunks = new Chunks(this, { snapshot: () => this.#made() }, hostTexts(id));
  }

  get seq(): number {
    return this.ring.last;
  }

  /** Whether there is anything to begin with. */
  get isThere(): boolean {
    return this.#snapshot !== null || this.#fresh() !== null;
  }

  take(event: WireEvent): void {
    this.ring.push(safeJson(event));
  }

  /** What was is no base of what comes. */
  forget(): void {
    this.#snapshot = null;
  }

  #made(): NumberedSnapshot {
    const last = this.#snapshot;
    if (last !== null && Math.abs(Date.now() - last.at) < FRESH && this.ring.has(last.seq)) return last;
    // What was known stays so where nothing is known now.
    return this.#fresh() ?? last ?? { seq: this.seq, json: 'null' };
  }

  #fresh(): NumberedSnapshot | null {
    const json = this.#read();
    if (json === null) return null;
    this.#snapshot = { seq: this.seq, json, at: Date.now() };
    return this.#snapshot;
  }
}

export class HostFeeds {
  readonly #source: FleetWatcher;
  readonly #feeds = new Map<string, HostFeed>();

  constructor(source: FleetWatcher) {
    this.#source = source;
  }

  get(id: string): HostFeed | undefined {
    return this.#feeds.get(id);
  }

  follow(id: string): HostFeed {
    const known = this.#feeds.get(id);
    const feed = known ?? new HostFeed(id, () => this.#source.snapshot(id)?.json ?? null);
    if (known === undefined) this.#feeds.set(id, feed);
    feed.followers++;
    return feed;
  }

  leave(id: string): void {
    const feed = this.#feeds.get(id);
    if (feed !== undefined && --feed.followers === 0) this.#feeds.delete(id);
  }
}
