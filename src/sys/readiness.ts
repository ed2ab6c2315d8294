/**
 * Tells when a descriptor has something to read: one libuv poll handle, through koffi. Handles three traps of that
 * handle (notes/koffi.md) so that nobody above has to know them:
 *
 * 1. it is collected, and goes silent, unless something refers to it: `live` does, until `close()`;
 * 2. its callback gets `(status, events)`, whatever its typings say; a negative status (POLLERR) also stops the handle;
 * 3. promise jobs are not run after its callback: the listener is called from `setImmediate`, which runs them, and which
 *    also comes after every poll of the same turn.
 */
import { koffi } from './library.ts';

type PollHandle = ReturnType<ReturnType<typeof koffi>['node']['poll']>;

/** The longest that setInterval takes, in milliseconds. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

const live = new Set<Readiness>();

/** The readiness of one descriptor, which stays the caller's: close this first, then the descriptor. */
export interface ReadinessHandle {
  /** Ends the silence after {@link pause}. What became readable meanwhile is told. */
  resume(): void;
  /** No calls until {@link resume}, not even one that is under way. */
  pause(): void;
  /** Keeps the process alive while open (the default). */
  ref(): void;
  /** Lets the process end while open. */
  unref(): void;
  /** Ends it for good, the call that is under way too. Idempotent. */
  close(): void;
}

/**
 * Calls `listener` after the descriptor became readable (or got an error or hang-up, which reading will show), again
 * each turn of the event loop until it was read empty.
 * @param fd a descriptor that epoll accepts; made non-blocking
 */
export function onReadable(fd: number, listener: () => void): ReadinessHandle {
  return new Readiness(fd, listener);
}

class Readiness implements ReadinessHandle {
  readonly #listener: () => void;
  #handle: PollHandle | null;
  #scheduled: NodeJS.Immediate | null = null;
  #paused = false;
  /** libuv stopped the handle of its own accord, as it does on POLLERR. */
  #stopped = false;
  #referenced = true;
  /** A handle that is stopped does not keep the process alive: this does in its place. */
  #keepAlive: NodeJS.Timeout | null = null;

  constructor(fd: number, listener: () => void) {
    this.#listener = listener;
    this.#handle = koffi().node.poll(fd, { readable: true }, this.#onPoll as unknown as () => void);
    live.add(this);
  }

  readonly #onPoll = (status: number): void => {
    if (status < 0) this.#stopped = true;
    if (this.#scheduled !== null || this.#paused) return;
    this.#scheduled = setImmediate(this.#deliver);
    if (!this.#referenced) this.#scheduled.unref();
  };

  readonly #deliver = (): void => {
    this.#scheduled = null;
    this.#listener();
    if (this.#stopped && !this.#paused) this.#start();
  };

  #start(): void {
    this.#stopped = false;
    // The typings give the callback one argument; it gets the status first.
    this.#handle?.start({ readable: true }, this.#onPoll as unknown as () => void);
  }

  resume(): void {
    if (!this.#paused || this.#handle === null) return;
    this.#paused = false;
    this.#release();
    this.#start();
  }

  pause(): void {
    if (this.#paused || this.#handle === null) return;
    this.#paused = true;
    this.#handle.stop();
    this.#cancel();
    this.#keepAlive = setInterval(() => undefined, LONGEST_INTERVAL);
    if (!this.#referenced) this.#keepAlive.unref();
  }

  ref(): void {
    this.#referenced = true;
    this.#handle?.ref();
    this.#scheduled?.ref();
    this.#keepAlive?.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#handle?.unref();
    this.#scheduled?.unref();
    this.#keepAlive?.unref();
  }

  close(): void {
    if (this.#handle === null) return;
    this.#handle.close();
    this.#handle = null;
    this.#cancel();
    this.#release();
    live.delete(this);
  }

  #release(): void {
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#keepAlive = null;
  }

  #cancel(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
  }
}
