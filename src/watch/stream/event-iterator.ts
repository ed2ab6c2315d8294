/** `for await` over the queue of an event stream. Leaving the loop stops the stream. */
import type { EventQueue } from './event-queue.ts';

const toResult = <E>(event: E | undefined): IteratorResult<E> =>
  event === undefined ? { value: undefined, done: true } : { value: event, done: false };

export class EventIterator<E> implements AsyncIterableIterator<E> {
  readonly #queue: EventQueue<E>;
  readonly #stop: () => Promise<void>;

  constructor(queue: EventQueue<E>, stop: () => Promise<void>) {
    this.#queue = queue;
    this.#stop = stop;
  }

  next(): Promise<IteratorResult<E>> {
    const value = this.#queue.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return this.#queue.recv().then(toResult<E>);
  }

  async return(): Promise<IteratorResult<E>> {
    await this.#stop();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
