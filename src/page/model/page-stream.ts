/**
 * The stream of events, kept up: an EventSource that is made anew where a browser would not do it,
 * or would do it with a cursor that the server no longer counts. Pure: what it works by is given.
 *
 * | state      | on                                    | next       | done                     |
 * | ---------- | ------------------------------------- | ---------- | ------------------------ |
 * | connecting | a snapshot, events                    | live       |                          |
 * |            | it opens, with a cursor; then nothing | live       |                          |
 * |            | nothing for 35 s                      | stale      | a new one                |
 * | live       | nothing for 35 s                      | stale      | a new one                |
 * |            | an error: cut off                     | stale      | a new one, after a while |
 * | stale      | a message                             | live       |                          |
 * | busy       | the time that was said, and some      | busy       | a new one                |
 * | ended      | after a while                         | ended      | a new one                |
 * | refused    | after 30 s, or seen again             | refused    | a new one                |
 * | any        | `busy`                                | busy       | closed                   |
 * |            | `end`                                 | ended      | closed                   |
 * |            | an error; 401 is answered             | refused    | closed                   |
 * |            | out of sight for 1 s                  | hidden     | closed                   |
 * | hidden     | in sight                              | connecting | a new one, by its cursor |
 *
 * `ended`, `busy`, `refused` and `stale` last until a message comes. A browser comes back by itself
 * only after a stream that had begun well; this comes back in any case, after 1 s and then twice as
 * long each time up to 15 s, some of it by chance, so that not all pages come at once.
 */
import type { WireEvent, WireSnapshot } from '../../replay/wire.ts';

/**
 * | state      | means                                                        |
 * | ---------- | ------------------------------------------------------------ |
 * | connecting | nothing has come yet                                         |
 * | live       | what is shown is what the server knows                       |
 * | stale      | nothing has come for longer than two pings, or it is cut off |
 * | busy       | the server has no place for one more; tried again            |
 * | hidden     | the tab is hidden, and has closed its stream                 |
 * | refused    | the server wants a token                                     |
 * | ended      | the server has ended; tried again                            |
 */
export type ConnectionState = 'connecting' | 'live' | 'stale' | 'busy' | 'hidden' | 'refused' | 'ended';

/** What of an EventSource is used (HTML standard, 9.2). */
export interface Source {
  addEventListener(type: string, listener: (event: { data?: string; lastEventId?: string }) => void): void;
  close(): void;
}

export interface StreamIo {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once. Returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
  open(url: string): Source;
  /** The status of the answer; null: there is none. */
  status(path: string): Promise<number | null>;
  /** From 0 up to 1. */
  random(): number;
}

/** Who is told. */
export interface StreamTarget {
  snapshot(snapshot: WireSnapshot): void;
  /** @param last the number of the last of them */
  events(events: readonly WireEvent[], last: number): void;
  /** @param since when it began */
  state(state: ConnectionState, since: number): void;
}

/** Two pings, and some. */
const SILENCE = 35_000;
/** After it has opened. */
const SETTLING = 300;
const HIDING = 1000;
const SHORTEST = 1000;
const LONGEST = 15_000;
const REFUSED = 30_000;

export class PageStream {
  readonly #io: StreamIo;
  readonly #target: StreamTarget;
  #state: ConnectionState = 'connecting';
  #source: Source | null = null;
  /** `EPOCH:SEQ` of the last message. */
  #cursor = '';
  /** How often in a row nothing came of a new one. */
  #failures = 0;
  /** What is waited for: the next message, the next attempt, or that it stays out of sight. */
  #cancel: () => void = () => {};
  #cancelHiding: () => void = () => {};

  constructor(io: StreamIo, target: StreamTarget) {
    this.#io = io;
    this.#target = target;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    this.#enter('connecting');
    this.#open();
  }

  stop(): void {
    this.#cancelHiding();
    this.#close();
  }

  /** What is there is told anew by a snapshot. */
  again(): void {
    this.#cursor = '';
    this.reopen();
  }

  /** By another address, from where it is: what was told is not told anew. */
  reopen(): void {
    if (this.#state !== 'hidden') this.#open();
  }

  /** The tab has come into sight, or has gone out of it. */
  visible(isVisible: boolean): void {
    this.#cancelHiding();
    if (!isVisible) {
      if (this.#state === 'hidden') return;
      this.#cancelHiding = this.#io.after(HIDING, () => {
        this.#close();
        this.#enter('hidden');
      });
      return;
    }
    if (this.#state === 'hidden') this.#enter('connecting');
    else if (this.#state !== 'refused') return;
    this.#failures = 0;
    this.#open();
  }

  #open(): void {
    this.#close();
    const since = this.#cursor === '' ? '' : `?since=${this.#cursor}`;
    const source = this.#io.open(`/v1/events${since}`);
    this.#source = source;
    const on = (type: string, take: (data: string, id: string) => void): void =>
      source.addEventListener(type, ({ data = '', lastEventId = '' }) => {
        if (this.#source === source) take(data, lastEventId);
      });
    on('snapshot', (data, id) => {
      this.#heard(id);
      this.#target.snapshot(JSON.parse(data) as WireSnapshot);
    });
    on('events', (data, id) => {
      this.#heard(id);
      this.#target.events(JSON.parse(data) as WireEvent[], Number(id.slice(id.indexOf(':') + 1)));
    });
    on('ping', () => this.#heard(''));
    on('open', () => this.#opened());
    on('busy', (data) => this.#busy((JSON.parse(data) as { retry: number }).retry));
    on('end', () => this.#retry('ended', this.#pause()));
    on('error', () => void this.#failed());
    this.#await();
  }

  #close(): void {
    this.#cancel();
    this.#source?.close();
    this.#source = null;
  }

  #enter(state: ConnectionState): void {
    if (this.#state === state && state !== 'connecting') return;
    this.#state = state;
    this.#target.state(state, this.#io.now());
  }

  /** Something came. @param id empty: it has none */
  #heard(id: string): void {
    if (id !== '') this.#cursor = id;
    this.#failures = 0;
    // Whoever has a cursor is up to date by a ping as well.
    if (this.#cursor !== '') this.#enter('live');
    this.#await();
  }

  /** It may yet say that it is busy, or what was missed. */
  #opened(): void {
    if (this.#cursor === '') return;
    this.#cancel();
    this.#cancel = this.#io.after(SETTLING, () => this.#heard(''));
  }

  #await(): void {
    this.#cancel();
    this.#cancel = this.#io.after(SILENCE, () => {
      this.#enter('stale');
      this.#open();
    });
  }

  #busy(retry: number): void {
    this.#retry('busy', retry * (1 + this.#io.random() / 4));
  }

  /** The browser may come back by itself, or may not: that is not left to it. */
  async #failed(): Promise<void> {
    const { cursor, state } = { cursor: this.#cursor, state: this.#state };
    // What came before says more than that it was cut off then.
    const isKnown = state === 'busy' || state === 'ended' || state === 'refused';
    this.#retry(isKnown || (state === 'connecting' && cursor === '') ? state : 'stale', this.#pause());
    const attempt = this.#cancel;
    const status = await this.#io.status('/v1/namespaces');
    if (status === 401 && this.#cancel === attempt) this.#retry('refused', REFUSED);
  }

  #retry(state: ConnectionState, milliseconds: number): void {
    this.#close();
    this.#enter(state);
    this.#cancel = this.#io.after(milliseconds, () => this.#open());
  }

  #pause(): number {
    const longest = Math.min(LONGEST, SHORTEST * 2 ** this.#failures++);
    return longest * (0.5 + this.#io.random() / 2);
  }
}
