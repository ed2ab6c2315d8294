/**
 * Watches the names of one directory: kernel events in, `NamespaceEvent`s out, one at a time and
 * only when asked ({@link NamesEngine.next}), so that if a consumer lags, the rest waits in the
 * kernel's queue. An event is a hint, what is there is the truth:
 *
 * - What a look *sees* belongs to the name's generation as of then (name-probe.ts).
 * - A *listing* holds as of its end (directory-scan.ts).
 * - A change of *mounts* says only that something changed: the kernel lists what (mount-table.ts),
 *   or else names are looked at (probe-schedule.ts).
 *
 * | phase | means | leaves for |
 * | --- | --- | --- |
 * | waiting | the directory is missing; what leads to it is watched | scanning: it came |
 * | watching | the directory has been read, and records are applied | see below |
 * | scanning | the directory has to be read | see below |
 * | backoff | scanning, after a pause: it failed or was undone | scanning: the pause is over |
 * | ended | the directory is gone, and `watchParent` is false | - |
 *
 * The engine recovers when the applier reports a change on the path, or an overflow, in all phases
 * but backoff and ended. A directory that could not be read counts as a change on the path. To
 * recover, it establishes the watches again:
 *
 * | the path leads to | and | next |
 * | --- | --- | --- |
 * | no directory | `watchParent`, or it was missing before | waiting |
 * | no directory | not `watchParent` | ended |
 * | the same directory | it has been read, and no records were lost | watching |
 * | the same, or another | it is read, and the records by then are known | watching |
 * | the same, or another | what happens meanwhile undoes the reading | scanning, backoff |
 * | unknown | the machine lacks something for a moment | backoff |
 */
import { errno, systemError } from '../../sys/errno.ts';
import type { ReadinessListener } from '../../sys/readiness.ts';
import type { Clock } from '../stream/clock.ts';
import type { EventEngine } from '../stream/event-stream.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';
import { WakeupCoalescer } from '../stream/wakeup-coalescer.ts';
import { vanishAll } from './directory-scan.ts';
import { engineParts } from './engine-parts.ts';
import type { EngineParts, WatcherIo } from './engine-parts.ts';
import { MountWatch } from './mount-watch.ts';
import type { InotifyApplier } from './inotify-applier.ts';
import type { NamespaceEvent } from './name-events.ts';
import type { WatcherSettings } from './name-options.ts';
import type { NameStates } from './name-states.ts';

type Phase = 'waiting' | 'watching' | 'scanning' | 'backoff' | 'ended';

/**
 * How often opening reads the directory while a storm undoes it. After that the engine reads it
 * while watching.
 */
const START_ATTEMPTS = 3;

export class NamesEngine implements EventEngine<NamespaceEvent> {
  readonly table: NameStates;
  #phase: Phase = 'scanning';
  readonly #settings: WatcherSettings;
  readonly #clock: Clock;
  readonly #parts: EngineParts;
  readonly #records: InotifyApplier;
  readonly #mounts: MountWatch;
  readonly #coalescer: WakeupCoalescer;
  readonly #backoff = new RetryBackoff();
  /** The rest of a change that makes more than one event. */
  #pendingEvents: Iterator<NamespaceEvent, void> | null = null;
  #rewatches = 0;

