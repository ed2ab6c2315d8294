/**
 * One stream, read for ever: where reading goes on after each loss, and whether what was read is
 * all there is.
 *
 * | state   | what happens             | next    | does                                           |
 * | ------- | ------------------------ | ------- | ---------------------------------------------- |
 * | idle    | connected                | opening | opens a reading at the position                |
 * | opening | opened, the same store   | reading | a marker                                       |
 * | opening | opened, another store    | opening | `anew`, position forgotten, opens from scratch |
 * | opening | failed                   | waiting | backs off                                      |
 * | waiting | time is over             | opening | opens at the position                          |
 * | reading | its first marker is back | reading | those who wait for it are called; another one  |
 * | reading | a later one is back      | live    | those who wait for it are called               |
 * | reading | 3 s without it           | reading | another marker                                 |
 * | live    | 3 s without a marker     | reading | another marker                                 |
 * | live    | 10 s since the last one  | live    | another marker                                 |
 * | both    | the reading ends         | waiting | backs off; who waits is dropped                |
 * | both    | it is another store      | opening | `anew`, position forgotten, opens from scratch |
 * | both    | 30 s without an answer   | same    | `mute`: the connection is no good              |
 * | any     | disconnected             | idle    | closes the reading; who waits is dropped       |
 * | any     | stopped                  | stopped | the same, for ever                             |
 *
 * Live means: a marker that was published after the reading was open has come back through it, so
 * all that was kept before has been told; and then one more. Where only the last of each subject is
 * kept, what was replaced before it was delivered comes behind the first marker, but not behind the
 * second. Nothing that the server says of itself is taken for that: neither what is pending, nor
 * that a consumer is there.
 *
 * Another store: the stream was created at another time; its last number went back, as after a loss
 * of power; or under the number of the last message that was read is another one now. Reading goes
 * on AT the last number, not after it, to see that.
 */
import type { Clock } from '../../core.ts';
import { FleetError } from '../../errors.ts';
import type { LaneEvents, LaneOptions, LaneStore, Position, Reading, StoredMessage } from './lane-types.ts';
import { Marks } from './marks.ts';
import { ServerClock } from './server-clock.ts';

const UNREAD = 'not all that was kept has been read';
const OVERDUE = 3000;
const REST = 10_000;
const MUTE = 3 * REST;
const BACKOFF: { readonly first: number; readonly most: number } = { first: 100, most: 1000 };
/** A reading that lasted so long was no failure. */
const SOUND = 10_000;

type State = 'idle' | 'opening' | 'waiting' | 'reading' | 'live' | 'stopped';

export class Lane {
  readonly #name: string;
  readonly #store: LaneStore;
  readonly #events: LaneEvents;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #serverClock = new ServerClock();
  readonly #marks = new Marks();
  #state: State = 'idle';
  #reason: string | null = 'not connected';
  #reading: Reading | null = null;
  /** Of the store; null: none was seen. */
  #created: string | null = null;
  #position: Position | null = null;
  /** What comes late of an earlier attempt is known by its number. */
  #attempt = 0;
  #failures = 0;
  #openedAt = 0;
  #heardAt = 0;
  /** Why the server does not keep markers, if it said. */
  #refusal: string | null = null;
  #cancel: () => void = () => {};

