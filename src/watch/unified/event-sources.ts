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
import type { MaybePromise } from '../ids/chain.ts';

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
  #awaitingKernel = false;
  #failure: Error | null = null;
  #closed = false;

  /**
   * @param sources in order of priority
   * @param wake called when {@link next} may have something again
   */
  constructor(sources: readonly EventSource<E>[], wake: () => void) {
    this.#wake = wake;
    this.#sources = [
      { name: 'priority events', poll: () => this.#priorityEvents.shift() ?? 'none' },
      { name: 'pending events', poll: () => this.#pendingEvents.shift() ?? 'none' },
      { name: 'the kernel', poll: () => this.#pollKernel() },
      ...sources,
    ];
  }

  /** @throws what a source throws, or what came of an answer that was awaited */
  next(): E | undefined {
    for (let at = 0; at < this.#sources.length;) {
      const polled = (this.#sources[at] as EventSource<E>).poll();
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

  /** Emits before all else. */
  readonly reportFirst = (events: readonly E[]): void => {
    this.#priorityEvents.push(...events);
  };

  /** For a source that may have done nothing: whether there is anything to emit or to wait for. */
  get progress(): 'again' | 'none' {
    const any = this.#priorityEvents.length > 0 || this.#pendingEvents.length > 0 || this.#awaitingKernel;
    return any ? 'again' : 'none';
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

  #pollKernel(): Polled<E> {
    if (this.#failure !== null) throw this.#failure;
    return this.#awaitingKernel || this.#closed ? 'blocked' : 'none';
  }

  async #await<T>(answer: Promise<T>, next: (answer: T) => void): Promise<void> {
    this.#awaitingKernel = true;
    try {
      next(await answer);
    } catch (error) {
      this.#failure = error as Error;
    }
    this.#awaitingKernel = false;
    if (!this.#closed) this.#wake();
  }
}
