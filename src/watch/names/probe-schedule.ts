/**
 * When to look at which names. The kernel reports only part of what happens: a mount on a name is a
 * mount somewhere, and what a symbolic link leads to changes without a sign. Each reason to look
 * has a queue; {@link ProbeSchedule.take} asks them in the order of this table. Where the kernel
 * lists mounts (mount-table.ts), those marked (L) are asked, else those marked (-):
 *
 * | queue | | which names | due |
 * | --- | --- | --- | --- |
 * | dirty | | a record, or the list of mounts, said something of them | at once |
 * | deadlines | | unresolved: pending, or may have lost their namespace | at the deadline of each |
 * | unresolved | | the same, all | with a new name |
 * | | - | | mounts changed |
 * | | - | | after 20 ms, then twice as long each time up to 1 s |
 * | | L | | after 100 ms, then twice as long each time up to 1 s |
 * | expected | - | reported without a namespace a moment ago | mounts changed |
 * | links | | symbolic links | mounts changed; each half second |
 * | name sweep | - | all, in pieces | a moment after mounts changed |
 * | | L | | the path was established anew |
 * | mount sweep | L | those that a mount was moved from or to | after mounts changed: in a |
 * | | | | moment if the list does not say what changed, else in a second |
 *
 * Timers run only while something is due later, so that an idle watcher has none.
 */
import type { Clock } from '../stream/clock.ts';
import type { MountTable } from './mount-table.ts';
import type { NameStates, WatchedName } from './name-states.ts';
import { DeadlineQueue, ExpectedQueue, LinkQueue, UnresolvedQueue } from './probe-queues.ts';
import { SweepQueue } from './sweep-queue.ts';
import { MountSweep, NameSweep } from './sweeps.ts';

/** Names are looked at for a fiftieth of the time at most. */
const NAME_SWEEP_REST = 50;
/** Mounts are asked for a thousandth of the time at most: nearly always in vain. */
const MOUNT_SWEEP_REST = 1000;
const LEAST_REST = 1;
/** A change that the list explains may have come together with one that it does not show. */
const EXPLAINED_DELAY = 1000;
/** As many names that wait are looked at before mounts are asked which name they are on. */
const LIKELY_LIMIT = 4;
/** As many are looked at whenever looks may have gone astray; more wait for the sweep. */
const WAITING_LIMIT = 200;
/** A change that the names that are pending may explain. */
const LIKELY_EXPLAINED_DELAY = 50;

export class ProbeSchedule {
  /** Mounts changed, and nobody has found out how. */
  mountsPending = false;
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #table: NameStates;
  readonly #mounts: Pick<MountTable, 'available' | 'arrived' | 'locate'>;
  readonly #deadlines: DeadlineQueue;
  readonly #unresolved: UnresolvedQueue;
  readonly #expected: ExpectedQueue;
  readonly #links: LinkQueue;
  readonly #nameSweep: SweepQueue;
  readonly #mountSweep: SweepQueue;
  #due: WatchedName[] = [];
  /** Mounts changed, and nobody knows which. */
  #mountsUnknown = false;
  /** The sweep that a piece was taken from, and when. */
  #swept: SweepQueue | null = null;
  #sweptAt = 0;
  #cancel: (() => void) | null = null;
  #wakeAt = Infinity;

  constructor(
    clock: Clock,
    table: NameStates,
    mounts: Pick<MountTable, 'available' | 'arrived' | 'locate' | 'size' | 'verify'>,
    wake: () => void,
  ) {
    this.#clock = clock;
    this.#wake = wake;
    this.#table = table;
    this.#mounts = mounts;
    this.#deadlines = new DeadlineQueue(table);
    this.#unresolved = new UnresolvedQueue(table);
    this.#expected = new ExpectedQueue(table);
    this.#links = new LinkQueue(table);
    this.#nameSweep = new SweepQueue(new NameSweep(table), NAME_SWEEP_REST, LEAST_REST);
    this.#mountSweep = new SweepQueue(new MountSweep(mounts), MOUNT_SWEEP_REST, LEAST_REST);
  }

  /** Something was said of this name: it is looked at next. */
  readonly look = (record: WatchedName): void => {
    if (record.isDue) return;
    record.isDue = true;
    this.#due.push(record);
  };

  /** Whether a record, or the list of mounts, said something of a name. */
  get anyDirty(): boolean {
    return this.#due.length > 0;
  }

  /** Something was mounted or unmounted somewhere. */
  mountsChanged(): void {
    this.mountsPending = true;
  }