  constructor({ name, store, events, clock, random }: LaneOptions) {
    this.#name = name;
    this.#store = store;
    this.#events = events;
    this.#clock = clock;
    this.#random = random;
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** Why it is not live. */
  get reason(): string | null {
    return this.isLive ? null : this.#reason;
  }

  connected(): void {
    if (this.#state !== 'idle') return;
    this.#failures = 0;
    this.#heardAt = this.#clock.now();
    this.#open();
  }

  disconnected(): void {
    if (this.#state !== 'stopped') this.#leave('idle', 'not connected');
  }

  stop(): void {
    this.#leave('stopped', 'stopped');
    this.#events.tried(null);
  }

  /** Calls back when all that was kept before now has been told; never, if it is lost before. */
  barrier(done: () => void): void {
    if (this.#state !== 'reading' && this.#state !== 'live') return;
    this.#marks.wait(done);
    // More of them may be asked for now: one marker is enough for all.
    if (!this.#marks.isOut) queueMicrotask(() => this.#markIfWanted());
  }

  #open(): void {
    const attempt = ++this.#attempt;
    this.#cancel();
    this.#state = 'opening';
    const sent = this.#clock.now();
    const handlers = {
      message: (message: StoredMessage) => attempt === this.#attempt && this.#take(message),
      ended: (reason: string) => attempt === this.#attempt && this.#lost(reason),
    };
    void this.#openBy(attempt, sent, this.#store.open(this.#position, handlers));
  }

  async #openBy(attempt: number, sent: number, opening: Promise<Reading>): Promise<void> {
    let reading: Reading;
    try {
      reading = await opening;
    } catch (error) {
      if (attempt === this.#attempt) this.#failed(error as Error);
      return;
    }
    if (attempt === this.#attempt) this.#opened(reading, sent);
    else reading.close();
  }

  #opened(reading: Reading, sent: number): void {
    const isAnother = this.#created !== null && this.#created !== reading.created;
    if (isAnother || reading.last < (this.#position?.seq ?? 0)) {
      reading.close();
      this.#forget();
      return;
    }
    this.#created = reading.created;
    this.#reading = reading;
    this.#openedAt = this.#clock.now();
    this.#heardAt = this.#openedAt;
    this.#serverClock.sample(sent, this.#openedAt, reading.time);
    this.#marks.opened();
    this.#enter('reading', `${this.#name}: ${UNREAD}`);
    reading.begin();
    if (this.#reading === reading) this.#mark();
  }

  #failed(error: Error): void {
    const now = this.#clock.now();
    // A refusal is an answer: it is not the connection that is no good.
    if (error instanceof FleetError) this.#heardAt = now;
    this.#back(this.#said(error));
    this.#events.tried(error);
    if (this.#state === 'waiting' && now - this.#heardAt >= MUTE) this.#tellMute();
  }

  #lost(reason: string): void {
    if (this.#clock.now() - this.#openedAt >= SOUND) this.#failures = 0;
    const why = `${this.#name}: ${reason}`;
    this.#leave('waiting', why);
    this.#back(why);
  }

  #back(reason: string): void {
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** this.#failures++);
    this.#enter('waiting', reason);
    this.#after(most * (0.5 + this.#random() / 2), () => this.#open());
  }

  /** It is another store. */
  #forget(): void {
    this.#leave('opening', `${this.#name}: the stream was made anew`);
    this.#created = null;
    this.#position = null;
    this.#events.anew();
    if (this.#state === 'opening') this.#open();
  }

  #leave(state: State, reason: string): void {
    this.#attempt++;
    this.#cancel();
    const reading = this.#reading;
    this.#reading = null;
    this.#marks.drop();
    this.#refusal = null;
    reading?.close();
    this.#enter(state, reason);
  }

  #enter(state: State, reason: string | null): void {
    const before = this.reason;
    this.#state = state;
    this.#reason = reason;
    if (before !== this.reason) this.#events.changed();
  }

  #take(message: StoredMessage): void {
    const { seq, stamp } = message;
    const position = this.#position;
    const now = this.#clock.now();
    this.#heardAt = now;
    if (position !== null && seq <= position.seq) {
      // Read before, and the same; or another store's.
      if (seq !== position.seq || stamp !== position.stamp) this.#forget();
      return;
    }
    this.#position = { seq, stamp };
    const time = Number(stamp) / 1e6;
    const number = this.#store.ownMark(message);
    if (number === null) this.#events.message(message, this.#serverClock.age(now, time));
    else this.#returned(number, now, time);
  }

  #returned(number: number, now: number, time: number): void {
    const { isFresh, isFirst, sent, done } = this.#marks.returned(number);
    if (sent !== null) this.#serverClock.sample(sent, now, time);
    if (isFresh) this.#refusal = null;
    if (isFirst) this.#mark();
    else if (isFresh) this.#enter('live', null);
    for (const call of done) call();
    this.#markIfWanted();
  }

  #markIfWanted(): void {
    if (this.#reading !== null && this.#marks.isWanted && !this.#marks.isOut) this.#mark();
  }

  #mark(): void {
    const attempt = this.#attempt;
    const number = this.#marks.next(this.#clock.now());
    this.#after(OVERDUE, () => this.#due());
    void this.#keptBy(attempt, this.#store.mark(number));
  }

  async #keptBy(attempt: number, keeping: Promise<void>): Promise<void> {
    let error: Error | null = null;
    try {
      await keeping;
    } catch (why) {
      error = why as Error;
    }
    if (attempt !== this.#attempt) return;
    if (error !== null) this.#refused(error);
    this.#events.tried(error);
  }

  #refused(error: Error): void {
    this.#refusal = this.#said(error);
    if (error instanceof FleetError) this.#heardAt = this.#clock.now();
  }

  #due(): void {
    if (!this.#marks.isOut) {
      this.#after(REST - OVERDUE, () => this.#mark());
      return;
    }
    const silence = this.#clock.now() - this.#heardAt;
    const why = silence < OVERDUE ? UNREAD : `nothing has come for ${OVERDUE / 1000} s`;
    this.#enter('reading', this.#refusal ?? `${this.#name}: ${why}`);
    this.#mark();
    if (silence >= MUTE) this.#tellMute();
  }

  #tellMute(): void {
    this.#heardAt = this.#clock.now();
    this.#events.mute();
  }

  /** Of an answer the message says which stream it is of. */
  #said(error: unknown): string {
    const { message } = error as Error;
    return error instanceof FleetError ? message : `${this.#name}: ${message}`;
  }

  #after(milliseconds: number, callback: () => void): void {
    this.#cancel();
    this.#cancel = this.#clock.after(milliseconds, callback);
  }
}
