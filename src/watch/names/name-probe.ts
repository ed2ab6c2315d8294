/**
 * Looks at names, and tells when what was seen may be believed. What is seen belongs to the name's
 * generation as of then; records that were queued by then may end that generation, so it is
 * believed once they have been applied. And a path that leads elsewhere by the end of a look has
 * shown somebody else's names.
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

/** Where looks go to and what they are timed by. */
interface Outside {
  observer: Observer;
  watch: DirectoryWatch;
  records: InotifyApplier;
  schedule: ProbeSchedule;
}

/** What they come to. */
interface Inside {
  table: NameStates;
  /** Null where nothing is held back. */
  late: PropagationCheck | null;
  clock: Clock;
  settings: WatcherSettings;
}

export class NameProbe {
  readonly #outside: Outside;
  readonly #inside: Inside;
  readonly #path: NamePath;
  /** What was seen last, until it is believed or not. */
  #seen: [WatchedName, Observation][] | null = null;
  /** The end of the records that were queued by then, in bytes since the start. */
  #until = 0;

  constructor(outside: Outside, inside: Inside) {
    this.#outside = outside;
    this.#inside = inside;
    this.#path = new NamePath(inside.settings.directory);
  }

  /** Whether a look is due, and the last one dealt with. */
  get due(): boolean {
    return this.#seen === null && this.#outside.schedule.due;
  }

  /** Whether there is something to {@link believe}. */
  get credible(): boolean {
    return this.#seen !== null && this.#until <= this.#outside.records.bytes;
  }

  /**
   * Looks at the names that are due. False: the path leads elsewhere, or may lead somewhere by now.
   */
  look(): boolean {
    const { observer, watch, records, schedule } = this.#outside;
    const { followSymlinks } = this.#inside.settings;
    const due = schedule.take();
    if (watch.wd < 0) return false;
    const seen: [WatchedName, Observation][] = [];
    for (const record of due) {
      seen.push([record, observer.observe(this.#path.of(encodeName(record.name)), followSymlinks)]);
    }
    if (!watch.holds()) return false;
    this.#seen = seen;
    this.#until = records.queuedEnd;
    return true;
  }

  /** Believes what was seen at names whose generation goes on. */
  *believe(): Generator<NamespaceEvent, void> {
    const { table, late, clock } = this.#inside;
    const seen = this.#seen ?? [];
    this.#seen = null;
    const now = clock.now();
    for (const [record, observation] of seen) {
      if (table.records.get(record.name) !== record || late?.holds(record, observation, now) === true)
        continue;
      yield* table.observed(record, observation, now);
    }
    late?.ask();
  }

  /** Forgets what was seen. */
  forget(): void {
    this.#seen = null;
  }
}
