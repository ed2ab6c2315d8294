/**
 * The inotify records of a watched directory, applied to its table of names one event at a time.
 * Knows which records break what is known: an overflow (`overflowed`), a change on the path
 * (`disturbed`); whoever asks must mend that before the next record is applied.
 */
import { IN_CREATE, IN_ISDIR, IN_MOVED_TO, IN_Q_OVERFLOW } from '../../inotify/constants.ts';
import type { Inotify } from '../../inotify/inotify.ts';
import type { RecordCursor } from '../../inotify/records.ts';
import type { Matcher } from '../../reference/glob.ts';
import { decodeName } from '../../reference/names.ts';
import type { Clock } from '../stream/clock.ts';
import { NAME_RECORDS } from './directory-watch.ts';
import type { DirectoryWatch } from './directory-watch.ts';
import type { NamespaceEvent } from './name-events.ts';
import type { ProbeSchedule } from './probe-schedule.ts';
import type { NameStates } from './name-states.ts';

export class InotifyApplier {
  /** The kernel's queue was full: records were lost. */
  overflowed = false;
  /** The path may lead elsewhere. */
  disturbed = false;
  /** Bytes of records read since the start. */
  bytes = 0;
  readonly counters = { records: 0, overflows: 0 };
  readonly #inotify: Inotify;
  readonly #records: RecordCursor;
  readonly #watch: DirectoryWatch;
  readonly #table: NameStates;
  readonly #schedule: ProbeSchedule;
  readonly #clock: Clock;
  /** Tells which names are watched; null: all. */
  readonly #matches: Matcher | null;
  /** The name that was matched last, and whether it is watched. */
  #matched = '';
  #isMatch = false;
  #now = 0;
  /**
   * A name that the last record created, not yet in the table: in a storm the next record deletes
   * it.
   */
  #held: string | null = null;
  /** The second of two events that one record made. */
  #second: NamespaceEvent | undefined = undefined;

  constructor(
    inotify: Inotify,
    watch: DirectoryWatch,
    table: NameStates,
    schedule: ProbeSchedule,
    clock: Clock,
    matches: Matcher | null = null,
  ) {
    this.#inotify = inotify;
    this.#records = inotify.records;
    this.#watch = watch;
    this.#table = table;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#matches = matches;
  }

  /** Whether there are records to {@link apply}. */
  get any(): boolean {
    return this.#records.remaining > 0 || this.#second !== undefined;
  }

  /** Reads the next batch; false if there is none. Only when the last one was applied. */
  read(): boolean {
    if (!this.#inotify.read()) return false;
    this.bytes += this.#records.remaining;
    this.#now = this.#clock.now();
    return true;
  }

  /** The end of what is queued in the kernel now, in bytes since the start. */
  get queuedEnd(): number {
    return this.bytes + this.#inotify.queued;
  }

  /**
   * Applies records up to one that makes an event; undefined at the end of the batch, or where
   * something broke.
   */
  apply(): NamespaceEvent | undefined {
    const second = this.#second;
    if (second !== undefined) {
      this.#second = undefined;
      return second;
    }
    const records = this.#records;
    while (records.next()) {
      this.counters.records++;
      if (!this.#isName()) {
        if (this.#breaks()) break;
        continue;
      }
      const name = records.asciiName ?? decodeName(records.name);
      if (this.#matches !== null && !this.#isWatched(name, this.#matches)) continue;
      if ((records.mask & (IN_CREATE | IN_MOVED_TO)) !== 0) {
        this.#release();
        this.#held = name;
        continue;
      }
      const event = this.#vanish(name);
      if (event !== undefined) return event;
    }
    this.#release();
    return undefined;
  }

  /**
   * Takes in the records queued by now without applying them: for each name, in the order of the
   * last ones, whether the last one left it there. Null where something broke.
   */
  last(): Map<string, boolean> | null {
    const records = this.#records;
    const last = new Map<string, boolean>();
    const end = this.queuedEnd;
    for (;;) {
      while (records.next()) {
        this.counters.records++;
        if (!this.#isName()) {
          if (this.#breaks()) return null;
          continue;
        }
        const name = decodeName(records.name);
        if (this.#matches !== null && !this.#isWatched(name, this.#matches)) continue;
        last.delete(name);
        last.set(name, (records.mask & (IN_CREATE | IN_MOVED_TO)) !== 0);
      }
      if (this.bytes >= end || !this.read()) return last;
    }
  }

  /**
   * Passes over what is queued by now, to be called after an overflow: the kernel queues one sign
   * of it at a time, so that what was lost while that still waited left none, and a record behind
   * it need not be the last one of its name. What is lost from now on does leave one.
   */
  skip(): void {
    const records = this.#records;
    do {
      this.overflowed = false;
      const end = this.queuedEnd;
      do {
        while (records.next()) {
          this.counters.records++;
          if (!this.#isName()) this.#breaks();
        }
      } while (this.bytes < end && this.read());
    } while (this.overflowed);
  }

  #vanish(name: string): NamespaceEvent | undefined {
    const table = this.#table;
    if (this.#held === name && !table.records.has(name)) {
      // Made and gone between two reads: it never gets into the table.
      this.#held = null;
      const [created, deleted] = table.fleeting(name);
      this.#second = deleted;
      return created;
    }
    this.#release();
    const event = table.vanish(name);
    if (event !== undefined) this.#second = table.vanish(name);
    return event;
  }

  /** In a storm a name comes twice in a row, created and deleted: it is matched once. */
  #isWatched(name: string, matches: Matcher): boolean {
    if (name !== this.#matched) {
      this.#matched = name;
      this.#isMatch = matches(name);
    }
    return this.#isMatch;
  }

  #isName(): boolean {
    const { wd, mask } = this.#records;
    if (wd !== this.#watch.wd || (mask & NAME_RECORDS) === 0 || (mask & IN_ISDIR) !== 0) return false;
    // The directory holds a link on the way to itself: the name may be both.
    if (this.#watch.selfReferring && this.#watch.disturbedBy(this.#records)) this.disturbed = true;
    return true;
  }

  /**
   * Whether the record at hand, which tells of no name, tells of a loss or of a change on the path.
   */
  #breaks(): boolean {
    if ((this.#records.mask & IN_Q_OVERFLOW) !== 0) {
      this.counters.overflows++;
      this.overflowed = true;
      return true;
    }
    if (!this.#watch.disturbedBy(this.#records)) return false;
    this.disturbed = true;
    return true;
  }

  #release(): void {
    if (this.#held === null) return;
    this.#schedule.fresh(this.#table.appear(this.#held, this.#now));
    this.#held = null;
  }
}