  /**
   * Establishes the watches and adopts the names that are there.
   * @param wake called when {@link next} may have something again, never from within it; returns
   *   what that does
   * @throws SystemError, NlinkError as `NamespaceWatcher.open` says
   */
  constructor(io: WatcherIo, settings: WatcherSettings, wake: ReadinessListener) {
    this.#settings = settings;
    this.#clock = io.clock;
    const parts = engineParts(io, settings, wake);
    const { inotify, records, table } = parts;
    [this.#parts, this.#records, this.table] = [parts, records, table];
    let mounts: MountWatch | undefined;
    try {
      this.#start();
      mounts = new MountWatch(io, parts, wake);
      this.#mounts = mounts;
      const onRecords = (): unknown => {
        records.recheck();
        return wake();
      };
      this.#coalescer = new WakeupCoalescer(inotify, io.clock, () => records.counters.records, onRecords);
    } catch (error) {
      mounts?.close();
      inotify.close();
      throw error;
    }
  }

  get ended(): boolean {
    return this.#phase === 'ended';
  }

  /** Whether the directory itself is watched. */
  get watching(): boolean {
    return this.#parts.watch.wd >= 0;
  }

  /**
   * Whether there may be names that it has not reported: they wait for their namespace, or the
   * directory has to be read.
   */
  get behind(): boolean {
    return this.#phase === 'scanning' || this.#phase === 'backoff' || this.table.unresolved.size > 0;
  }

  /** Counters since the start. */
  get counters(): InotifyApplier['counters'] & { resyncs: number; rewatches: number; mountChanges: number } {
    const [rewatches, mountChanges] = [this.#rewatches, this.#mounts.count];
    return { ...this.#records.counters, rewatches, mountChanges, resyncs: this.#parts.resync.count };
  }

  next(): NamespaceEvent | undefined {
    const { records, probe, schedule } = this.#parts;
    for (;;) {
      if (this.#pendingEvents !== null) {
        const event = this.#pendingEvents.next();
        if (event.done !== true) return event.value;
        this.#pendingEvents = null;
      }
      if (this.#phase === 'ended') return undefined;
      if (this.#phase === 'backoff') {
        if (this.#coalescer.pausing) return undefined;
        this.#phase = 'scanning';
      }
      if (records.isBroken) this.#pendingEvents = this.#recover();
      else if (records.any) {
        const event = records.apply();
        if (event !== undefined) return event;
      } else if (probe.canCommit) {
        const event = probe.commit();
        if (event !== undefined) return event;
      } else if (schedule.mountsPending || probe.due) this.#look();
      else if (!records.read()) {
        const { resync } = this.#parts;
        const resynced = resync.open
          ? resync.finish(this.table.resyncBlockers, this.#clock.now())
          : undefined;
        this.#mounts.expect();
        if (resynced === undefined) schedule.sleep();
        return resynced;
      }
    }
  }

  get hasJobs(): boolean {
    return this.#parts.propagation?.isRunning === true;
  }

  recheck(): void {
    this.#records.recheck();
  }

  pause(): void {
    this.#coalescer.pause();
  }

  resume(): void {
    this.#coalescer.resume();
  }

  ref(): void {
    this.#coalescer.ref();
  }

  unref(): void {
    this.#coalescer.unref();
  }

  /** Frees everything, at once but for files that are being read. Idempotent. */
  async close(): Promise<void> {
    this.#parts.schedule.close();
    this.#coalescer.close();
    this.#mounts.close();
    this.#parts.inotify.close();
    await this.#parts.propagation?.close();
  }

  #start(): void {
    const { directory, watchParent } = this.#settings;
    for (let attempt = 0; this.#phase === 'scanning' && attempt < START_ATTEMPTS; attempt++) {
      if (this.#records.overflowed) this.#records.skip();
      this.#records.pathChanged = false;
      if (this.#parts.watch.establish() === 'missing') {
        if (this.#parts.watch.fault !== 0)
          throw systemError(this.#parts.watch.fault, 'inotify_add_watch', directory);
        if (!watchParent) throw systemError(errno.ENOENT, 'inotify_add_watch', directory);
        this.#phase = 'waiting';
        return;
      }
      this.#parts.mounts.rebase();
      // Nothing is known yet, so this makes no events.
      for (const _ of this.#reconcile(true));
    }
  }

  /** Finds out what a change of mounts means, or looks at the names that are due. */
  #look(): void {
    const { probe, schedule } = this.#parts;
    const records = this.#records;
    try {
      if (!schedule.mountsPending) records.pathChanged ||= !probe.probe();
      else if (!this.#mounts.read()) records.pathChanged = true;
      else if (schedule.anyDirty) {
        // They may tell that a look would be in vain.
        records.recheck();
        records.read();
      }
    } catch (error) {
      this.#backOff(error);
    }
  }

  /** Recovers from what the applier reports. */
  *#recover(): Generator<NamespaceEvent, void> {
    try {
      yield* this.#records.overflowed ? this.#resynchronize() : this.#rewatch();
    } catch (error) {
      this.#backOff(error);
      return;
    }
    if (this.#phase !== 'scanning') {
      this.#backoff.reset();
      return;
    }
    const delay = this.#backoff.nextDelay(this.#parts.scan.took);
    if (delay > 0) this.#pauseFor(delay);
  }

  /** Tries again after a pause, if the machine lacks something for a moment. */
  #backOff(error: unknown): void {
    this.#pauseFor(this.#backoff.onError(error));
    this.#records.pathChanged = true;
  }

  #pauseFor(milliseconds: number): void {
    this.#coalescer.pauseFor(milliseconds);
    this.#phase = 'backoff';
  }

  /** Records were lost: reads the directory again, whether it is the same one or not. */
  *#resynchronize(): Generator<NamespaceEvent, void> {
    this.#records.skip();
    this.#parts.resync.begin('overflow');
    this.#parts.probe.discard();
    this.#phase = 'scanning';
    yield* this.#rewatch();
  }

  /** The path may lead elsewhere. */
  *#rewatch(): Generator<NamespaceEvent, void> {
    this.#records.pathChanged = false;
    const { directory, emitDirectoryEvents, watchParent } = this.#settings;
    const wasWatching = this.watching;
    const result = this.#parts.watch.establish();
    if (result === 'missing') this.#phase = 'waiting';
    if (result === 'missing' && !wasWatching) return;
    // What was seen meanwhile may have been the names of another directory, or none.
    this.#parts.probe.discard();
    this.#parts.mounts.rebase();
    this.#parts.schedule.lookAtAll();
    if (result !== 'same') {
      this.#rewatches++;
      if (result === 'other') this.#phase = 'scanning';
      if (wasWatching) {
        yield* vanishAll(this.table, this.table.records.keys());
        if (emitDirectoryEvents) yield { type: 'directoryDeleted', path: directory };
      }
      if (result === 'other' && emitDirectoryEvents) yield { type: 'directoryCreated', path: directory };
      if (result === 'missing' && !watchParent) this.#phase = 'ended';
    }
    if (this.#phase === 'scanning') yield* this.#reconcile(false);
  }

  /**
   * Reads the directory and emits what differs.
   * @param adopt what is found was there before the watcher, and makes no event
   */
  *#reconcile(adopt: boolean): Generator<NamespaceEvent, void> {
    const scan = this.#parts.scan.read();
    if (scan === null) {
      this.#phase = 'scanning';
      this.#records.pathChanged = true;
      return;
    }
    this.#phase = 'watching';
    yield* this.#parts.scan.apply(scan, adopt);
    if (!this.#parts.resync.open) return;
    for (const record of this.table.unresolved) this.table.blockResync(record);
    this.#parts.resync.scanned(this.#clock.now());
  }
}
