/**
 * All clients of the stream (core, paced-clients.ts), and the looks at hosts for them: each 5 s at
 * all hosts, each 500 ms at those that somebody has open and of which nothing is known. Without
 * clients nothing happens. What comes faster than the rings hold is made up for by a snapshot.
 */
import { Chunks, PacedClients } from '../core.ts';
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
  readonly #book: HostBook;
  readonly #clock: Clock;
  readonly #hosts: Chunks;
  readonly #feeds: HostFeeds;
  readonly #clients: PacedClients<FleetClient>;
  #looking: (() => void) | null = null;
  /** When all hosts were looked at last. */
  #lookedAt = 0;
  #hasMore = false;

  /** @param limit how many clients there may be */
  constructor(book: HostBook, source: FleetWatcher, clock: Clock, limit: number) {
    this.#book = book;
    this.#clock = clock;
    this.#hosts = new Chunks(book, book);
    this.#feeds = new HostFeeds(source);
    const takeNew = (): boolean => {
      const hadMore = this.#hasMore;
      this.#hasMore = false;
      return hadMore;
    };
    this.#clients = new PacedClients(clock, limit, takeNew, () => this.#lookNoMore());
  }

  get size(): number {
    return this.#clients.size;
  }

  get limit(): number {
    return this.#clients.limit;
  }

  get isFull(): boolean {
    return this.#clients.isFull;
  }

  /** @param open ids of hosts */
  add(sink: Sink, format: StreamFormat, cursor: Cursor | null, open: readonly string[]): FleetClient {
    // The first for a while: nobody has looked.
    if (this.size === 0) {
      this.#book.look();
      this.#lookedAt = this.#clock.now();
    }
    const client = new FleetClient(sink, format, this.#hosts, this.#feeds, open);
    this.#clients.add(client, cursor);
    if (client.isWaiting) this.#lookNoMore();
    this.#lookLater();
    return client;
  }

  /** Its connection is closed. */
  remove(client: FleetClient): void {
    this.#clients.remove(client);
  }

  drained(client: FleetClient): void {
    this.#clients.drained(client);
  }

  take(event: FleetEvent): void {
    this.#book.take(event);
    this.#hasMore = true;
    if (event.type === 'namespaceEvent') this.#feeds.get(event.host.id)?.take(event.event);
    else if (event.type === 'resynced' || event.type === 'hostRestarted') this.#again(event.host.id);
  }

  /** All that came at once was taken. */
  wake(): void {
    this.#clients.wake();
  }

  /** Ends every stream, and those that come. */
  end(reason: 'stopped' | 'failed'): void {
    this.#lookNoMore();
    this.#clients.end(reason);
  }

  #again(id: string): void {
    this.#feeds.get(id)?.forget();
    const now = this.#clock.now();
    for (const client of this.#clients) client.again(id, now);
  }

  #lookLater(): void {
    if (this.size === 0 || this.#looking !== null || this.#clients.hasEnded) return;
    const isWaiting = [...this.#clients].some((client) => client.isWaiting);
    this.#looking = this.#clock.after(isWaiting ? WAITING_LOOK : LOOK, () => {
      this.#looking = null;
      if (this.#clock.now() - this.#lookedAt >= LOOK) this.#look();
      else this.#clients.flush();
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
    this.#clients.flush();
    if (Object.keys(heard).length === 0) return;
    const texts = new Map<StreamFormat, Buffer>();
    for (const client of this.#clients) {
      const bytes = texts.get(client.format) ?? Buffer.from(heardText(client.format, heard));
      texts.set(client.format, bytes);
      client.tell(bytes);
    }
  }
}
