/**
 * Looks at names, and commits what it saw once that holds. What it sees belongs to the name's
 * generation as of then. Records that were queued by then may end that generation, so the
 * observations wait for a barrier: the end of these records. And if the path leads elsewhere by the
 * end of a look, the look has shown the names of another directory.
 *
 * | phase | due | records applied up to the barrier | rescan, rewatch |
 * | --- | --- | --- | --- |
 * | idle | probe: pending; the path leads elsewhere: idle | - | - |
 * | pending | - | commit: idle | discard: idle |
 */
import type { Observation, Observer } from '../../netns/identity/observe.ts';
import { NamePath } from '../../reference/directory.ts';
import { encodeName } from '../../reference/names.ts';
import type { Clock } from '../stream/clock.ts';
import type { DirectoryWatch } from './directory-watch.ts';
import type { NamespaceEvent } from './name-events.ts';
import type { PropagationCheck } from './propagation-check.ts';
import type { ProbeSchedule } from './probe-schedule.ts';
import type { InotifyApplier } from './inotify-applier.ts';
import type { WatchedName, NameStates } from './name-states.ts';
import type { WatcherSettings } from './name-options.ts';

/** What the probe reads from. */
interface Source {
  observer: Pick<Observer, 'observe'>;
  watch: Pick<DirectoryWatch, 'wd' | 'stillWatches'>;
  records: Pick<InotifyApplier, 'bytes' | 'queuedEnd'>;
  schedule: Pick<ProbeSchedule, 'due' | 'take'>;
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
  /** Observations that wait for the barrier; null: none. */
  #pending: [WatchedName, Observation][] | null = null;
  /** In bytes of records since the start. */
  #barrierOffset = 0;

  constructor(source: Source, target: Target) {
    this.#source = source;
    this.#target = target;
    this.#path = new NamePath(target.settings.directory);
  }

  /** Whether to {@link probe}: names are due, and the last observations are committed. */
  get due(): boolean {
    return this.#pending === null && this.#source.schedule.due;
  }

  get canCommit(): boolean {
    return this.#pending !== null && this.#barrierOffset <= this.#source.records.bytes;
  }

  /**
   * Looks at the names that are due.
   * @returns false: the path leads elsewhere, or may lead somewhere by now
   */
  probe(): boolean {
    const { observer, watch, records, schedule } = this.#source;
    const { followSymlinks } = this.#target.settings;
    const due = schedule.take();
    if (watch.wd < 0) return false;
    const pending: [WatchedName, Observation][] = [];
    for (const record of due) {
      pending.push([record, observer.observe(this.#path.of(encodeName(record.name)), followSymlinks)]);
    }
    if (!watch.stillWatches()) return false;
    this.#pending = pending;
    this.#barrierOffset = records.queuedEnd;
    return true;
  }

  /** Applies the observations of names whose generation goes on. */
  *commit(): Generator<NamespaceEvent, void> {
    const { table, propagation, clock } = this.#target;
    const pending = this.#pending ?? [];
    this.#pending = null;
    const now = clock.now();
    for (const [record, observation] of pending) {
      if (table.records.get(record.name) !== record) continue;
      if (propagation?.mustWait(record, observation, now) === true) continue;
      yield* table.observeAll(record, observation, now);
    }
    propagation?.run();
  }

  /** Drops the observations. */
  discard(): void {
    this.#pending = null;
  }
}
