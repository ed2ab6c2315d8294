/**
 * All clients of the stream, with one pace and one ping for all.
 *
 * | state  | means                                        | on                    | next   |
 * | ------ | -------------------------------------------- | --------------------- | ------ |
 * | quiet  | nothing was sent in the last 250 ms          | events: sent at once  | pacing |
 * | pacing | something was; what comes meanwhile gathers  | time: nothing came    | quiet  |
 * |        |                                              | time: something: sent | pacing |
 * |        |                                              | half a ring of it     | pacing |
 *
 * Pings go out each 15 s while there is a client. So at rest nothing else happens, and without
 * clients nothing at all.
 */
import type { Clock } from '../../watch/stream/clock.ts';
import type { Chunks } from './chunks.ts';
import { StreamClient } from './client.ts';
import type { Sink } from './client.ts';
import type { Cursor } from './cursor.ts';
import type { StreamFormat } from './message.ts';

export const PACE = 250;
export const PING = 15_000;

export class Hub {
  readonly #chunks: Chunks;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #clients = new Set<StreamClient>();
  #pacing: (() => void) | null = null;
  #pinging: (() => void) | null = null;
  /** The last event when clients were sent something. */
  #flushed: number;
  /** The bytes of all events by then. */
  #flushedBytes: number;
  #ended: 'stopped' | 'failed' | null = null;

  /** @param most how many clients there may be */
  constructor(chunks: Chunks, clock: Clock, most: number) {
    this.#chunks = chunks;
    this.#clock = clock;
    this.#most = most;
    this.#flushed = chunks.feed.seq;
    this.#flushedBytes = chunks.feed.ring.total;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** How many clients there may be. */
  get limit(): number {
    return this.#most;
  }

  get isFull(): boolean {
    return this.#clients.size >= this.#most;
  }

  /** @returns the client, which has been sent what it lacked */
  add(sink: Sink, format: StreamFormat, cursor: Cursor | null): StreamClient {
    const client = new StreamClient(sink, this.#chunks, format);
    this.#clients.add(client);
    this.#pinging ??= this.#clock.after(PING, this.#ping);
    client.start(cursor, this.#clock.now());
    if (this.#ended !== null) client.end(this.#ended);
    this.#sweep(client);
    return client;
  }

  /** Its connection is closed. */
  remove(client: StreamClient): void {
    client.closed();
    this.#sweep(client);
  }

  /** It took what was written. */
  drained(client: StreamClient): void {
    client.drained(this.#clock.now());
    this.#sweep(client);
  }

  /** The feed has more events. */
  wake(): void {
    if (this.#pacing === null && this.#clients.size > 0) this.#flush();
  }

  /** One event more: sends at once what would soon be kept no longer. */
  heard(): void {
    if (!this.#chunks.feed.ring.isHalfNew(this.#flushed, this.#flushedBytes)) return;
    this.#pacing?.();
    this.#flush();
  }

  /** Ends every stream, and those that come. */
  end(reason: 'stopped' | 'failed'): void {
    this.#ended ??= reason;
    this.#pacing?.();
    this.#pacing = null;
    const now = this.#clock.now();
    for (const client of this.#clients) {
      client.flush(now);
      client.end(reason);
      this.#sweep(client);
    }
  }

  #flush(): void {
    this.#pacing = null;
    const last = this.#chunks.feed.seq;
    if (last === this.#flushed) return;
    this.#flushed = last;
    this.#flushedBytes = this.#chunks.feed.ring.total;
    if (this.#clients.size === 0) return;
    const now = this.#clock.now();
    for (const client of this.#clients) {
      client.flush(now);
      this.#sweep(client);
    }
    this.#pacing = this.#clock.after(PACE, () => this.#flush());
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

  #sweep(client: StreamClient): void {
    if (!client.gone) return;
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#pinging?.();
    this.#pinging = null;
  }
}
