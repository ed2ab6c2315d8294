/**
 * The base of every watcher: a bounded stream of events for one consumer, by `recv`, `tryRecv` or
 * iteration. It pulls events from an engine into its queue while the queue has room. It knows
 * nothing of what the events are.
 *
 * | phase | means | next |
 * | --- | --- | --- |
 * | ready | the engine may have events | pumping: on a wake, on demand, on the next turn |
 * | pumping | events move from the engine to the queue | idle: the engine has none |
 * | | | full: the queue has no room |
 * | | | ready: a waiting consumer goes first, or the event loop does |
 * | idle | the engine has no events until it wakes the stream | pumping: on a wake, `tryRecv` |
 * | full | the queue has no room | pumping: on room, on a wake |
 * | any | `stop`, abort, an error, the engine has ended | closing |
 * | closing | the engine frees what it holds | closed |
 * | closed | nothing is left open | - |
 *
 * A wake that finds the queue full pauses the engine; the stream resumes it when it is idle again.
 */
import { abortError, NlinkError } from '../../errors.ts';
import { EventIterator } from './event-iterator.ts';
import { EventQueue } from './event-queue.ts';

/** Events for a consumer that keeps up, before the event loop gets a turn. */
const TURN_BUDGET = 2048;

/**
 * For promise jobs: queueMicrotask() makes an async resource each time, which whoever waits for the
 * event would wait for as well.
 */
const SETTLED = Promise.resolve();

/** The source of a stream's events. */
export interface EventEngine<E> {
  /** It has no more events, and never will. */
  readonly ended: boolean;
  /**
   * The next event; undefined when there is none until the next wake. May throw what ends the
   * stream.
   */
  next(): E | undefined;
  /** Whether it has begun something that goes on in promise jobs, which have to be run. */
  readonly hasJobs: boolean;
  /** Somebody asks though nothing woke the stream: what waits in the kernel by now counts. */
  recheck(): void;
  /** Stops wakes for what the kernel reports, until {@link resume}. */
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  /** Frees everything. Idempotent. */
  close(): Promise<void>;
}

/** Options that every watcher has, checked. */
export interface StreamSettings {
  bufferSize: number;
  signal: AbortSignal | undefined;
}

/** Counters that every watcher has. */
export interface StreamStats {
  /** Events emitted, taken by the consumer or not. */
  events: number;
  /** Events that wait for the consumer. */
  buffered: number;
  /** How often reading stopped because the consumer lagged. */
  pauses: number;
  /** Whether reading is stopped for that reason now. */
  paused: boolean;
}

type Phase = 'ready' | 'pumping' | 'idle' | 'full' | 'closing' | 'closed';

export abstract class EventStream<E> implements AsyncIterable<E>, AsyncDisposable {
  readonly #engine: EventEngine<E>;
  readonly #queue: EventQueue<E>;
  readonly #signal: AbortSignal | undefined;
  /** Not idle at first: a wake while the engine was opened reached nobody. */
  #phase: Phase = 'ready';
  #isEnginePaused = false;
  /** How many events it may still emit in this turn of the event loop. */
  #budget = TURN_BUDGET;
  #nextTurn: NodeJS.Immediate | null = null;
  #emitted = 0;
  #pauses = 0;
  #isIterated = false;
  /** Settled when nothing is left open. */
  #closed: Promise<void> = Promise.resolve();

