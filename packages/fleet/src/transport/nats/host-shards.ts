/**
 * By which shard each host's deltas come, as its last head said. Hosts come and go for ever, and
 * nobody says that one will not come back: those that were not heard of for longest are forgotten.
 */

/** As many as a reader lists. */
const MOST = 100_000;

export class HostShards {
  readonly #most: number;
  /** Whoever was heard of last is the last one. */
  readonly #shards = new Map<string, string>();

  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** @returns undefined: not known, or not any more: it may be any */
  get(key: string): string | undefined {
    return this.#shards.get(key);
  }

  set(key: string, shard: string): void {
    this.#shards.delete(key);
    this.#shards.set(key, shard);
    if (this.#shards.size <= this.#most) return;
    for (const longest of this.#shards.keys()) {
      this.#shards.delete(longest);
      return;
    }
  }
}
