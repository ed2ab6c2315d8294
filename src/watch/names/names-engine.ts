/**
 * The names of one directory, followed: kernel events in, `NamespaceEvent`s out, one at a time and
 * only when asked ({@link NamesEngine.next}), so that a consumer that lags leaves the rest in the
 * kernel's queue. An event is a hint, what is there is the truth; where both differ:
 *
 * - What was *seen* at a name belongs to the name's generation as of then. Records that were queued
 *   by then may end that generation, so what was seen is believed only after they have been
 *   applied, and only if the path still led here (sight.ts).
 * - A *listing* holds as of its end: for a name with records queued by then, the last of them says
 *   whether it is there, and its namespace is looked at anew (`#reconcile`). The same routine
 *   serves the start, a directory that came, and a loss.
 * - Mount changes tell only that something changed: names that wait are looked at at once, the
 *   others in a sweep (look-schedule.ts).
 */
import { Inotify } from '../../inotify/inotify.ts';
import { listDirectory } from '../../netns/names/list.ts';
import type { ListedName } from '../../netns/names/list.ts';
import { MountChanges } from '../../netns/mounts/mount-changes.ts';
import { leadsNowhere, Observer } from '../../netns/identity/observe.ts';
import { errno, systemError } from '../../sys/errno.ts';
import type { SystemError } from '../../sys/errno.ts';
import type { System } from '../../sys/system.ts';
import type { Clock } from '../stream/clock.ts';
import { DirectoryWatch } from './directory-watch.ts';
import type { NamespaceEvent } from './name-events.ts';
import { PropagationCheck } from './propagation-check.ts';
import type { Diagnosis } from './propagation-check.ts';
import { ProbeSchedule } from './probe-schedule.ts';
import { InotifyApplier } from './inotify-applier.ts';
import { NameStates } from './name-states.ts';
import type { WatchedName } from './name-states.ts';
import type { WatcherSettings } from './name-options.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';
import { PendingResync } from './pending-resync.ts';
import { NameProbe } from './name-probe.ts';
import { WakeupCoalescer } from '../stream/wakeup-coalescer.ts';

/** What a watcher does its work with; tests put their own in its place. */
export interface WatcherIo {
  system: System;
  clock: Clock;
  diagnosis: Diagnosis;
}

/**
 * How often opening reads the directory while a storm undoes it; after that it is read while
 * watching.
 */
const START_ATTEMPTS = 3;
export class NamesEngine {
  readonly table: NameStates;
  /** The directory is gone, and nobody is to wait for it: there will be no more events. */
  ended = false;
  readonly #settings: WatcherSettings;
  readonly #clock: Clock;
  readonly #inotify: Inotify;
  readonly #watch: DirectoryWatch;
  readonly #observer: Observer;
  readonly #system: System;
  readonly #schedule: ProbeSchedule;
  /** Null where nothing is held back. */
  readonly #late: PropagationCheck | null;
  readonly #sight: NameProbe;
  readonly #storm: WakeupCoalescer;
  readonly #mounts: MountChanges;
  readonly #records: InotifyApplier;
  /** What takes more than one event to tell, and is being told. */
  #story: Iterator<NamespaceEvent, void> | null = null;
  /** The directory is to be read, because it is another one, or because records were lost. */
  #unread = true;
  /** The directory has been told of, or was there at the start. */
  #told = false;
  readonly #backoff = new RetryBackoff();
  /** How long it took to read the directory, in milliseconds. */
  #took = 0;
  readonly #resync: PendingResync;
  readonly #counters = { rearmed: 0, mountChanges: 0 };

