/**
 * Tells when a descriptor has something to read: one libuv poll handle, through koffi. Handles the traps of that handle
 * (notes/koffi.md) so that nobody above has to know them:
 *
 * 1. it is collected, and goes silent, unless something refers to it: `live` does, until `close()`;
 * 2. its callback gets `(status, events)`, whatever its typings say; a negative status (POLLERR) also stops the handle;
 * 3. after its callback neither promise jobs are run nor is an exception told: the listener is called from `setImmediate`,
 *    where both happen, and which also comes after every poll of the same turn;
 * 4. a descriptor that libuv refuses aborts the process: it is tried out before;
 * 5. libuv polls once more when the process has ended, and a callback then aborts it: by then all are closed.
 */
import { check, errno, systemError } from './errno.ts';
import { bind, bindOnce, koffi } from './library.ts';
import type { Call } from './library.ts';

type PollHandle = ReturnType<ReturnType<typeof koffi>['node']['poll']>;

/** The longest that setInterval takes, in milliseconds. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** The open ones, by descriptor. */
const live = new Map<number, Readiness>();

/** The readiness of one descriptor, which stays the caller's: close this first, then the descriptor. */
export interface ReadinessHandle {
  /** Ends the silence after {@link pause}. What became readable meanwhile is told. */
  resume(): void;
  /** No calls until {@link resume}, not even one that is under way. */
  pause(): void;
  /** Keeps the process alive while open, paused or not (the default). */
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
 * @throws SystemError `EBADF`, `EPERM` (a file or directory, which epoll does not take), `EEXIST` (it has a listener)
 */
export function onReadable(fd: number, listener: () => void): ReadinessHandle {
  if (live.has(fd)) throw systemError(errno.EEXIST, 'epoll_ctl');
  tryOut(fd);
  const readiness = new Readiness(fd, listener);
  if (!endAwaited) process.once('exit', closeAll);
  endAwaited = true;
  live.set(fd, readiness);
  return readiness;
}

let endAwaited = false;

function closeAll(): void {
  for (const readiness of live.values()) readiness.close();
}

/** Asks epoll what libuv will ask it. */
function tryOut(fd: number): void {
  epollCalls ??= {
    create: bind('int epoll_create1(int flags)'),
    control: bind('int epoll_ctl(int epfd, int op, int fd, void *event)'),
    close: bindOnce('int close(int fd)'),
  };
  const epoll = check(epollCalls.create(O_CLOEXEC), 'epoll_create1');
  // A descriptor that was closed may just have become this one.
  const result =
    epoll === fd ? -errno.EBADF : epollCalls.control(epoll, EPOLL_CTL_ADD, fd, new Uint32Array(4));
  epollCalls.close(epoll);
  check(result, 'epoll_ctl');
}

const O_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
let epollCalls: Record<'create' | 'control' | 'close', Call> | undefined;

class Readiness implements ReadinessHandle {
  readonly #fd: number;
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
    this.#fd = fd;
    this.#listener = listener;
    this.#handle = koffi().node.poll(fd, { readable: true }, this.#onPoll as unknown as () => void);
  }

  readonly #onPoll = (status: number): void => {
    if (status < 0) this.#stopped = true;
    if (this.#scheduled !== null || this.#paused) return;
    this.#scheduled = setImmediate(this.#deliver);
    if (!this.#referenced) this.#scheduled.unref();
  };

  readonly #deliver = (): void => {
    this.#scheduled = null;
    try {
      this.#listener();
    } finally {
      if (this.#stopped && !this.#paused) this.#start();
    }
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
    live.delete(this.#fd);
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
