/**
 * What a page needs from the server, kept up to date: the stream (page-stream.ts) replayed
 * (replay.ts), what no event tells, and the going of what ended.
 *
 * | what is asked for | when                                                                    |
 * | ----------------- | ----------------------------------------------------------------------- |
 * | `/v1/events`      | all the time, in sight                                                  |
 * | `/v1/namespaces`  | while live, 1 s after something happened, each 5 s at most; by its ETag |
 *
 * At rest it does nothing.
 */
import { PageStream } from './page-stream.ts';
import type { ConnectionState, StreamIo } from './page-stream.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import { Replay } from '../../replay/replay.ts';
import type { NamespaceRow } from '../../replay/wire.ts';

export interface PageIo extends StreamIo {
  /** @returns null: there is no answer, or it is the same as that with this tag */
  rows(path: string, tag: string | null): Promise<{ rows: unknown; tag: string | null } | null>;
}

export interface Connection {
  readonly state: ConnectionState;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

/** Called on every change of either. */
export type OnPage = (model: PageModel, connection: Connection) => void;

/** So soon after an event its processes have been looked at. */
const SOON = 1000;
const SELDOM = 5000;
const ROWS = '/v1/namespaces';

export class PageClient {
  readonly #io: PageIo;
  readonly #onPage: OnPage;
  readonly #replay = new Replay();
  readonly #stream: PageStream;
  #connection: Connection = { state: 'connecting', since: 0 };
  #tag: string | null = null;
  #askedAt = -Infinity;
  /** Null: nothing has happened since it asked. */
  #asking: (() => void) | null = null;
  #going: (() => void) | null = null;

  constructor(io: PageIo, onPage: OnPage) {
    this.#io = io;
    this.#onPage = onPage;
    this.#stream = new PageStream(io, {
      snapshot: (snapshot) => {
        this.#replay.snapshot(snapshot, io.now());
        // It may be some seconds older than the last rows.
        this.#tag = null;
        this.#changed();
      },
      events: (events, last) => {
        this.#replay.events(events, last, io.now());
        if (this.#replay.isSnapshotNeeded) this.#stream.again();
        this.#askSoon();
        this.#changed();
      },
      state: (state, since) => {
        this.#connection = { state, since };
        if (state === 'live') this.#askSoon();
        else this.#stopAsking();
        this.#tell();
      },
    });
  }

  get model(): PageModel {
    return this.#replay.model;
  }

  get connection(): Connection {
    return this.#connection;
  }

  start(): void {
    this.#stream.start();
  }

  visible(isVisible: boolean): void {
    this.#stream.visible(isVisible);
  }

  stop(): void {
    this.#stream.stop();
    this.#stopAsking();
    this.#going?.();
    this.#going = null;
  }

  #tell(): void {
    this.#onPage(this.#replay.model, this.#connection);
  }

  #changed(): void {
    this.#expire();
    this.#tell();
  }

  #expire(): void {
    const { due } = this.#replay;
    if (due === null || this.#going !== null) return;
    this.#going = this.#io.after(Math.max(0, due - this.#io.now()), () => {
      this.#going = null;
      if (this.#replay.tick(this.#io.now())) this.#tell();
      this.#expire();
    });
  }

  #askSoon(): void {
    if (this.#asking !== null || this.#connection.state !== 'live') return;
    const wait = Math.max(SOON, this.#askedAt + SELDOM - this.#io.now());
    this.#asking = this.#io.after(wait, () => {
      this.#asking = null;
      void this.#ask();
    });
  }

  #stopAsking(): void {
    this.#asking?.();
    this.#asking = null;
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#io.now();
    // What is there or not by one answer is so by two of them.
    const answer = await this.#io.rows(ROWS, this.#replay.isUnsure ? null : this.#tag);
    // Another server may have come meanwhile, with other numbers.
    if (answer === null || this.#connection.state !== 'live') return;
    this.#tag = answer.tag;
    if (this.#replay.epoch !== epochOf(answer.tag)) return;
    this.#replay.rows(answer.rows as NamespaceRow[], this.#io.now());
    this.#changed();
    if (this.#replay.isUnsure) this.#askSoon();
  }
}

/** Of `"EPOCH:REVISION"`. */
const epochOf = (tag: string | null): string => /^(?:W\/)?"([^:"]*)/.exec(tag ?? '')?.[1] ?? '';
