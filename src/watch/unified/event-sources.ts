/**
 * Asks several sources for the next event, in the order of their priority, and begins again with
 * the first one whenever one has made progress. Before all of them come:
 *
 * | source          | what it has                                                              |
 * | --------------- | ------------------------------------------------------------------------ |
 * | priority events | what became a fact while another fact was found out; goes before that    |
 * | pending events  | what the last fact came to                                               |
 * | the kernel      | blocks while its answer is awaited; throws what came of it               |
 */
import type { MaybePromise } from '../stream/chain.ts';

/**
 * What a source has: an event; nothing for now; progress, so that the first source is asked again;
 * or something that all further ones have to wait for.
 */
export type Polled<E> = E | 'none' | 'again' | 'blocked';

export interface EventSource<E> {
  name: string;
  poll: () => Polled<E>;
}

export class EventSources<E extends object> {
  readonly #sources: readonly EventSource<E>[];
  readonly #wake: () => void;
  readonly #priorityEvents: E[] = [];
  readonly #pendingEvents: E[] = [];
  /** Whether an answer is awaited. */
  awaitingKernel = false;
  #failure: Error | null = null;
  #closed = false;

  /**
   * @param sources in order of priority
   * @param wake called when {@link next} may have something again
   */
  constructor(sources: readonly EventSource<E>[], wake: () => void) {
    this.#wake = wake;
    this.#sources = sources;
  }

  /** @throws what a source throws, or what came of an answer that was awaited */
  next(): E | undefined {
    const sources = this.#sources;
    for (let at = 0; at < sources.length;) {
      if (at === 0) {
        if (this.#priorityEvents.length > 0) return this.#priorityEvents.shift();
        if (this.#pendingEvents.length > 0) return this.#pendingEvents.shift();
        if (this.#failure !== null) throw this.#failure;
        if (this.awaitingKernel || this.#closed) return undefined;
      }
      const polled = (sources[at] as EventSource<E>).poll();
      if (polled === 'blocked') return undefined;
      if (polled === 'none') at++;
      else if (polled === 'again') at = 0;
      else return polled;
    }
    return undefined;
  }

  /** Emits what a fact came to. */
  readonly report = (events: readonly E[]): void => {
    this.#pendingEvents.push(...events);
  };

  /** As {@link report}, for a source: of what the fact came to it gives the first event itself. */
  emit(events: readonly E[]): Polled<E> {
    const [first] = events;
    if (first === undefined || !this.#isEmpty) {
      this.#pendingEvents.push(...events);
      return 'again';
    }
    for (let at = 1; at < events.length; at++) this.#pendingEvents.push(events[at] as E);
    return first;
  }

  /** As {@link emit}, of one event. */
  emitOne(event: E): Polled<E> {
    if (this.#isEmpty) return event;
    this.#pendingEvents.push(event);
    return 'again';
  }

  /** Emits before all else. */
  readonly reportFirst = (events: readonly E[]): void => {
    this.#priorityEvents.push(...events);
  };

  /** For a source that may have done nothing: whether there is anything to emit or to wait for. */
  get progress(): 'again' | 'none' {
    return this.#isEmpty && !this.awaitingKernel ? 'none' : 'again';
  }

  get #isEmpty(): boolean {
    return this.#priorityEvents.length === 0 && this.#pendingEvents.length === 0;
  }

  /** Goes on with the kernel's answer: at once if it is there. */
  thenOrAwait<T>(answer: MaybePromise<T>, next: (answer: T) => void): void {
    if (answer instanceof Promise) void this.#await(answer, next);
    else next(answer);
  }

  /** From now on it has nothing but what is pending. */
  close(): void {
    this.#closed = true;
  }

  async #await<T>(answer: Promise<T>, next: (answer: T) => void): Promise<void> {
    this.awaitingKernel = true;
    try {
      next(await answer);
    } catch (error) {
      this.#failure = error as Error;
    }
    this.awaitingKernel = false;
    if (!this.#closed) this.#wake();
  }
}