  /**
   * @param start makes the engine, which then calls `wake` when it may have events again, never
   *   from within `next`. What `wake` returns is for whoever called: see `ReadinessListener`
   * @throws AbortError the signal was aborted already; what `start` throws
   */
  protected constructor(settings: StreamSettings, start: (wake: () => boolean) => EventEngine<E>) {
    // `new` without TypeScript, which knows that the constructors are private.
    if (settings === undefined) throw new TypeError('a watcher is made by open(), not by new');
    const { bufferSize, signal } = settings;
    if (signal?.aborted === true) throw abortError(signal);
    // An idle engine has no events to make room for: it wakes the stream when it has.
    this.#queue = new EventQueue(bufferSize, () => this.#phase === 'idle' || this.#pump());
    // A wake before there is an engine to ask is passed over: the first who asks, asks it.
    let started: EventEngine<E> | null = null;
    this.#engine = start(() => started !== null && this.#onWake());
    started = this.#engine;
    this.#signal = signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Waits for the next event; undefined once the watcher has stopped. Calls are served in order.
   * @throws AbortError (`ABORT_ERR`) once, when `signal` was aborted
   * @throws SystemError once, when the watcher cannot go on: `EACCES` (the directory was made
   *   unreadable), `ENOSPC`, `EMFILE`
   */
  recv(): Promise<E | undefined> {
    return this.#queue.recv();
  }

  /** The next event if there is one by now; never waits. */
  tryRecv(): E | undefined {
    const event = this.#queue.take();
    if (event !== undefined) return event;
    if (!this.stopped) this.#engine.recheck();
    this.#pump();
    return this.#queue.take();
  }

  /**
   * The events, for one consumer: leaving the loop stops the watcher.
   * @throws NlinkError `ERR_NLINK_CONSUMER` the second time
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    if (this.#isIterated) {
      throw new NlinkError(
        'ERR_NLINK_CONSUMER',
        'this watcher is iterated already, and has one consumer; open another watcher for another one',
      );
    }
    this.#isIterated = true;
    return new EventIterator(this.#queue, () => this.stop());
  }

  /**
   * Stops watching and frees everything; events that still wait are dropped, pending calls end with
   * undefined. Idempotent.
   */
  stop(): Promise<void> {
    this.#end(null, false);
    return this.#closed;
  }

  /** Calls {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Keeps the process alive while watching (the default). */
  ref(): void {
    if (!this.stopped) this.#engine.ref();
  }

  /** Lets the process end although it watches. */
  unref(): void {
    if (!this.stopped) this.#engine.unref();
  }

  /** Whether it has stopped, for whatever reason. */
  protected get stopped(): boolean {
    return this.#phase === 'closing' || this.#phase === 'closed';
  }

  protected get streamStats(): StreamStats {
    return {
      events: this.#emitted,
      buffered: this.#queue.size,
      pauses: this.#pauses,
      paused: this.#phase === 'full',
    };
  }

  readonly #onAbort = (): void => {
    this.#end(abortError(this.#signal as AbortSignal), false);
  };

  /** @returns whether there may be promise jobs: a consumer got an event, or the end */
  #onWake(): boolean {
    const { resolved } = this.#queue;
    this.#budget = TURN_BUDGET;
    this.#pump();
    if (!this.#queue.hasRoom && !this.stopped) {
      this.#isEnginePaused = true;
      this.#engine.pause();
    }
    return this.#queue.resolved !== resolved || this.#engine.hasJobs;
  }

  /** Unless the consumer has asked for the next event meanwhile. */
  readonly #pumpOn = (): void => {
    if (this.#phase === 'ready') this.#pump();
  };

  readonly #letConsumerGoFirst = (): void => {
    void SETTLED.then(this.#pumpOn);
  };

  /** Moves events from the engine to the queue while there is room. */
  #pump(): void {
    const before = this.#phase;
    if (before === 'pumping' || this.stopped) return;
    this.#phase = 'pumping';
    try {
      const after = this.#fill(before);
      if (!this.stopped) this.#phase = after;
      if (this.#engine.ended) this.#end(null, true);
      else if (after === 'idle' && this.#isEnginePaused) {
        this.#isEnginePaused = false;
        this.#engine.resume();
      }
    } catch (error) {
      this.#end(error as Error, true);
    }
  }

  /** @returns the phase that follows */
  #fill(before: Phase): Phase {
    let wasFull = before === 'full';
    while (this.#queue.hasRoom) {
      if (this.#budget === 0) {
        this.#yieldTurn();
        return 'ready';
      }
      const event = this.#engine.next();
      wasFull = false;
      if (event === undefined) return 'idle';
      this.#budget--;
      this.#emitted++;
      if (this.#queue.push(event)) {
        // The consumer that waited for the event goes first. Promise jobs run in order, and `for
        // await` needs two of them to get there.
        void SETTLED.then(this.#letConsumerGoFirst);
        return 'ready';
      }
    }
    if (!wasFull) this.#pauses++;
    return 'full';
  }

  /** Lets the event loop go round before more events are emitted. */
  #yieldTurn(): void {
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = null;
      this.#onWake();
    });
  }

  #end(error: Error | null, keep: boolean): void {
    if (!this.stopped) {
      this.#phase = 'closing';
      this.#signal?.removeEventListener('abort', this.#onAbort);
      if (this.#nextTurn !== null) clearImmediate(this.#nextTurn);
      this.#closed = this.#close();
    }
    this.#queue.end(error, keep);
  }

  async #close(): Promise<void> {
    await this.#engine.close();
    this.#phase = 'closed';
  }
}
