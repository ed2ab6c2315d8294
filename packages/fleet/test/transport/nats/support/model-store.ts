/**
 * A stream, and a server that may be away, stand still, lose its newest messages, or lose a consumer
 * without a word: what JetStream was seen to do (states in lane.ts).
 */
import { FleetError } from '../../../../src/errors.ts';
import type {
  LaneStore,
  Position,
  Reading,
  ReadingHandlers,
  StoredMessage,
} from '../../../../src/transport/nats/lane-types.ts';
import type { ManualClock } from '../../../support/manual-clock.ts';

/** The server's clock is ahead by this, in milliseconds. */
const AHEAD = 1_700_000_000_000;
const LATENCY = 5;
const API_TIMEOUT = 3000;
const HEARTBEATS_MISSED = 2000;

interface Stream {
  created: string;
  last: number;
  messages: StoredMessage[];
}

interface Consumer {
  handlers: ReadingHandlers;
  /** The next number to be delivered. */
  next: number;
  begun: boolean;
  closed: boolean;
}

export class ModelStore implements LaneStore {
  readonly #clock: ManualClock;
  readonly #isLast: boolean;
  #stream: Stream | null = null;
  #count = 0;
  #consumers = new Set<Consumer>();
  #isUp = true;
  #isFull = false;
  /** What was kept when a reading was opened last. */
  keptAtOpen: readonly StoredMessage[] = [];
  /** What a server that stands still does when it goes on. */
  #stalled: (() => void)[] | null = null;

  constructor(clock: ManualClock, isLast: boolean) {
    this.#clock = clock;
    this.#isLast = isLast;
    this.makeStream();
  }

  get stream(): Readonly<Stream> | null {
    return this.#stream;
  }

  /** That the server has. */
  get consumers(): number {
    return this.#consumers.size;
  }

  open(position: Position | null, handlers: ReadingHandlers): Promise<Reading> {
    let isLate = false;
    const opening = this.#ask((): Reading => {
      const stream = this.#stream;
      if (isLate) throw new Error('deleted as soon as it was made');
      if (stream === null) throw new FleetError('ERR_FLEET_STREAM_MISSING', 'no stream');
      const consumer: Consumer = { handlers, next: position?.seq ?? 1, begun: false, closed: false };
      this.#consumers.add(consumer);
      this.keptAtOpen = [...stream.messages];
      return {
        created: stream.created,
        last: stream.last,
        time: this.#clock.now() + AHEAD,
        begin: () => {
          consumer.begun = true;
          this.#deliver();
        },
        close: () => {
          consumer.closed = true;
          this.#consumers.delete(consumer);
        },
      };
    });
    opening.catch(() => {
      isLate = true;
    });
    return opening;
  }

  mark(number: number): Promise<void> {
    return this.#ask(() => {
      if (this.#stream === null) throw new FleetError('ERR_FLEET_STREAM_MISSING', 'no stream');
      if (this.#isFull) throw new FleetError('ERR_FLEET_REFUSED', 'no space');
      this.#keep('mark', String(number));
    });
  }

  ownMark({ subject, data }: StoredMessage): number | null {
    return subject === 'mark' ? Number(Buffer.from(data).toString()) : null;
  }

  /** By an agent. Lost, if nobody is there to keep it. */
  publish(subject: string, text: string): void {
    if (this.#isUp) this.#do(() => this.#stream !== null && !this.#isFull && this.#keep(subject, text));
  }

  makeStream(): void {
    this.#stream ??= { created: `stream ${++this.#count}`, last: 0, messages: [] };
  }

  /** Consumers are told at once, or not at all: then their heartbeats are missed. */
  deleteStream(isTold: boolean): void {
    this.#stream = null;
    this.#loseConsumers(isTold ? 0 : HEARTBEATS_MISSED);
  }

  loseConsumers(): void {
    this.#loseConsumers(HEARTBEATS_MISSED);
  }

  /** They are gone, and nobody says so, ever. */
  muteConsumers(): void {
    this.#consumers = new Set();
  }

  full(): void {
    this.#isFull = true;
  }

  room(): void {
    this.#isFull = false;
  }

  /** Loss of power: what was not synced is gone, and its numbers are given again. */
  rollBack(count: number): void {
    if (this.#stream === null) return;
    this.#stream.last = Math.max(0, this.#stream.last - count);
    this.#stream.messages = this.#stream.messages.filter(({ seq }) => seq <= (this.#stream?.last ?? 0));
    this.#loseConsumers(0);
  }

  down(): void {
    this.#isUp = false;
    this.#stalled = null;
    this.#loseConsumers(HEARTBEATS_MISSED);
  }

  up(): void {
    this.#isUp = true;
  }

  stall(): void {
    if (this.#isUp) this.#stalled ??= [];
  }

  goOn(): void {
    const late = this.#stalled ?? [];
    this.#stalled = null;
    for (const act of late) act();
    this.#deliver();
  }

  #do(act: () => void): void {
    if (this.#stalled === null) act();
    else this.#stalled.push(act);
  }

  async #ask<T>(answer: () => T): Promise<T> {
    await this.#clock.sleep(LATENCY);
    if (!this.#isUp) return this.#timeout();
    return Promise.race([
      this.#timeout(),
      new Promise<T>((resolve, reject) => {
        this.#do(() => {
          try {
            resolve(answer());
          } catch (error) {
            reject(error);
          }
        });
      }),
    ]);
  }

  async #timeout(): Promise<never> {
    await this.#clock.sleep(API_TIMEOUT);
    throw new Error('timeout');
  }

  #keep(subject: string, text: string): void {
    const stream = this.#stream as Stream;
    const seq = ++stream.last;
    // Two messages of one moment are told apart by their nanoseconds.
    const stamp = BigInt(Math.round(this.#clock.now() + AHEAD)) * 1_000_000n + BigInt(++this.#count % 1e6);
    if (this.#isLast) stream.messages = stream.messages.filter((message) => message.subject !== subject);
    stream.messages.push({ subject, data: Buffer.from(text), seq, stamp });
    this.#deliver();
  }

  #deliver(): void {
    if (!this.#isUp || this.#stalled !== null) return;
    for (const consumer of this.#consumers)
      this.#clock.after(LATENCY, () => {
        if (!this.#isUp || this.#stalled !== null || !consumer.begun) return;
        for (const message of this.#stream?.messages ?? []) {
          if (consumer.closed || !this.#consumers.has(consumer)) return;
          if (message.seq < consumer.next) continue;
          consumer.next = message.seq + 1;
          consumer.handlers.message(message);
        }
      });
  }

  #loseConsumers(after: number): void {
    const lost = this.#consumers;
    this.#consumers = new Set();
    for (const consumer of lost)
      this.#clock.after(after, () => {
        if (consumer.closed || !consumer.begun) return;
        consumer.closed = true;
        consumer.handlers.ended('lost');
      });
  }
}
