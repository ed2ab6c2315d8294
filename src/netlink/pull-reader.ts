/**
 * Waiting for what a socket brings: nothing is read before it is asked for, so that what nobody
 * takes waits in the kernel and not here; and a socket that nobody waits for does not keep the
 * process alive.
 */
import type { RawSocket } from './raw-socket.ts';

interface Waiter<T> {
  resolve(item: T | undefined): void;
  reject(error: unknown): void;
}

export class PullReader<T> {
  readonly #socket: RawSocket;
  readonly #next: () => T | undefined;
  readonly #waiters: Waiter<T>[] = [];
  #listening = false;
  #referenced = true;

  /** @param next what is there by now, if anything */
  constructor(socket: RawSocket, next: () => T | undefined) {
    this.#socket = socket;
    this.#next = next;
  }

  /** The next item; undefined once closed. Calls are served in order. */
  async recv(): Promise<T | undefined> {
    if (this.#socket.closed) return undefined;
    if (this.#waiters.length === 0) {
      const item = this.#next();
      if (item !== undefined) return item;
    }
    // First, since it may be refused.
    this.#listen();
    return new Promise<T | undefined>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  ref(): void {
    this.#referenced = true;
    if (this.#listening) this.#socket.onReadable(this.#onReadable).ref();
  }

  unref(): void {
    this.#referenced = false;
    if (this.#listening) this.#socket.onReadable(this.#onReadable).unref();
  }

  /** Closes the socket; whoever waits gets undefined. Idempotent. */
  close(): void {
    this.#socket.close();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(undefined);
  }

  #listen(): void {
    if (this.#listening) return;
    const readiness = this.#socket.onReadable(this.#onReadable);
    this.#listening = true;
    if (this.#referenced) readiness.ref();
    else readiness.unref();
    readiness.resume();
  }

  readonly #onReadable = (): void => {
    while (this.#waiters.length > 0) {
      try {
        const item = this.#next();
        if (item === undefined) return;
        this.#waiters.shift()?.resolve(item);
      } catch (error) {
        this.#waiters.shift()?.reject(error);
      }
    }
    this.#listening = false;
    const readiness = this.#socket.onReadable(this.#onReadable);
    readiness.pause();
    readiness.unref();
  };
}
