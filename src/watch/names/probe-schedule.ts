/**
 * When to look at which name, since the kernel tells only part: a mount on a name is a mount
 * somewhere, and what a symbolic link leads to goes without a sign. Timers run only while something
 * is unsettled, so that an idle watcher has none.
 *
 * | why | which names | when |
 * | --- | --- | --- |
 * | a record told of it | that one, and before it those that wait for a namespace | at once |
 * | mounts changed | those that wait for a namespace, were told of without one a moment ago, or may have lost theirs | at once |
 * | mounts changed | all others (a sweep, in pieces) | a moment later; sweeps take a fiftieth of the time at most |
 * | backup, deadlines | those that wait | after 20 ms, then twice as long each time up to 1 s, and at the deadline |
 * | a link may have died | symbolic links | each half second |
 */
import type { Clock } from '../stream/clock.ts';
import type { WatchedName, NameStates } from './name-states.ts';

const FIRST_BACKUP = 20;
const LAST_BACKUP = 1000;
const LINK_INTERVAL = 500;
/** Names of a sweep that are looked at in one go: half a millisecond. */
const SWEEP_PIECE = 200;
/**
 * Milliseconds from the start of a sweep to the next, by name: fifty times what looking at a name
 * takes.
 */
const SWEEP_REST = 0.15;
/**
 * As many names that wait may be looked at with each new one, and as many bare ones with each
 * change of mounts.
 */
const FEW = 32;
/**
 * More names than this wait for a namespace only where something is wrong: a change of mounts may
 * have to wait for them.
 */
const CROWD = 200;
/**
 * Milliseconds from one look at a crowd to the next, by name: twenty times what looking at a name
 * takes.
 */
const CROWD_REST = 0.05;

export class ProbeSchedule {
  readonly #clock: Clock;
  readonly #table: NameStates;
  readonly #wake: () => void;
  #fresh: WatchedName[] = [];
  #changed = false;
  #backup = FIRST_BACKUP;
  #unsettledAt = Infinity;
  #linksAt = Infinity;
  #sweepAt = Infinity;
  #sweepAgain = false;
  #rested = 0;
  #crowdRested = 0;
  #sweep: Iterator<WatchedName> | null = null;
  #cancel: (() => void) | null = null;
  #wakeAt = Infinity;

  constructor(clock: Clock, table: NameStates, wake: () => void) {
    this.#clock = clock;
    this.#table = table;
    this.#wake = wake;
  }

  /** A record told of this name. */
  fresh(record: WatchedName): void {
    this.#fresh.push(record);
  }

  /** Something was mounted or unmounted somewhere, or looks may have gone astray. */
  mountsChanged(): void {
    this.#changed = true;
    if (this.#sweep !== null) this.#sweepAgain = true;
    else this.#sweepAt = Math.min(this.#sweepAt, Math.max(this.#clock.now() + 1, this.#rested));
  }

  /** Whether there is something to look at now; after a change of mounts perhaps the path alone. */
  get due(): boolean {
    return (
      this.#changed ||
      this.#fresh.length > 0 ||
      this.#clock.now() >= Math.min(this.#unsettledAt, this.#linksAt, this.#sweepAt)
    );
  }

  /** The names to look at now. */
  take(): Set<WatchedName> {
    const { records, unsettled, symlinks } = this.#table;
    const now = this.#clock.now();
    const due = new Set<WatchedName>();
    const anew = this.#changed || now >= this.#unsettledAt;
    // With a new name those that wait are looked at again, so that names are told in the order in
    // which they became ready.
    const withFresh = this.#fresh.length > 0 && unsettled.size <= FEW;
    if (withFresh || (anew && (unsettled.size <= CROWD || now >= this.#crowdRested))) {
      for (const record of unsettled) due.add(record);
      this.#crowdRested = now + unsettled.size * CROWD_REST;
    } else if (this.#changed && unsettled.size > 0) {
      this.#unsettledAt = Math.min(this.#unsettledAt, this.#crowdRested);
    }
    if (this.#changed) this.#takeExpected(due, now);
    for (const record of this.#fresh) if (records.get(record.name) === record) due.add(record);
    this.#fresh = [];
    if (now >= this.#linksAt) for (const record of symlinks) due.add(record);
    if (now >= this.#linksAt) this.#linksAt = Infinity;
    if (now >= this.#unsettledAt) {
      this.#backup = Math.min(2 * this.#backup, LAST_BACKUP);
      this.#unsettledAt = Infinity;
    }
    this.#changed = false;
    // Whoever waits goes first; the rest can wait for a turn of its own.
    if (due.size === 0 && now >= this.#sweepAt) this.#takePiece(due, now);
    this.#plan(now);
    return due;
  }

  /** Sees to it that the watcher is woken when the next look is due. */
  sleep(): void {
    const now = this.#clock.now();
    this.#plan(now);
    const at = Math.min(this.#unsettledAt, this.#linksAt, this.#sweepAt);
    if (at === this.#wakeAt) return;
    this.close();
    if (at === Infinity) return;
    this.#wakeAt = at;
    this.#cancel = this.#clock.after(at - now, () => {
      this.#wakeAt = Infinity;
      this.#wake();
    });
  }

  /** Stops the timer. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#wakeAt = Infinity;
  }

  #plan(now: number): void {
    const { unsettled, symlinks } = this.#table;
    if (unsettled.size === 0) {
      this.#backup = FIRST_BACKUP;
      this.#unsettledAt = Infinity;
    } else {
      let at = Math.min(this.#unsettledAt, now + this.#backup);
      // One that has passed was looked at, and waits for a record: to look again at once could go
      // on for ever.
      for (const { deadline } of unsettled) if (deadline > now && deadline < at) at = deadline;
      this.#unsettledAt = at;
    }
    if (symlinks.size === 0) this.#linksAt = Infinity;
    else if (this.#linksAt === Infinity) this.#linksAt = now + LINK_INTERVAL;
  }

  /** A crowd of plain files that nothing will be mounted on waits for the sweep. */
  #takeExpected(due: Set<WatchedName>, now: number): void {
    const { expected } = this.#table;
    for (const record of expected) {
      if (now < record.deadline) break;
      expected.delete(record);
    }
    if (expected.size <= FEW) for (const record of expected) due.add(record);
  }

  #takePiece(due: Set<WatchedName>, now: number): void {
    const { records } = this.#table;
    if (this.#sweep === null) {
      this.#sweep = records.values();
      this.#rested = now + Math.max(1, records.size * SWEEP_REST);
    }
    for (let taken = 0; taken < SWEEP_PIECE; taken++) {
      const { done, value } = this.#sweep.next();
      if (done === true) {
        this.#sweep = null;
        this.#sweepAt = this.#sweepAgain ? this.#rested : Infinity;
        this.#sweepAgain = false;
        return;
      }
      due.add(value);
    }
    this.#sweepAt = now + 1;
  }
}
