/**
 * What every watcher is to its user: a bounded stream of events for one consumer, by `recv`,
 * `tryRecv` or iteration. Pulls events from an engine into the queue as long as there is room, and
 * stops pulling when that is full; ends both together, whatever ends them. Knows nothing of what
 * the events are.
 */
import { abortError, NlinkError } from '../../errors.ts';
import { EventQueue } from './event-queue.ts';

/**
 * Events made for a consumer who takes them as fast as they come, before the event loop gets a
 * turn.
 */
const TURN = 2048;

/**
 * For promise jobs: queueMicrotask() makes an async resource each time, which whoever waits for the
 * event would wait for as well.
 */
const SETTLED = Promise.resolve();

/** Where a stream's events come from. */
export interface EventEngine<E> {
  /** It has nothing more to tell, and never will. */
  readonly ended: boolean;
  /**
   * The next event; undefined when there is none until the next wake. May throw what ends the
   * stream.
   */
  next(): E | undefined;
  /** No wakes for what the kernel has to tell until {@link resume}. */
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  /** Frees everything. Idempotent. */
  close(): Promise<void>;
}

/** What every watcher's options have. */
export interface StreamSettings {
  bufferSize: number;
  signal: AbortSignal | undefined;
}

/** What every watcher counts. */
export interface StreamStats {
  /** Events told, taken by the consumer or not. */
  events: number;
  /** Events that wait for the consumer. */
  buffered: number;
  /** How often reading stopped because the consumer lagged. */
  pauses: number;
  /** Whether it stands still for that reason now. */
  paused: boolean;
}

export abstract class EventStream<E> implements AsyncIterable<E>, AsyncDisposable {
  readonly #engine: EventEngine<E>;
  readonly #queue: EventQueue<E>;
  readonly #signal: AbortSignal | undefined;
  #told = 0;
  #pauses = 0;
  #paused = false;
  #pumping = false;
  /**
   * The engine had no more to tell, and has not woken us since. At first it may have: a wake while
   * it was opened reached nobody.
   */
  #idle = false;
  /** The engine was told not to wake us for what the kernel tells. */
  #held = false;
  #turn = TURN;
  #nextTurn: NodeJS.Immediate | null = null;
  #stopped = false;
  /** Settled when nothing is left open. */
  #freed: Promise<void> = Promise.resolve();
  #iterated = false;

  /**
   * @param start makes the engine, which then calls `wake` when it may have something again, never
   *   from within `next`
   * @throws AbortError the signal was aborted already; what `start` throws
   */
  protected constructor({ bufferSize, signal }: StreamSettings, start: (wake: () => void) => EventEngine<E>) {
    if (signal?.aborted === true) throw abortError(signal);
    // An engine that had no more to tell wakes us when it has.
    this.#queue = new EventQueue(bufferSize, () => this.#idle || this.#pump());
    this.#engine = start(() => this.#woken());
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
    this.#pump();
    return this.#queue.take();
  }

  /**
   * The events, for one consumer: leaving the loop stops the watcher.
   * @throws NlinkError `ERR_NLINK_CONSUMER` the second time
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    if (this.#iterated) {
      throw new NlinkError(
        'ERR_NLINK_CONSUMER',
        'this watcher is iterated already, and has one consumer; open another watcher for another one',
      );
    }
    this.#iterated = true;
    return new EventIterator(this.#queue, () => this.stop());
  }

  /**
   * Stops watching and frees everything; events that still wait are dropped, pending calls end with
   * undefined. Idempotent.
   */
  stop(): Promise<void> {
    this.#end(null, false);
    return this.#freed;
  }

  /** As {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Keeps the process alive while watching (the default). */
  ref(): void {
    if (!this.#stopped) this.#engine.ref();
  }

  /** Lets the process end although it watches. */
  unref(): void {
    if (!this.#stopped) this.#engine.unref();
  }

  /** Whether it has stopped, for whatever reason. */
  protected get stopped(): boolean {
    return this.#stopped;
  }

  protected get streamStats(): StreamStats {
    return {
      events: this.#told,
      buffered: this.#queue.size,
      pauses: this.#pauses,
      paused: this.#paused,
    };
  }

  readonly #onAbort = (): void => {
    this.#end(abortError(this.#signal as AbortSignal), false);
  };

  #woken(): void {
    this.#turn = TURN;
    this.#pump();
    if (this.#queue.hasRoom || this.#stopped) return;
    this.#held = true;
    this.#engine.pause();
  }

  readonly #pumpOn = (): void => this.#pump();

  /** Moves events from the engine to the queue as long as there is room. */
  #pump(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    try {
      this.#idle = this.#fill();
      if (this.#engine.ended) this.#end(null, true);
      if (this.#idle && this.#held) {
        this.#held = false;
        this.#engine.resume();
      }
    } catch (error) {
      this.#end(error as Error, true);
    } finally {
      this.#pumping = false;
    }
  }

  /** Whether the engine has no more to tell for now. */
  #fill(): boolean {
    while (this.#queue.hasRoom) {
      if (this.#turn === 0) {
        this.#takeTurn();
        return false;
      }
      const event = this.#engine.next();
      this.#paused = false;
      if (event === undefined) return true;
      this.#turn--;
      this.#told++;
      if (this.#queue.push(event)) {
        // Who waited for it goes first. Promise jobs run in order, and `for await` needs two of
        // them to get there.
        void SETTLED.then(() => SETTLED.then(this.#pumpOn));
        return false;
      }
    }
    if (!this.#paused) this.#pauses++;
    this.#paused = true;
    return false;
  }

  /** The event loop goes round before more is told. */
  #takeTurn(): void {
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = null;
      this.#woken();
    });
  }

  #end(error: Error | null, keep: boolean): void {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#signal?.removeEventListener('abort', this.#onAbort);
      if (this.#nextTurn !== null) clearImmediate(this.#nextTurn);
      this.#freed = this.#engine.close();
    }
    this.#queue.end(error, keep);
  }
}

class EventIterator<E> implements AsyncIterableIterator<E> {
  readonly #queue: EventQueue<E>;
  readonly #stop: () => Promise<void>;

  constructor(queue: EventQueue<E>, stop: () => Promise<void>) {
    this.#queue = queue;
    this.#stop = stop;
  }

  next(): Promise<IteratorResult<E>> {
    const value = this.#queue.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return this.#queue
      .recv()
      .then((event) =>
        event === undefined ? { value: undefined, done: true } : { value: event, done: false },
      );
  }

  async return(): Promise<IteratorResult<E>> {
    await this.#stop();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
