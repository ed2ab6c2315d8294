/**
 * `NamespaceWatcher`: the public face of the engine. Pulls events from it into a bounded queue, and stops pulling when that is
 * full; ends both together, whatever ends them.
 */
import { abortError, NlinkError } from '../errors.ts';
import type { NamespaceEntry } from '../netns/entry.ts';
import { PropagationDiagnosis } from '../netns/propagation.ts';
import { linux } from '../sys/system.ts';
import { systemClock } from './clock.ts';
import { Engine } from './engine.ts';
import type { WatcherIo } from './engine.ts';
import { EventQueue } from './event-queue.ts';
import type { NamespaceEvent, NamespaceWatcherOptions, NamespaceWatcherStats } from './events.ts';
import { checkOptions } from './options.ts';
import type { WatcherSettings } from './options.ts';

/** Events made for a consumer who takes them as fast as they come, before the event loop gets a turn. */
const TURN = 2048;

/** The kernel and the clock of this machine. */
export const realIo = (): WatcherIo => ({
  system: linux(),
  clock: systemClock,
  propagation: new PropagationDiagnosis(),
});

/**
 * Watches the named network namespaces in a directory. Names are told when they can be entered (`created`), when their
 * namespace comes or goes while the name stays (`mounted`, `unmounted`), and when they are gone (`deleted`). No event is
 * lost in silence: after a loss what differs is told, and then `resynced`.
 *
 * ```ts
 * const { namespaces, watcher } = await NamespaceWatcher.listAndWatch();
 * for await (const event of watcher) if (event.type === 'created' && event.ready) enter(event.path);
 * ```
 *
 * Watching has no side effects and needs no privilege beyond permission to read the directory; Linux 4.11 or later, the
 * namespace's `id` 6.18. Works through inotify(7) and /proc/self/mountinfo, see proc_pid_mountinfo(5).
 */
export class NamespaceWatcher implements AsyncIterable<NamespaceEvent>, AsyncDisposable {
  readonly #engine: Engine;
  readonly #queue: EventQueue<NamespaceEvent>;
  readonly #signal: AbortSignal | undefined;
  #told = 0;
  #pauses = 0;
  #paused = false;
  #pumping = false;
  /** The engine had no more to tell, and has not woken us since. */
  #idle = true;
  /** The engine was told not to wake us for records. */
  #held = false;
  #turn = TURN;
  #nextTurn: NodeJS.Immediate | null = null;
  #stopped = false;
  /** Settled when nothing is left open. */
  #freed: Promise<void> = Promise.resolve();
  #iterated = false;

  private constructor(settings: WatcherSettings, io: WatcherIo) {
    if (settings.signal?.aborted === true) throw abortError(settings.signal);
    // An engine that had no more to tell wakes us when it has.
    this.#queue = new EventQueue(settings.bufferSize, () => this.#idle || this.#pump());
    this.#engine = new Engine(io, settings, () => this.#woken());
    this.#signal = settings.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Starts to watch. Names that are there already are not told; {@link namespaces} has them.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_UNSUPPORTED_KERNEL` (no
   *   `/proc`), `ERR_NLINK_NATIVE_LIBRARY`
   * @throws SystemError `ENOENT` (the directory is missing and `watchParent` is false), `ENOTDIR` (it is a file), `EACCES`
   *   (it may not be read), `EMFILE` (limit of inotify instances or of open files), `ENOSPC` (limit of inotify watches)
   * @throws AbortError (`ABORT_ERR`) `signal` was aborted already
   */
  static async open(
    options: NamespaceWatcherOptions = {},
    io: WatcherIo = realIo(),
  ): Promise<NamespaceWatcher> {
    return new NamespaceWatcher(checkOptions(options), io);
  }

  /**
   * Starts to watch and gives what was there as of then: the events tell of everything that came after, and of nothing
   * that the listing holds. A name in the listing may be not ready; `mounted` tells when it is.
   *
   * @throws as {@link open}
   */
  static async listAndWatch(
    options: NamespaceWatcherOptions = {},
    io: WatcherIo = realIo(),
  ): Promise<{ namespaces: NamespaceEntry[]; watcher: NamespaceWatcher }> {
    const watcher = new NamespaceWatcher(checkOptions(options), io);
    return { namespaces: watcher.namespaces(), watcher };
  }

  /**
   * Waits for the next event; undefined once the watcher has stopped. Calls are served in order.
   * @throws AbortError (`ABORT_ERR`) once, when `signal` was aborted
   * @throws SystemError once, when the watcher cannot go on: `EACCES` (the directory was made unreadable), `ENOSPC`, `EMFILE`
   */
  recv(): Promise<NamespaceEvent | undefined> {
    return this.#queue.recv();
  }

  /** The next event if there is one by now; never waits. */
  tryRecv(): NamespaceEvent | undefined {
    const event = this.#queue.take();
    if (event !== undefined) return event;
    this.#pump();
    return this.#queue.take();
  }

  /**
   * The events, for one consumer: leaving the loop stops the watcher.
   * @throws NlinkError `ERR_NLINK_CONSUMER` the second time
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<NamespaceEvent> {
    if (this.#iterated) {
      throw new NlinkError(
        'ERR_NLINK_CONSUMER',
        'this watcher is iterated already, and has one consumer; open another watcher for another one',
      );
    }
    this.#iterated = true;
    return new EventIterator(this.#queue, () => this.stop());
  }

  /** Whether the directory itself is watched; false while it is missing and the watcher waits for it, and once stopped. */
  get isWatchingNetns(): boolean {
    return !this.#stopped && this.#engine.watching;
  }

  /**
   * The live state: what a listing with all events since comes to, those included that still wait for the consumer. Names
   * that are held back until they are ready are not in it.
   */
  namespaces(): NamespaceEntry[] {
    return this.#engine.table.entries();
  }

  /** Counters since the start. */
  stats(): NamespaceWatcherStats {
    return {
      events: this.#told,
      buffered: this.#queue.size,
      ...this.#engine.counters,
      pauses: this.#pauses,
      paused: this.#paused,
      pending: this.#engine.table.unsettled.size,
    };
  }

  /** Stops watching and frees everything; events that still wait are dropped, pending calls end with undefined. Idempotent. */
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
        // Who waited for it goes first: promise jobs run in order.
        queueMicrotask(() => this.#pump());
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

class EventIterator implements AsyncIterableIterator<NamespaceEvent> {
  readonly #queue: EventQueue<NamespaceEvent>;
  readonly #stop: () => Promise<void>;

  constructor(queue: EventQueue<NamespaceEvent>, stop: () => Promise<void>) {
    this.#queue = queue;
    this.#stop = stop;
  }

  next(): Promise<IteratorResult<NamespaceEvent>> {
    const value = this.#queue.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return this.#queue
      .recv()
      .then((event) =>
        event === undefined ? { value: undefined, done: true } : { value: event, done: false },
      );
  }

  async return(): Promise<IteratorResult<NamespaceEvent>> {
    await this.#stop();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
