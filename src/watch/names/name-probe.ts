/**
 * Looks at names, and commits what it saw once that holds. What it sees belongs to the name's
 * generation as of then. Records that were queued by then may end that generation, so the
 * observations wait for a barrier: the end of these records. And if the path leads elsewhere by the
 * end of a look, the look has shown the names of another directory.
 *
 * | phase | due | records applied up to the barrier | rescan, rewatch |
 * | --- | --- | --- | --- |
 * | idle | probe: pending; nothing new was seen, or the path leads elsewhere: idle | - | - |
 * | pending | - | commit: idle, after the last event | discard: idle |
 */
import type { Observation, Observer } from '../../netns/identity/observe.ts';
import { NamePath } from '../../reference/directory.ts';
import type { Clock } from '../stream/clock.ts';
import type { DirectoryWatch } from './directory-watch.ts';
import type { NamespaceEvent } from './name-events.ts';
import type { MountTable } from './mount-table.ts';
import type { PropagationCheck } from './propagation-check.ts';
import type { ProbeSchedule } from './probe-schedule.ts';
import type { InotifyApplier } from './inotify-applier.ts';
import type { WatchedName, NameStates } from './name-states.ts';
import type { WatcherSettings } from './name-options.ts';

/** What the probe reads from. */
interface Source {
  observer: Pick<Observer, 'observe'>;
  watch: Pick<DirectoryWatch, 'wd' | 'stillWatches'>;
  records: Pick<InotifyApplier, 'bytes' | 'readToBarrier'>;
  schedule: Pick<ProbeSchedule, 'due' | 'take' | 'look' | 'looked'>;
  mounts: Pick<MountTable, 'observed' | 'isListed'>;
}

/** What its observations go to. */
interface Target {
  table: NameStates;
  /** Null where nothing is held back. */
  propagation: Pick<PropagationCheck, 'mustWait' | 'run'> | null;
  clock: Clock;
  settings: Pick<WatcherSettings, 'directory' | 'followSymlinks'>;
}

export class NameProbe {
  readonly #source: Source;
  readonly #target: Target;
  readonly #path: NamePath;
  /** Names in whose observations something is new, which wait for the barrier. */
  readonly #names: WatchedName[] = [];
  readonly #observations: Observation[] = [];
  /** The first that is not committed. */
  #next = 0;
  /** When they are committed. */
  #now = 0;
  /** In bytes of records since the start. */
  #barrierOffset = 0;

  constructor(source: Source, target: Target) {
    this.#source = source;
    this.#target = target;
    this.#path = new NamePath(target.settings.directory);
  }

  /** Whether to {@link probe}: names are due, and the last observations are committed. */
  get due(): boolean {
    return this.#names.length === 0 && this.#source.schedule.due;
  }

  get canCommit(): boolean {
    return this.#names.length > 0 && this.#barrierOffset <= this.#source.records.bytes;
  }

  /**
   * Looks at the names that are due. All records that were read have been applied.
   * @returns false: the path leads elsewhere, or may lead somewhere by now
   */
  probe(): boolean {
    const { watch, records, schedule } = this.#source;
    const due = schedule.take();
    if (watch.wd < 0) {
      schedule.looked();
      return false;
    }
    let isAssured;
    try {
      isAssured = this.#look(due);
    } catch (error) {
      // All are looked at again, when it is tried again.
      this.discard();
      for (const record of due) record.isDue = false;
      due.forEach(schedule.look);
      throw error;
    } finally {
      schedule.looked();
    }
    if (this.#names.length === 0) return true;
    if (!isAssured && !watch.stillWatches()) {
      this.discard();
      return false;
    }
    this.#barrierOffset = records.readToBarrier();
    this.#now = this.#target.clock.now();
    return true;
  }

  /**
   * Applies the observations of names whose generation goes on.
   * @returns the next event; undefined: that was all
   */
  commit(): NamespaceEvent | undefined {
    const { table, propagation } = this.#target;
    while (this.#next < this.#names.length) {
      const record = this.#names[this.#next] as WatchedName;
      const seen = this.#observations[this.#next] as Observation;
      const isPresent = table.records.get(record.name) === record;
      if (isPresent && propagation?.mustWait(record, seen, this.#now) !== true) {
        const event = table.observe(record, seen, this.#now);
        if (event !== undefined) return event;
      }
      this.#next++;
    }
    this.discard();
    propagation?.run();
    return undefined;
  }

  /** Drops the observations. */
  discard(): void {
    this.#names.length = 0;
    this.#observations.length = 0;
    this.#next = 0;
  }

  /** @returns whether what was seen shows that the path led to the directory */
  #look(due: readonly WatchedName[]): boolean {
    const { observer, mounts } = this.#source;
    const { table, settings, clock } = this.#target;
    const now = clock.now();
    let isAssured = true;
    for (const record of due) {
      record.isDue = false;
      if (table.records.get(record.name) !== record) continue;
      const seen = observer.observe(this.#path.ofText(record.name), settings.followSymlinks);
      mounts.observed(record, seen);
      if (!table.isNews(record, seen, now)) continue;
      this.#names.push(record);
      this.#observations.push(seen);
      if (!mounts.isListed(record)) isAssured = false;
    }
    return isAssured;
  }
}
