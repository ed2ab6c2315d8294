/**
 * Follows the mounts: wakes the watcher when they change, and finds out what that means for the
 * names (mount-table.ts), or, where the kernel does not list mounts, that it has to look
 * (probe-schedule.ts).
 */
import type { ReadinessListener } from '../../sys/readiness.ts';
import type { System } from '../../sys/system.ts';
import type { Clock } from '../stream/clock.ts';
import type { DirectoryWatch } from './directory-watch.ts';
import { ElsewhereDebounce } from './elsewhere-debounce.ts';
import type { MountTable } from './mount-table.ts';
import type { NameStates } from './name-states.ts';
import type { ProbeSchedule } from './probe-schedule.ts';

interface Parts {
  watch: Pick<DirectoryWatch, 'wd' | 'stillWatches'>;
  table: NameStates;
  mounts: MountTable;
  schedule: ProbeSchedule;
}

export class MountWatch {
  /** How often mounts changed. */
  count = 0;
  readonly #parts: Parts;
  readonly #clock: Clock;
  readonly #changes: ElsewhereDebounce;

  /**
   * @param wake called when mounts changed
   * @throws as `MountChanges`
   */
  constructor(io: { system: System; clock: Clock }, parts: Parts, wake: ReadinessListener) {
    this.#parts = parts;
    this.#clock = io.clock;
    this.#changes = new ElsewhereDebounce(io, () => {
      this.count++;
      parts.schedule.mountsChanged();
      return wake();
    });
  }

  /**
   * Finds out what a change means.
   * @returns false: the path leads elsewhere
   * @throws SystemError as `DirectoryWatch.stillWatches`
   */
  read(): boolean {
    const { watch, mounts, schedule } = this.#parts;
    schedule.mountsPending = false;
    if (watch.wd < 0) return false;
    const news = mounts.available ? mounts.update() : 'unavailable';
    // Nothing of ours explains the change, so the watch is asked as well: it needs permission to
    // read the directory, which the list does not.
    if (news === 'elsewhere' || (news !== 'names' && !watch.stillWatches())) return false;
    if (news === 'unavailable') {
      schedule.mountsUnlisted();
      return true;
    }
    if (news !== 'names' && !this.#isExpected()) this.#changes.debounce(news === 'none');
    else this.#changes.reset();
    schedule.mountsListed(news !== 'none');
    return true;
  }

  /** A name may wait for a mount: each change counts. */
  expect(): void {
    if (this.#isExpected()) this.#changes.reset();
  }

  #isExpected(): boolean {
    const { unresolved, expected } = this.#parts.table;
    if (unresolved.size > 0) return true;
    if (expected.size === 0) return false;
    const now = this.#clock.now();
    for (const record of expected) {
      if (now < record.deadline) return true;
      expected.delete(record);
    }
    return false;
  }

  /** Frees everything. Idempotent. */
  close(): void {
    this.#changes.close();
  }
}
