/**
 * One who follows the stream: the hosts, and what is on those that it has open, each as a client of
 * the core (events/client.ts) of its own row of events, all on one connection.
 *
 * | an open host | means                       | on                                | next |
 * | ------------ | --------------------------- | --------------------------------- | ---- |
 * | waiting      | nothing is known of it yet  | flush, something is               | told |
 * | told         | has its snapshot and events | what was is no base of what comes | told |
 */
import { StreamClient } from '../core.ts';
import type { Chunks, Cursor, Sink, StreamFormat } from '../core.ts';
import type { HostFeeds } from './host-feeds.ts';

export class FleetClient {
  readonly format: StreamFormat;
  readonly #sink: Sink;
  readonly #hosts: StreamClient;
  readonly #feeds: HostFeeds;
  /** Null: waiting. */
  readonly #open = new Map<string, StreamClient | null>();
  #isFull = false;
  #isClosed = false;

  /** @param open ids of hosts */
  constructor(sink: Sink, format: StreamFormat, hosts: Chunks, feeds: HostFeeds, open: readonly string[]) {
    this.format = format;
    this.#sink = {
      write: (bytes) => {
        this.#isFull = !sink.write(bytes);
        return !this.#isFull;
      },
      end: (bytes) => sink.end(bytes),
      cut: () => sink.cut(),
    };
    this.#hosts = new StreamClient(this.#sink, hosts, format);
    this.#feeds = feeds;
    for (const id of open) {
      feeds.follow(id);
      this.#open.set(id, null);
    }
  }

  get gone(): boolean {
    return this.#isClosed || this.#hosts.gone;
  }

  /** Whether it has a host open of which nothing is known. */
  get isWaiting(): boolean {
    return !this.gone && [...this.#open.values()].includes(null);
  }

  start(cursor: Cursor | null, now: number): void {
    this.#hosts.start(cursor, now);
    this.flush(now);
  }

  flush(now: number): void {
    if (this.gone) return;
    this.#hosts.flush(now);
    for (const [id, client] of this.#open)
      if (client === null) this.#begin(id, now);
      else client.flush(now);
  }

  /** What it knows of a host is no base of what comes. */
  again(id: string, now: number): void {
    if (!this.gone && this.#open.has(id)) this.#begin(id, now);
  }

  drained(now: number): void {
    this.#isFull = false;
    this.#hosts.drained(now);
    for (const client of this.#open.values()) client?.drained(now);
    this.flush(now);
  }

  /** What need not be told to who has no room for it. */
  tell(bytes: Buffer): void {
    if (!this.gone && !this.#isFull) this.#sink.write(bytes);
  }

  ping(now: number): void {
    this.#hosts.ping(now);
  }

  end(reason: 'stopped' | 'failed'): void {
    this.#hosts.end(reason);
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hosts.closed();
    for (const [id, client] of this.#open) {
      client?.closed();
      this.#feeds.leave(id);
    }
  }

  #begin(id: string, now: number): void {
    const feed = this.#feeds.get(id);
    // One that takes nothing now begins with what is there when it does.
    if (feed === undefined || this.#isFull || !feed.isThere) return void this.#open.set(id, null);
    const client = new StreamClient(this.#sink, feed.chunks, this.format);
    this.#open.set(id, client);
    client.start(null, now);
  }
}