  /**
   * Lays the watches and takes in what is there.
   * @param wake called when {@link next} may have something again, never from within it
   * @throws SystemError, NlinkError as `NamespaceWatcher.open` says
   */
  constructor({ system, clock, diagnosis }: WatcherIo, settings: WatcherSettings, wake: () => void) {
    const { directory, readyTimeout, names } = settings;
    this.#settings = settings;
    this.#system = system;
    this.#clock = clock;
    this.table = new NameStates(directory, readyTimeout);
    this.#resync = new PendingResync(readyTimeout);
    this.#observer = new Observer(system);
    this.#schedule = new ProbeSchedule(clock, this.table, wake);
    this.#inotify = new Inotify(system);
    this.#watch = new DirectoryWatch(system, this.#inotify, directory);
    this.#records = new InotifyApplier(this.#inotify, this.#watch, this.table, this.#schedule, clock, names);
    const answered = (records: WatchedName[]): void => {
      for (const record of records) this.#schedule.fresh(record);
      wake();
    };
    this.#late = readyTimeout === 0 ? null : new PropagationCheck(directory, diagnosis, answered);
    this.#sight = new NameProbe(
      { observer: this.#observer, watch: this.#watch, records: this.#records, schedule: this.#schedule },
      { table: this.table, late: this.#late, clock, settings },
    );
    let mounts: MountChanges | undefined;
    try {
      this.#start();
      mounts = new MountChanges(system, () => {
        this.#counters.mountChanges++;
        this.#schedule.mountsChanged();
        wake();
      });
      this.#mounts = mounts;
      this.#storm = new WakeupCoalescer(this.#inotify, clock, () => this.#records.counters.records, wake);
    } catch (error) {
      mounts?.close();
      this.#inotify.close();
      throw error;
    }
  }

  /** Whether the directory itself is watched. */
  get watching(): boolean {
    return this.#watch.wd >= 0;
  }

  /**
   * Whether names may be there of which it has not told: they wait for their namespace, or are
   * still to be read.
   */
  get behind(): boolean {
    return this.#unread || this.table.unsettled.size > 0;
  }

  /** Counters since the start. */
  get counters(): InotifyApplier['counters'] & { resyncs: number; rearmed: number; mountChanges: number } {
    return { ...this.#records.counters, ...this.#counters, resyncs: this.#resync.count };
  }

  /** The next event; undefined when there is none until the next wake. */
  next(): NamespaceEvent | undefined {
    const records = this.#records;
    for (;;) {
      if (this.#story !== null) {
        const told = this.#story.next();
        if (told.done !== true) return told.value;
        this.#story = null;
      }
      if (this.ended || this.#storm.pausing) return undefined;
      if (records.overflowed || records.disturbed) this.#story = this.#mend();
      else if (records.any) {
        const event = records.apply();
        if (event !== undefined) return event;
      } else if (this.#sight.credible) this.#story = this.#sight.believe();
      else if (this.#sight.due) this.#look();
      else if (!records.read()) {
        const resynced = this.#unread
          ? undefined
          : this.#resync.finish(this.table.awaited, this.#clock.now());
        if (resynced === undefined) this.#schedule.sleep();
        return resynced;
      }
    }
  }

  /** No wakes for records until {@link resume}. */
  pause(): void {
    this.#storm.pause();
  }

  resume(): void {
    this.#storm.resume();
  }

  ref(): void {
    this.#storm.ref();
  }

  unref(): void {
    this.#storm.unref();
  }

  /** Frees everything, at once but for files that are being read. Idempotent. */
  async close(): Promise<void> {
    this.#schedule.close();
    this.#storm.close();
    this.#mounts.close();
    this.#inotify.close();
    await this.#late?.close();
  }

  #start(): void {
    const { directory, watchParent } = this.#settings;
    for (let attempt = 0; this.#unread && attempt < START_ATTEMPTS; attempt++) {
      if (this.#records.overflowed) this.#records.skip();
      this.#records.disturbed = false;
      if (this.#watch.lay() === 'missing') {
        if (this.#watch.fault !== 0) throw systemError(this.#watch.fault, 'inotify_add_watch', directory);
        if (!watchParent) throw systemError(errno.ENOENT, 'inotify_add_watch', directory);
        this.#told = false;
        this.#unread = false;
        return;
      }
      this.#told = true;
      // Nothing is known yet, so this tells of nothing.
      for (const _ of this.#reconcile(true));
    }
  }

  /** Mends what broke. */
  *#mend(): Generator<NamespaceEvent, void> {
    try {
      yield* this.#records.overflowed ? this.#resynchronize() : this.#rearm();
    } catch (error) {
      this.#outlast(error);
      return;
    }
    if (!this.#unread) {
      this.#backoff.reset();
      return;
    }
    const rest = this.#backoff.nextDelay(this.#took);
    if (rest > 0) this.#storm.pauseFor(rest);
  }

  /** Looks at the names that are due. */
  #look(): void {
    try {
      if (!this.#sight.look()) this.#records.disturbed = true;
    } catch (error) {
      this.#outlast(error);
    }
  }

  /** What the machine lacks for a moment is waited for. */
  #outlast(error: unknown): void {
    this.#storm.pauseFor(this.#backoff.onError(error));
    this.#unread = true;
    this.#records.disturbed = true;
  }

  /** The path may lead elsewhere. */
  *#rearm(): Generator<NamespaceEvent, void> {
    this.#records.disturbed = false;
    const { directory, emitDirectoryEvents, watchParent } = this.#settings;
    const laid = this.#watch.lay();
    if (laid === 'missing') this.#unread = false;
    if (laid === 'missing' && !this.#told) return;
    // What was seen meanwhile may have been somebody else's names, or none.
    this.#sight.forget();
    this.#schedule.mountsChanged();
    if (laid !== 'same') {
      this.#counters.rearmed++;
      this.#unread ||= laid === 'other';
      if (this.#told) {
        this.#told = false;
        yield* this.#vanishAll(this.table.records.keys());
        if (emitDirectoryEvents) yield { type: 'directoryDeleted', path: directory };
      }
      if (laid === 'missing') this.ended = !watchParent;
      else if (emitDirectoryEvents) yield { type: 'directoryCreated', path: directory };
      this.#told = laid === 'other';
    }
    if (this.#unread) yield* this.#reconcile(false);
  }

  /** Records were lost: what stands here is laid and read anew, and what differs is told. */
  *#resynchronize(): Generator<NamespaceEvent, void> {
    this.#records.skip();
    this.#resync.begin('overflow');
    this.#sight.forget();
    this.#unread = true;
    yield* this.#rearm();
  }

  /**
   * Reads the directory and makes the table equal to it. `adopt`: what is found was there before
   * and is not told.
   */
  *#reconcile(adopt: boolean): Generator<NamespaceEvent, void> {
    const start = this.#clock.now();
    const listed = this.#list();
    const last = this.#records.last();
    this.#took = this.#clock.now() - start;
    if (listed === null || last === null || !this.#watch.holds()) {
      // Lost more, or the directory, meanwhile: it is all to be done again.
      this.#unread = true;
      this.#records.disturbed = true;
      return;
    }
    this.#unread = false;
    const { table } = this;
    const now = this.#clock.now();
    const present = new Set(listed.map(({ name }) => name));
    yield* this.#vanishAll([...table.records.keys()].filter((name) => last.has(name) || !present.has(name)));
    for (const { name, found } of listed) {
      if (last.has(name)) continue;
      if (adopt) {
        table.adopt(name, found);
        continue;
      }
      yield* table.observed(table.appear(name, now), found, now);
    }
    for (const [name, there] of last) if (there) this.#schedule.fresh(table.appear(name, now));
    if (!this.#resync.open) return;
    for (const record of table.unsettled) table.await(record);
    this.#resync.read(this.#clock.now());
  }

  /** The names as they are found now; null if the path leads to no directory by now. */
  #list(): ListedName[] | null {
    const { directory, followSymlinks, names } = this.#settings;
    try {
      return listDirectory(this.#system, this.#observer, directory, followSymlinks, names);
    } catch (error) {
      if (leadsNowhere((error as SystemError).errno)) return null;
      throw error;
    }
  }

  *#vanishAll(names: Iterable<string>): Generator<NamespaceEvent, void> {
    for (const name of names) {
      for (let event = this.table.vanish(name); event !== undefined; event = this.table.vanish(name))
        yield event;
    }
  }
}