  /** The list of mounts has been read. @param explained whether it says what changed */
  mountsListed(explained: boolean): void {
    const now = this.#clock.now();
    this.#links.mountsChanged(now);
    this.#mountSweep.request(explained ? now + EXPLAINED_DELAY : now + 1);
    const { unresolved } = this.#table;
    // They are likely to wait for the mounts that came.
    if (this.#mounts.arrived > 0 && unresolved.size <= LIKELY_LIMIT) this.#lookAtWaiting();
  }

  /** There is no list of mounts: what changed is not known. */
  mountsUnlisted(): void {
    const now = this.#clock.now();
    this.#mountsUnknown = true;
    this.#links.mountsChanged(now);
    const { unresolved, expected } = this.#table;
    const isLikelyExplained = unresolved.size + expected.size > 0;
    this.#nameSweep.request(isLikelyExplained ? now + LIKELY_EXPLAINED_DELAY : now + 1);
  }

  /**
   * Looks may have gone astray: all names are looked at. Those that wait are first, since their
   * mounts may have come unseen.
   */
  lookAtAll(): void {
    const { unresolved } = this.#table;
    this.#mountsUnknown = true;
    if (unresolved.size <= WAITING_LIMIT) this.#lookAtWaiting();
    this.#nameSweep.request(this.#clock.now());
  }

  /** Whether there is something to look at now. */
  get due(): boolean {
    if (this.#due.length > 0 || this.#mountsUnknown || this.#mounts.arrived > 0) return true;
    const at = this.#nextTimer;
    return at !== Infinity && this.#clock.now() >= at;
  }

  /** The names to look at now; {@link looked} is to be called afterwards. */
  take(): readonly WatchedName[] {
    const now = this.#clock.now();
    const { look } = this;
    // What was named comes last: names are reported in the order in which they became ready.
    const named = this.#due;
    const isNew = named.length > 0;
    if (isNew) this.#due = [];
    if (!isNew && this.#mounts.arrived > 0) this.#mounts.locate();
    if (now >= this.#deadlines.dueAt) this.#deadlines.take(look, now);
    if (!this.#mounts.available) {
      this.#unresolved.take(look, now, this.#mountsUnknown, isNew);
      if (this.#mountsUnknown) this.#expected.take(look, now);
    } else if (isNew || now >= this.#unresolved.dueAt) this.#unresolved.take(look, now, false, isNew);
    if (now >= this.#links.dueAt) this.#links.take(look, now);
    this.#mountsUnknown = false;
    if (!isNew && this.#due.length === 0) this.#takeSweep(now);
    this.#plan(now);
    const waiting = this.#due;
    if (waiting.length === 0) return named;
    this.#due = [];
    return isNew ? [...waiting, ...named] : waiting;
  }

  /** The names that were taken have been looked at. */
  looked(): void {
    if (this.#swept === null) return;
    const now = this.#clock.now();
    this.#swept.spent(now - this.#sweptAt, now);
    this.#swept = null;
  }

  /**
   * Sets the timer that wakes the watcher when the next look is due. One that is early may stay.
   */
  sleep(): void {
    if (this.#table.unresolved.size > 0 || this.#table.symlinks.size > 0) this.#plan(this.#clock.now());
    const at = this.#nextTimer;
    if (at >= this.#wakeAt) return;
    this.close();
    const now = this.#clock.now();
    this.#wakeAt = at;
    this.#cancel = this.#clock.after(at - now, this.#onTimer);
  }

  /** Stops the timer. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#wakeAt = Infinity;
  }

  /** Before what was named: these have waited longer. */
  #lookAtWaiting(): void {
    const named = this.#due;
    this.#due = [];
    for (const record of this.#table.unresolved) this.look(record);
    if (named.length > 0) this.#due = [...this.#due, ...named];
  }

  readonly #onTimer = (): void => {
    this.#cancel = null;
    this.#wakeAt = Infinity;
    this.#wake();
  };

  #takeSweep(now: number): void {
    const sweep = this.#nameSweep.dueAt <= now ? this.#nameSweep : this.#mountSweep;
    if (now < sweep.dueAt) return;
    this.#swept = sweep;
    this.#sweptAt = now;
    sweep.take(this.look);
  }

  get #nextTimer(): number {
    return Math.min(
      this.#deadlines.dueAt,
      this.#unresolved.dueAt,
      this.#links.dueAt,
      this.#nameSweep.dueAt,
      this.#mountSweep.dueAt,
    );
  }

  #plan(now: number): void {
    this.#unresolved.plan(now, this.#mounts.available ? 'listed' : 'unlisted');
    this.#links.plan(now);
  }
}
