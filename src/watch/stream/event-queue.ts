/**
 * The bounded queue between a watcher and its one consumer, first in, first out. The watcher asks
 * {@link EventQueue.hasRoom} before it makes the next event, and the queue calls back when it has
 * room again. So if a consumer lags, the kernel's queue grows and this one does not. It knows
 * nothing of what the events are.
 */

interface Waiter<T> {
  resolve(event: T | undefined): void;
  reject(error: Error): void;
}

export class EventQueue<T> {
  readonly #capacity: number;
  /**
   * Called when the consumer took events and it pays to make more: half of the room, or all of
   * it, is free.
   */
  readonly #onRoom: () => void;
  #events: T[] = [];
  /**
   * Index of the first event that was not taken. Those before it are cut off once they are more
   * than the queue holds.
   */
  #head = 0;
  readonly #waiters: Waiter<T>[] = [];
  #ended = false;
  /** How often a call that waited got an event, or the end. */
  resolved = 0;
  /** Thrown once, at the next call after the events before it. */
  #error: Error | null = null;

  constructor(capacity: number, onRoom: () => void) {
    this.#capacity = capacity;
    this.#onRoom = onRoom;
  }

  /** Events that wait for the consumer. */
  get size(): number {
    return this.#events.length - this.#head;
  }

  /** Whether one more event may be pushed. A waiting consumer makes room of its own. */
  get hasRoom(): boolean {
    return !this.#ended && (this.#waiters.length > 0 || this.size < this.#capacity);
  }

  /** @returns whether the event went to a consumer that waited for it */
  push(event: T): boolean {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#events.push(event);
      return false;
    }
    this.resolved++;
    waiter.resolve(event);
    return true;
  }

  take(): T | undefined {
    if (this.#head === this.#events.length) return undefined;
    const event = this.#events[this.#head] as T;
    this.#head++;
    if (this.#head === this.#events.length) {
      this.#events.length = 0;
      this.#head = 0;
    } else if (this.#head > this.#capacity) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    if (this.size === this.#capacity >> 1 && !this.#ended) this.#onRoom();
    return event;
  }

  /** The next event; waits for it. Undefined at the end. */
  recv(): Promise<T | undefined> {
    const event = this.take();
    if (event !== undefined) return Promise.resolve(event);
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve(undefined);
    const promise = new Promise<T | undefined>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
    this.#onRoom();
    return promise;
  }

  /**
   * Ends the queue. Idempotent: the first end counts.
   * @param error what the consumer gets once at the end, instead of `undefined`
   * @param keep whether events that wait may still be taken
   */
  end(error: Error | null, keep: boolean): void {
    if (this.#ended) {
      if (!keep) this.#drop();
      return;
    }
    this.#ended = true;
    if (!keep) this.#drop();
    const [first, ...others] = this.#waiters.splice(0);
    this.resolved++;
    if (error === null) first?.resolve(undefined);
    else if (first === undefined) this.#error = error;
    else first.reject(error);
    for (const waiter of others) waiter.resolve(undefined);
  }

  #drop(): void {
    this.#events = [];
    this.#head = 0;
    this.#error = null;
  }
}
