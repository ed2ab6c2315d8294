/**
 * What all kinds of `nlink watch` have in common: what is there, then every event, until it is told to stop or nobody reads any
 * more. Takes no more events than the output takes, so that a slow reader makes the watcher pause and not this program grow.
 */
import type { EventSource, Io } from './io.ts';
import { Output } from './output.ts';

/** Events that are there at once are written together, at most so many: a line at a time costs a system call each. */
const BATCH = 256;
/** What is printed after the end was asked for: as much as the kernel's queues hold, since events may go on and on. */
const LAST = 2 ** 15;

/** What is watched, and the lines made of it. */
export interface Telling<Event, Source extends EventSource<Event>> {
  open(): Promise<Source>;
  /** The lines for what is there. Called as soon as the source is open, before any event is taken. */
  present(source: Source): string;
  /** The line of an event, or nothing. */
  line(event: Event): string;
}

/**
 * Done when it was asked to stop and everything is out.
 * @throws whatever the source or the output throws
 */
export async function follow<Event, Source extends EventSource<Event>>(
  telling: Telling<Event, Source>,
  io: Io,
): Promise<void> {
  await new Follower(telling, io).run();
}

class Follower<Event, Source extends EventSource<Event>> {
  readonly #telling: Telling<Event, Source>;
  readonly #io: Io;
  readonly #output: Output;
  #source: Source | null = null;
  #stopping = false;
  /** Whether the next event is waited for, and not the output. */
  #idle = false;

  constructor(telling: Telling<Event, Source>, io: Io) {
    this.#telling = telling;
    this.#io = io;
    this.#output = new Output(io.stdout, this.#stop);
  }

  async run(): Promise<void> {
    const cleanups = [this.#io.onStop(this.#stop)];
    try {
      const source = await this.#telling.open();
      this.#source = source;
      const present = this.#telling.present(source);
      cleanups.push(this.#io.onReaderGone(this.#output.readerGone));
      await this.#output.write(present);
      await this.#follow(source);
    } finally {
      await this.#source?.stop();
      for (const cleanup of cleanups) cleanup();
    }
  }

  readonly #stop = (): void => {
    this.#stopping = true;
    // A signal overtakes what the kernel told before it: one turn of the event loop lets that in. Then the wait is ended;
    // where the output is waited for instead, what has been received by then is still to be printed.
    setImmediate(() => {
      if (this.#idle) void this.#source?.stop();
    });
  };

  async #follow(source: Source): Promise<void> {
    while (!this.#stopping) {
      this.#idle = true;
      const event = await source.recv();
      this.#idle = false;
      if (event === undefined) return;
      await this.#tell([event, ...take(source, BATCH - 1)]);
    }
    for (let taken = 0; taken < LAST && !this.#output.closed; taken += BATCH) {
      let events = take(source, BATCH);
      // A watcher makes only so many before the event loop gets a turn.
      if (events.length === 0) {
        await new Promise(setImmediate);
        events = take(source, BATCH);
      }
      if (events.length === 0) return;
      await this.#tell(events);
    }
  }

  async #tell(events: readonly Event[]): Promise<void> {
    await this.#output.write(events.map((event) => this.#telling.line(event)).join(''));
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
