/**
 * One client of the stream: up to which event it has been sent everything. Nothing is kept for it
 * but that number; what it lacks is in the ring, which all have in common, or else in a snapshot.
 *
 * | state   | means                          | on                        | next    | sent         |
 * | ------- | ------------------------------ | ------------------------- | ------- | ------------ |
 * | new     | its cursor is known            | start: the ring has it    | taking  | the rest     |
 * |         |                                | start: it has not         | taking  | a snapshot   |
 * | taking  | it takes what is written       | flush: the ring has it    | taking  | events       |
 * |         |                                | flush: the ring has moved | taking  | a snapshot   |
 * |         |                                | a write is not taken      | blocked | -            |
 * |         |                                | a ping                    | taking  | a ping       |
 * | blocked | it did not take the last write | it took it                | taking  | as a flush   |
 * |         |                                | ping: blocked for long    | gone    | -, it is cut |
 * | any     |                                | the end of the server     | gone    | `end`        |
 * |         |                                | it went                   | gone    | -            |
 */
import type { Chunks } from './chunks.ts';
import type { Cursor } from './cursor.ts';
import { endText, helloText, pingText } from './message.ts';
import type { StreamFormat } from './message.ts';

/** Where a client's messages go. */
export interface Sink {
  /** @returns whether it takes more; if not, `drained` is called later */
  write(bytes: Buffer): boolean;
  /** The last message. */
  end(bytes: Buffer): void;
  /** Breaks off at once. */
  cut(): void;
}

/** Who takes nothing for so many milliseconds is cut off. */
export const STALL = 30_000;

export class StreamClient {
  readonly #sink: Sink;
  readonly #chunks: Chunks;
  readonly #format: StreamFormat;
  #state: 'new' | 'taking' | 'blocked' | 'gone' = 'new';
  /** The number of the last event that was sent. */
  #sent = 0;
  #blockedAt = 0;

  constructor(sink: Sink, chunks: Chunks, format: StreamFormat) {
    this.#sink = sink;
    this.#chunks = chunks;
    this.#format = format;
  }

  get gone(): boolean {
    return this.#state === 'gone';
  }

  /** @param cursor null: it has nothing */
  start(cursor: Cursor | null, now: number): void {
    const { epoch, ring } = this.#chunks.feed;
    this.#state = 'taking';
    const hello = helloText(this.#format);
    if (hello !== '') this.#write(Buffer.from(hello), now);
    if (cursor?.epoch === epoch && ring.has(cursor.seq)) this.#sent = cursor.seq;
    else this.#begin(now);
    this.flush(now);
  }

  /** Events are there, or may be. */
  flush(now: number): void {
    const { ring } = this.#chunks.feed;
    while (this.#state === 'taking' && this.#sent < ring.last) {
      const chunk = this.#chunks.after(this.#sent, this.#format);
      if (chunk === null) {
        this.#begin(now);
        continue;
      }
      this.#sent = chunk.last;
      this.#write(chunk.bytes, now);
    }
  }

  /** It took what was written. */
  drained(now: number): void {
    if (this.#state !== 'blocked') return;
    this.#state = 'taking';
    this.flush(now);
  }

  ping(now: number): void {
    if (this.#state === 'taking') this.#write(Buffer.from(pingText(this.#format)), now);
    else if (this.#state === 'blocked' && now - this.#blockedAt >= STALL) this.#cut();
  }

  end(reason: 'stopped' | 'failed'): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#sink.end(Buffer.from(endText(this.#format, reason)));
  }

  /** Its connection is closed. */
  closed(): void {
    this.#state = 'gone';
  }

  /** By what is there now: nothing older comes after it. */
  #begin(now: number): void {
    const { seq, bytes } = this.#chunks.snapshot(this.#format);
    this.#sent = seq;
    this.#write(bytes, now);
  }

  #write(bytes: Buffer, now: number): void {
    const takesMore = this.#sink.write(bytes);
    if (takesMore || this.#state !== 'taking') return;
    this.#state = 'blocked';
    this.#blockedAt = now;
  }

  #cut(): void {
    this.#state = 'gone';
    this.#sink.cut();
  }
}
