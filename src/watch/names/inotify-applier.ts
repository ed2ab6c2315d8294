/**
 * Applies the inotify records of a watched directory to the states of its names, one event at a
 * time. Some records break what is known: an overflow ({@link InotifyApplier.overflowed}), a change
 * on the path ({@link InotifyApplier.pathChanged}). The caller must recover from that before it
 * applies the next record.
 *
 * | record | done |
 * | --- | --- |
 * | a name was created, or moved here | with the next record: added and marked dirty |
 * | the same name was deleted, or moved away | never added: `created` not ready, `deleted` |
 * | another name was deleted, or moved away | it vanishes |
 * | a name that the watcher does not watch; a directory | - |
 * | overflow | `overflowed` |
 * | about the path | `pathChanged` |
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

const APPEARS = IN_CREATE | IN_MOVED_TO;

/** What the applier works on. */
interface Parts {
  inotify: Pick<Inotify, 'records' | 'read' | 'isDrained' | 'queued'>;
  watch: Pick<DirectoryWatch, 'wd' | 'selfReferring' | 'changesPath'>;
  table: NameStates;
  schedule: Pick<ProbeSchedule, 'look'>;
  clock: Clock;
}

export class InotifyApplier {
  /** The kernel's queue was full: records were lost. */
  overflowed = false;
  /** The path may lead elsewhere. */
  pathChanged = false;
  /** Bytes of records read since the start. */
  bytes = 0;
  readonly counters = { records: 0, overflows: 0 };
  readonly #inotify: Parts['inotify'];
  readonly #records: RecordCursor;
  readonly #watch: Parts['watch'];
  readonly #table: NameStates;
  readonly #schedule: Parts['schedule'];
  readonly #clock: Clock;
  /** Tells which names are watched; null: all. */
  readonly #matches: Matcher | null;
  /** The name that was matched last, and whether it is watched. */
  #matched = '';
  #isMatch = false;
  #mayHaveMore = true;
  /** When the batch was read. */
  #now = 0;
  /** Created by the last record, and not added yet: in a storm the next record deletes it. */
  #createdName: string | null = null;
  /** The second of two events of one record. */
  #deferredEvent: NamespaceEvent | undefined = undefined;

  constructor({ inotify, watch, table, schedule, clock }: Parts, matches: Matcher | null) {
    this.#inotify = inotify;
    this.#records = inotify.records;
    this.#watch = watch;
    this.#table = table;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#matches = matches;
  }

  /** Whether there is something to {@link apply}. */
  get any(): boolean {
    return this.#records.remaining > 0 || this.#deferredEvent !== undefined;
  }

  /** Whether the caller has to recover. */
  get isBroken(): boolean {
    return this.overflowed || this.pathChanged;
  }

  /**
   * Reads the next batch, once the last one is applied. Asks the kernel only if there may be one: a
   * batch was full, or {@link recheck} was called. @returns false: there is none
   */
  read(): boolean {
    return this.#mayHaveMore && this.#read();
  }

  /** There may be records in the kernel's queue. */
  recheck(): void {
    this.#mayHaveMore = true;
  }

  /**
   * Reads the next batch, once the last one is applied.
   * @returns the end of what was queued by now, in bytes since the start
   */
  readToBarrier(): number {
    const { queued } = this.#inotify;
    const end = this.bytes + queued;
    if (queued > 0) this.#read();
    return end;
  }

  #read(): boolean {
    const isAny = this.#inotify.read();
    this.#mayHaveMore = !this.#inotify.isDrained;
    if (!isAny) return false;
    this.bytes += this.#records.remaining;
    this.#now = this.#clock.now();
    return true;
  }

  /** The end of what is queued in the kernel now, in bytes since the start. */
  get #queuedEnd(): number {
    return this.bytes + this.#inotify.queued;
  }

  /**
   * Applies records up to one that makes an event; undefined at the end of the batch, or where
   * something broke.
   */
  apply(): NamespaceEvent | undefined {
    const deferred = this.#deferredEvent;
    if (deferred !== undefined) {
      this.#deferredEvent = undefined;
      return deferred;
    }
    const records = this.#records;
    while (records.next()) {
      this.counters.records++;
      if (!this.#isOfName()) {
        if (this.#breaks()) break;
        continue;
      }
      const name = records.asciiName ?? decodeName(records.name);
      if (this.#matches !== null && !this.#isWatched(name, this.#matches)) continue;
      if ((records.mask & APPEARS) !== 0) {
        this.#addCreated();
        this.#createdName = name;
        continue;
      }
      const event = this.#vanish(name);
      if (event !== undefined) return event;
    }
    this.#addCreated();
    return undefined;
  }

  /**
   * Drains the records that are queued by now without applying them.
   * @returns for each name, in the order of their last records, whether that one left it there;
   *   null: something broke
   */
  drain(): Map<string, boolean> | null {
    const records = this.#records;
    const last = new Map<string, boolean>();
    const end = this.#queuedEnd;
    for (;;) {
      while (records.next()) {
        this.counters.records++;
        if (!this.#isOfName()) {
          if (this.#breaks()) return null;
          continue;
        }
        const name = decodeName(records.name);
        if (this.#matches !== null && !this.#isWatched(name, this.#matches)) continue;
        last.delete(name);
        last.set(name, (records.mask & APPEARS) !== 0);
      }
      if (this.bytes >= end || !this.#read()) return last;
    }
  }

  /**
   * Skips what is queued by now. Call it after an overflow: the kernel queues one sign of it at a
   * time, so that what was lost while that still waited left none, and a record behind it need not
   * be the last one of its name. What is lost from now on does leave one.
   */
  skip(): void {
    const records = this.#records;
    do {
      this.overflowed = false;
      const end = this.#queuedEnd;
      do {
        while (records.next()) {
          this.counters.records++;
          if (!this.#isOfName()) this.#breaks();
        }
      } while (this.bytes < end && this.#read());
    } while (this.overflowed);
  }

  #vanish(name: string): NamespaceEvent | undefined {
    const table = this.#table;
    if (this.#createdName === name && !table.records.has(name)) {
      // Created and deleted between two reads: it is never added.
      this.#createdName = null;
      const [created, deleted] = table.transient(name);
      this.#deferredEvent = deleted;
      return created;
    }
    this.#addCreated();
    const event = table.vanish(name);
    if (event !== undefined) this.#deferredEvent = table.vanish(name);
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

  #isOfName(): boolean {
    const { wd, mask } = this.#records;
    if (wd !== this.#watch.wd || (mask & NAME_RECORDS) === 0 || (mask & IN_ISDIR) !== 0) return false;
    // The directory holds a link on the way to itself: the name may be both.
    if (this.#watch.selfReferring && this.#watch.changesPath(this.#records)) this.pathChanged = true;
    return true;
  }

  /** Whether the current record, which is of no name, reports a loss or a change on the path. */
  #breaks(): boolean {
    if ((this.#records.mask & IN_Q_OVERFLOW) !== 0) {
      this.counters.overflows++;
      this.overflowed = true;
      return true;
    }
    if (!this.#watch.changesPath(this.#records)) return false;
    this.pathChanged = true;
    return true;
  }

  #addCreated(): void {
    if (this.#createdName === null) return;
    this.#schedule.look(this.#table.appear(this.#createdName, this.#now));
    this.#createdName = null;
  }
}
