/**
 * All clients of the stream, with one pace for all: at most one message of a kind each 250 ms.
 *
 * | state  | means                                       | on                    | next   |
 * | ------ | ------------------------------------------- | --------------------- | ------ |
 * | quiet  | nothing was sent in the last 250 ms         | events: sent at once  | pacing |
 * | pacing | something was; what comes meanwhile gathers | time: nothing came    | quiet  |
 * |        |                                             | time: something: sent | pacing |
 *
 * Each 5 s all hosts are looked at, each 500 ms those that are open and of which nothing is known,
 * and each 15 s clients are pinged. Without clients nothing happens. What comes faster than the rings hold is made up for by a snapshot.
 */
import { Chunks, PACE, PING } from '../core.ts';
import type { Clock, Cursor, Sink, StreamFormat } from '../core.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { FleetEvent } from '../reader/fleet-types.ts';
import { FleetClient } from './fleet-client.ts';
import type { HostBook } from './host-book.ts';
import { HostFeeds } from './host-feeds.ts';
import { heardText } from './messages.ts';

const LOOK = 5000;
/** While somebody has a host open of which nothing is known. */
const WAITING_LOOK = 500;

export class FleetHub {
  readonly limit: number;
  readonly #book: HostBook;
  readonly #clock: Clock;
  readonly #hosts: Chunks;
  readonly #feeds: HostFeeds;
  readonly #clients = new Set<FleetClient>();
  #pacing: (() => void) | null = null;
  #pinging: (() => void) | null = null;
  #looking: (() => void) | null = null;
  /** When all hosts were looked at last. */
  #lookedAt = 0;
  #hasMore = false;
  #ended: 'stopped' | 'failed' | null = null;

  /** @param limit how many clients there may be */
  constructor(book: HostBook, source: FleetWatcher, clock: Clock, limit: number) {
    this.#book = book;
    this.#clock = clock;
    this.limit = limit;
    this.#hosts = new Chunks(book, book);
    this.#feeds = new HostFeeds(source);
  }

  get size(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= this.limit;
  }

  /** @param open ids of hosts */
  add(sink: Sink, format: StreamFormat, cursor: Cursor | null, open: readonly string[]): FleetClient {
    // The first for a while: nobody has looked.
    if (this.#clients.size === 0) {
      this.#book.look();
      this.#lookedAt = this.#clock.now();
    }
    const client = new FleetClient(sink, format, this.#hosts, this.#feeds, open);
    this.#clients.add(client);
    this.#pinging ??= this.#clock.after(PING, this.#ping);
    client.start(cursor, this.#clock.now());
    if (client.isWaiting) this.#lookNoMore();
    this.#lookLater();
    if (this.#ended !== null) client.end(this.#ended);
    this.#sweep(client);
    return client;
  }

  /** Its connection is closed. */
  remove(client: FleetClient): void {
    client.closed();
    this.#sweep(client);
  }

  drained(client: FleetClient): void {
    client.drained(this.#clock.now());
    this.#sweep(client);
  }

  take(event: FleetEvent): void {
    this.#book.take(event);
    this.#hasMore = true;
    if (event.type === 'namespaceEvent') this.#feeds.get(event.host.id)?.take(event.event);
    else if (event.type === 'resynced' || event.type === 'hostRestarted') this.#again(event.host.id);
  }

  /** All that came at once was taken. */
  wake(): void {
    if (this.#pacing === null && this.#clients.size > 0) this.#flush();
  }

  /** Ends every stream, and those that come. */
  end(reason: 'stopped' | 'failed'): void {
    this.#ended ??= reason;
    this.#pacing?.();
    this.#pacing = null;
    this.#lookNoMore();
    const now = this.#clock.now();
    for (const client of this.#clients) {
      client.flush(now);
      client.end(reason);
      this.#sweep(client);
    }
  }

  #again(id: string): void {
    this.#feeds.get(id)?.forget();
    const now = this.#clock.now();
    for (const client of this.#clients) client.again(id, now);
  }

  #flush(): void {
    this.#pacing = null;
    if (!this.#hasMore || this.#clients.size === 0) return;
    this.#hasMore = false;
    this.#flushAll();
    this.#pacing = this.#clock.after(PACE, () => this.#flush());
  }

  #flushAll(): void {
    const now = this.#clock.now();
    for (const client of this.#clients) {
      client.flush(now);
      this.#sweep(client);
    }
  }

  #lookLater(): void {
    if (this.#clients.size === 0 || this.#looking !== null || this.#ended !== null) return;
    const isWaiting = [...this.#clients].some((client) => client.isWaiting);
    this.#looking = this.#clock.after(isWaiting ? WAITING_LOOK : LOOK, () => {
      this.#looking = null;
      if (this.#clock.now() - this.#lookedAt >= LOOK) this.#look();
      else this.#flushAll();
      this.#lookLater();
    });
  }

  #lookNoMore(): void {
    this.#looking?.();
    this.#looking = null;
  }

  #look(): void {
    this.#lookedAt = this.#clock.now();
    const heard = this.#book.look();
    this.#flushAll();
    if (Object.keys(heard).length === 0) return;
    const texts = new Map<StreamFormat, Buffer>();
    for (const client of this.#clients) {
      const bytes = texts.get(client.format) ?? Buffer.from(heardText(client.format, heard));
      texts.set(client.format, bytes);
      client.tell(bytes);
    }
  }

  readonly #ping = (): void => {
    this.#pinging = null;
    const now = this.#clock.now();
    for (const client of this.#clients) {
      client.ping(now);
      this.#sweep(client);
    }
    if (this.#clients.size > 0) this.#pinging = this.#clock.after(PING, this.#ping);
  };

  #sweep(client: FleetClient): void {
    if (!client.gone) return;
    client.closed();
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#pinging?.();
    this.#pinging = null;
    this.#lookNoMore();
  }
}
