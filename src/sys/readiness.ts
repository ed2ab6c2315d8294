/**
 * Tells when a descriptor has something to read: one libuv poll handle, through koffi. Handles the
 * traps of that handle (notes/koffi.md) so that nobody above has to know them:
 *
 * 1. it is collected, and goes silent, unless something refers to it: `live` does, until `close()`;
 * 2. its callback gets `(status, events)`, whatever its typings say; a negative status (POLLERR)
 *    also stops the handle;
 * 3. after its callback neither promise jobs are run nor is an exception reported: an empty
 *    `setImmediate` of the same turn runs the jobs, unless the listener says that there are none,
 *    and one that throws reports the exception. A turn of the event loop costs an idle program ten
 *    times what most listeners do in it, and `setImmediate` half as much again;
 * 4. a descriptor that libuv refuses aborts the process: it is tried out before;
 * 5. libuv polls once more when the process has ended, and a callback then aborts it: by then all
 *    are closed;
 * 6. Deno's handle reports once, so it is started again after each call; and its callback may be
 *    under way from another thread when the handle is closed, which frees it: it is stopped, and
 *    closed when that cannot be any more (retire.ts), and the listener is called from
 *    `setImmediate`.
 */
import { check, errno, systemError } from './errno.ts';
import { bind, bindOnce, koffi } from './library.ts';
import type { Call } from './library.ts';
import { INT_MAX } from './limits.ts';
import { pollKind } from './poll-support.ts';
import type { PollKind } from './poll-support.ts';
import { retire } from './retire.ts';

type Callback = (status: number) => void;

/**
 * Called when there is something to read.
 * @returns false: it has settled no promise and queued no job, so that none has to be run
 */
export type ReadinessListener = () => unknown;

/**
 * What is used of koffi's handle, with the callback that it really has: the typings give it one
 * argument, it gets the status first.
 */
export interface PollHandle {
  start(options: { readable: true }, callback: Callback): void;
  stop(): void;
  ref(): void;
  unref(): void;
  close(): void;
}

/** Makes poll handles, and says what kind they are: the runtime's, or a test's. */
export interface Polls {
  kind: PollKind;
  /** Starts to ask whether the descriptor can be read. */
  open: (fd: number, callback: Callback) => PollHandle;
}

/** koffi's. */
const polls = (): Polls => ({
  kind: pollKind(),
  open: (fd, callback) =>
    koffi().node.poll(fd, { readable: true }, callback as unknown as () => void) as unknown as PollHandle,
});

/** The open ones, by descriptor. */
const live = new Map<number, Readiness>();

/**
 * The readiness of one descriptor, which stays the caller's: close this first, then the descriptor.
 */
export interface ReadinessHandle {
  /** Ends the silence after {@link pause}. What became readable meanwhile is reported. */
  resume(): void;
  /**
   * Calls the listener once when the event loop watches for sure, whether there is something to
   * read or not: of a file whose readiness is an edge, what comes before may be swallowed by the
   * laying of the watch.
   */
  callOnce(): void;
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
 * Calls `listener` after the descriptor became readable (or got an error or hang-up, which reading
 * will show), again each turn of the event loop until it was read empty. Promise jobs run when all
 * listeners of the turn have been called.
 * @param fd a descriptor that epoll accepts; made non-blocking
 * @throws SystemError `EBADF`, `EPERM` (a file or directory, which epoll does not take), `EEXIST`
 *   (it has a listener)
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM` (the runtime has no poll handles)
 */
export function onReadable(fd: number, listener: ReadinessListener, by: Polls = polls()): ReadinessHandle {
  if (live.has(fd)) throw systemError(errno.EEXIST, 'epoll_ctl');
  tryOut(fd);
  const readiness = new Readiness(fd, listener, by);
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

/** What comes after each callback of `setImmediate` is what is wanted of it. */
const runJobs = (): void => {};

class Readiness implements ReadinessHandle {
  readonly #fd: number;
  readonly #listener: ReadinessListener;
  readonly #kind: PollKind;
  #handle: PollHandle | null;
  #scheduled: NodeJS.Immediate | null = null;
  #paused = false;
  /** It was stopped by itself: by libuv on POLLERR, and where it reports once. */
  #stopped = false;
  #referenced = true;
  /** A handle that is stopped does not keep the process alive: this does in its place. */
  #keepAlive: NodeJS.Timeout | null = null;

  constructor(fd: number, listener: ReadinessListener, by: Polls) {
    this.#fd = fd;
    this.#listener = listener;
    this.#kind = by.kind;
    this.#handle = by.open(fd, this.#onPoll);
  }

  readonly #onPoll = (status: number): void => {
    if (this.#paused) return;
    if (this.#kind === 'once') {
      this.#stopped = true;
      if (this.#scheduled !== null) return;
      this.#scheduled = setImmediate(this.#deliver);
      if (!this.#referenced) this.#scheduled.unref();
      return;
    }
    if (status < 0) this.#stopped = true;
    try {
      if (this.#listener() !== false) setImmediate(runJobs);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
    if (this.#stopped && !this.#paused) this.#start();
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
    this.#handle?.start({ readable: true }, this.#onPoll);
  }

  callOnce(): void {
    // Twice: the first may come in the turn in which the poll was asked for, before the loop has
    // made it. Neither is unref'd, which keeps the process alive for two turns and no longer: the
    // loop would sleep in that poll, and the call come with the next event, if ever.
    setImmediate(() => setImmediate(this.#callSurely));
  }

  readonly #callSurely = (): void => {
    if (this.#handle !== null && !this.#paused) this.#listener();
  };

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
    if (this.#referenced) this.#keepAlive = setInterval(() => undefined, INT_MAX);
  }

  ref(): void {
    this.#referenced = true;
    this.#handle?.ref();
    this.#scheduled?.ref();
    if (this.#paused && this.#handle !== null) this.#keepAlive ??= setInterval(() => undefined, INT_MAX);
  }

  unref(): void {
    this.#referenced = false;
    this.#handle?.unref();
    this.#scheduled?.unref();
    this.#release();
  }

  close(): void {
    if (this.#handle === null) return;
    if (this.#kind === 'again') this.#handle.close();
    else retire(this.#handle);
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
