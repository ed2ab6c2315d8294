/**
 * All clients of a stream, with one pace and one ping for all.
 *
 * | state  | means                                        | on                    | next   |
 * | ------ | -------------------------------------------- | --------------------- | ------ |
 * | quiet  | nothing was sent in the last 250 ms          | events: sent at once  | pacing |
 * | pacing | something was; what comes meanwhile gathers  | time: nothing came    | quiet  |
 * |        |                                              | time: something: sent | pacing |
 *
 * Pings go out each 15 s while there is a client. So at rest nothing else happens, and without
 * clients nothing at all.
 */
import type { Clock } from '../../watch/stream/clock.ts';
import type { Cursor } from './cursor.ts';

export const PACE = 250;
export const PING = 15_000;

/** One of them: what it is sent, it knows itself (client.ts). */
export interface PacedClient {
  /** Whether nothing more is sent to it. */
  readonly gone: boolean;
  start(cursor: Cursor | null, now: number): void;
  flush(now: number): void;
  drained(now: number): void;
  ping(now: number): void;
  end(reason: 'stopped' | 'failed'): void;
  closed(): void;
}

export class PacedClients<Client extends PacedClient> {
  /** How many there may be. */
  readonly limit: number;
  readonly #clock: Clock;
  readonly #takeNew: () => boolean;
  readonly #onEmpty: () => void;
  readonly #all = new Set<Client>();
  #pacing: (() => void) | null = null;
  #pinging: (() => void) | null = null;
  #ended: 'stopped' | 'failed' | null = null;

  /**
   * @param limit how many there may be
   * @param takeNew whether anything came since it was asked last
   * @param onEmpty the last one has gone
   */
  constructor(clock: Clock, limit: number, takeNew: () => boolean, onEmpty: () => void = () => {}) {
    this.limit = limit;
    this.#clock = clock;
    this.#takeNew = takeNew;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#all.size;
  }

  get isFull(): boolean {
    return this.#all.size >= this.limit;
  }

  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  [Symbol.iterator](): IterableIterator<Client> {
    return this.#all.values();
  }

  /** It is sent what it lacks. */
  add(client: Client, cursor: Cursor | null): void {
    this.#all.add(client);
    this.#pinging ??= this.#clock.after(PING, this.#ping);
    client.start(cursor, this.#clock.now());
    if (this.#ended !== null) client.end(this.#ended);
    this.#sweep(client);
  }

  /** Its connection is closed. */
  remove(client: Client): void {
    client.closed();
    this.#sweep(client);
  }

  /** It took what was written. */
  drained(client: Client): void {
    client.drained(this.#clock.now());
    this.#sweep(client);
  }

  /** There may be more to send. */
  wake(): void {
    if (this.#pacing === null && this.#all.size > 0) this.hurry();
  }

  /** Sends what there is, whatever was sent just now. */
  hurry(): void {
    this.#pacing?.();
    this.#pacing = null;
    if (!this.#takeNew() || this.#all.size === 0) return;
    this.flush();
    this.#pacing = this.#clock.after(PACE, () => {
      this.#pacing = null;
      this.hurry();
    });
  }

  flush(): void {
    this.#each((client, now) => client.flush(now));
  }

  /** Ends every stream, and those that come. */
  end(reason: 'stopped' | 'failed'): void {
    this.#ended ??= reason;
    this.#pacing?.();
    this.#pacing = null;
    this.#each((client, now) => {
      client.flush(now);
      client.end(reason);
    });
  }

  readonly #ping = (): void => {
    this.#pinging = null;
    this.#each((client, now) => client.ping(now));
    if (this.#all.size > 0) this.#pinging = this.#clock.after(PING, this.#ping);
  };

  #each(act: (client: Client, now: number) => void): void {
    const now = this.#clock.now();
    for (const client of this.#all) {
      act(client, now);
      this.#sweep(client);
    }
  }

  #sweep(client: Client): void {
    if (!client.gone || !this.#all.delete(client)) return;
    client.closed();
    if (this.#all.size > 0) return;
    this.#pinging?.();
    this.#pinging = null;
    this.#onEmpty();
  }
}
