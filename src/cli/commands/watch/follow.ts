/**
 * What all kinds of `nlink watch` have in common: the state at the start, then every event, until a
 * signal, a limit, or the end of the reader. Takes no more events than the output and the hooks
 * take, so that a slow one makes the watcher pause and not this program grow.
 */
import { EventWait } from '../shared/event-wait.ts';
import type { FollowSettings } from './limit-settings.ts';
import type { EventRecord } from '../../../format/event-json.ts';
import { Hooks } from './hooks.ts';
import type { EventSource, Io } from '../../host/io.ts';
import { note, Output } from '../../output/output.ts';
import { TIMED_OUT } from '../../spec/shared.ts';

/**
 * Events that are there at once are written together, at most so many: a line at a time costs a
 * system call each.
 */
const BATCH = 256;
/**
 * What is printed after the end was asked for: as much as the kernel's queues hold, since events
 * may go on and on.
 */
const LAST = 2 ** 15;

/** What is watched, and what is reported of it. */
export interface Reporter<Event, Source extends EventSource<Event>, OutputEvent> {
  open(): Promise<Source>;
  /**
   * The state at the start, as far as it is reported. Called as soon as the source is open, before
   * any event is taken.
   */
  present(source: Source): readonly OutputEvent[];
  /** What is reported of an event, or nothing. */
  report(event: Event): OutputEvent | null;
  /** Whether it is one of those that `--count` counts. */
  counts(reported: OutputEvent): boolean;
  /** Its line, or nothing. */
  line(reported: OutputEvent, time: Date): string;
  /** Its fields, for a hook. */
  record(reported: OutputEvent, time: string): EventRecord;
}

/**
 * Done when it has ended and everything is out.
 * @returns the exit status
 * @throws whatever the source or the output throws
 */
export function follow<Event, Source extends EventSource<Event>, OutputEvent>(
  reporter: Reporter<Event, Source, OutputEvent>,
  settings: FollowSettings,
  io: Io,
): Promise<number> {
  return new Follower(reporter, settings, io).run();
}

class Follower<Event, Source extends EventSource<Event>, OutputEvent> {
  readonly #reporter: Reporter<Event, Source, OutputEvent>;
  readonly #settings: FollowSettings;
  readonly #io: Io;
  readonly #output: Output;
  readonly #hooks: Hooks | null;
  #source: Source | null = null;
  #wait: EventWait<Event> | null = null;
  #stopping = false;
  /** How many events are still to be reported. */
  #left: number;
  #timeOver = false;

  constructor(reporter: Reporter<Event, Source, OutputEvent>, settings: FollowSettings, io: Io) {
    this.#reporter = reporter;
    this.#settings = settings;
    this.#io = io;
    this.#output = new Output(io.stdout, this.#stop);
    this.#hooks = settings.hook === null ? null : new Hooks(settings.hook, io);
    this.#left = settings.count ?? Infinity;
  }

  async run(): Promise<number> {
    const { duration, count } = this.#settings;
    const cleanups = [this.#io.onStop(this.#interrupt)];
    try {
      const source = await this.#reporter.open();
      this.#source = source;
      const wait = new EventWait(source);
      this.#wait = wait;
      const present = this.#reporter.present(source);
      cleanups.push(this.#io.onReaderGone(this.#output.readerGone));
      if (duration !== null) cleanups.push(this.#io.after(duration, this.#over));
      for (let at = 0; at < present.length; at += BATCH) await this.#write(present.slice(at, at + BATCH));
      await this.#follow(source, wait);
      await this.#settle(wait);
      await source.stop();
      await this.#hooks?.finish();
    } catch (error) {
      this.#hooks?.stop();
      throw error;
    } finally {
      await this.#source?.stop();
      for (const cleanup of cleanups) cleanup();
    }
    if (!this.#timeOver || count === null || this.#left === 0) return 0;
    note(`timed out: ${count - this.#left} of ${count} ${count === 1 ? 'event' : 'events'}`, this.#io);
    return Number(TIMED_OUT[0]);
  }

  readonly #interrupt = (): void => {
    this.#hooks?.stop();
    this.#stop();
  };

  readonly #over = (): void => {
    if (!this.#stopping) this.#timeOver = true;
    this.#stop();
  };

  readonly #stop = (): void => {
    this.#stopping = true;
    // Where the output is waited for instead, what has been received by then is still printed.
    this.#wait?.interrupt(() => this.#isUnsettled());
  };

  async #follow(source: Source, wait: EventWait<Event>): Promise<void> {
    while (!this.#stopping) {
      const event = await wait.recv();
      if (event === undefined) return;
      // The end came while this was waited for.
      if (this.#stopping && this.#isUnsettled()) return this.#reportUnsettled(event);
      await this.#reportEvents([event, ...take(source, BATCH - 1)]);
    }
    // Hooks are slow: events may come faster than they are reported.
    const last = this.#hooks === null ? LAST : BATCH;
    for (let taken = 0; taken < last && this.#left > 0 && !this.#output.closed; taken += BATCH) {
      let events = take(source, BATCH);
      // A watcher makes only so many before the event loop gets a turn.
      if (events.length === 0) {
        await new Promise(setImmediate);
        events = take(source, BATCH);
      }
      if (events.length === 0) return;
      await this.#reportEvents(events);
    }
  }

  /** Names whose hooks wait are watched until they settle; new names are ignored. */
  async #settle(wait: EventWait<Event>): Promise<void> {
    if (!this.#isUnsettled()) return;
    for (let event = await wait.recv(); event !== undefined; event = await wait.recv())
      await this.#reportUnsettled(event);
  }

  #isUnsettled(): boolean {
    return this.#hooks?.close(() => void this.#source?.stop()) ?? false;
  }

  async #reportUnsettled(event: Event): Promise<void> {
    const reported = this.#reporter.report(event);
    if (reported !== null)
      await this.#hooks?.add(this.#reporter.record(reported, this.#io.now().toISOString()));
  }

  async #reportEvents(events: readonly Event[]): Promise<void> {
    const all: OutputEvent[] = [];
    for (const event of events) {
      if (this.#left === 0) break;
      const reported = this.#reporter.report(event);
      if (reported === null) continue;
      all.push(reported);
      if (this.#reporter.counts(reported)) this.#left--;
    }
    if (this.#left === 0) this.#stopping = true;
    await this.#write(all);
  }

  async #write(all: readonly OutputEvent[]): Promise<void> {
    const { lines } = this.#settings;
    const timed = all.map((reported) => ({ reported, time: this.#io.now() }));
    if (lines)
      await this.#output.write(
        timed.map(({ reported, time }) => this.#reporter.line(reported, time)).join(''),
      );
    if (this.#hooks === null) return;
    for (const { reported, time } of timed)
      await this.#hooks.add(this.#reporter.record(reported, time.toISOString()));
  }
}

/** The events that are there already, at most so many. */
function take<Event>(source: EventSource<Event>, most: number): Event[] {
  const events: Event[] = [];
  while (events.length < most) {
    const event = source.tryRecv();
    if (event === undefined) break;
    events.push(event);
  }
  return events;
}
