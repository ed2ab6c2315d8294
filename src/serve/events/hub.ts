/**
 * All clients of the stream of one watcher (paced-clients.ts). What would soon be kept no longer,
 * half a ring of events, is sent at once, whatever the pace.
 */
import type { Clock } from '../../watch/stream/clock.ts';
import type { Chunks } from './chunks.ts';
import { StreamClient } from './client.ts';
import type { Sink } from './client.ts';
import type { Cursor } from './cursor.ts';
import type { StreamFormat } from './message.ts';
import { PacedClients } from './paced-clients.ts';

export class Hub {
  readonly #chunks: Chunks;
  readonly #clients: PacedClients<StreamClient>;
  /** The last event when clients were sent something. */
  #flushed: number;
  /** The bytes of all events by then. */
  #flushedBytes: number;

  /** @param most how many clients there may be */
  constructor(chunks: Chunks, clock: Clock, most: number) {
    this.#chunks = chunks;
    this.#clients = new PacedClients(clock, most, () => this.#takeNew());
    this.#flushed = chunks.feed.seq;
    this.#flushedBytes = chunks.feed.ring.total;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** How many clients there may be. */
  get limit(): number {
    return this.#clients.limit;
  }

  get isFull(): boolean {
    return this.#clients.isFull;
  }

  /** @returns the client, which has been sent what it lacked */
  add(sink: Sink, format: StreamFormat, cursor: Cursor | null): StreamClient {
    const client = new StreamClient(sink, this.#chunks, format);
    this.#clients.add(client, cursor);
    return client;
  }

  /** Its connection is closed. */
  remove(client: StreamClient): void {
    this.#clients.remove(client);
  }

  /** It took what was written. */
  drained(client: StreamClient): void {
    this.#clients.drained(client);
  }

  /** The feed has more events. */
  wake(): void {
    this.#clients.wake();
  }

  /** One event more: sends at once what would soon be kept no longer. */
  heard(): void {
    if (this.#chunks.feed.ring.isHalfNew(this.#flushed, this.#flushedBytes)) this.#clients.hurry();
  }

  /** Ends every stream, and those that come. */
  end(reason: 'stopped' | 'failed'): void {
    this.#clients.end(reason);
  }

  #takeNew(): boolean {
    const { seq, ring } = this.#chunks.feed;
    if (seq === this.#flushed) return false;
    this.#flushed = seq;
    this.#flushedBytes = ring.total;
    return true;
  }
}
