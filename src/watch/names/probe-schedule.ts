/**
 * When to look at which names. The kernel reports only part of what happens: a mount on a name is a
 * mount somewhere, and what a symbolic link leads to changes without a sign. Each reason to look
 * has a queue; {@link ProbeSchedule.take} asks them in the order of this table:
 *
 * | queue | which names | due |
 * | --- | --- | --- |
 * | unresolved | pending, or may have lost their namespace | mounts changed; with a new name |
 * | | | after 20 ms, then twice as long each time up to 1 s; at a deadline |
 * | expected | reported without a namespace a moment ago | mounts changed |
 * | dirty | a record said something of them | at once |
 * | links | symbolic links | each half second |
 * | sweep | all, in pieces | a moment after mounts changed, if no other queue has names |
 *
 * Timers run only while something is due later, so that an idle watcher has none.
 */
import type { Clock } from '../stream/clock.ts';
import type { NameStates, WatchedName } from './name-states.ts';
import { DirtyQueue, ExpectedQueue, LinkQueue, UnresolvedQueue } from './probe-queues.ts';
import { SweepQueue } from './sweep-queue.ts';

export class ProbeSchedule {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #unresolved: UnresolvedQueue;
  readonly #expected: ExpectedQueue;
  readonly #dirty: DirtyQueue;
  readonly #links: LinkQueue;
  readonly #sweep: SweepQueue;
  #mountsChanged = false;
  #cancel: (() => void) | null = null;
  #wakeAt = Infinity;

  constructor(clock: Clock, table: NameStates, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
    this.#unresolved = new UnresolvedQueue(table);
    this.#expected = new ExpectedQueue(table);
    this.#dirty = new DirtyQueue(table);
    this.#links = new LinkQueue(table);
    this.#sweep = new SweepQueue(table);
  }

  /** A record said something of this name. */
  markDirty(record: WatchedName): void {
    this.#dirty.add(record);
  }

  /** Something was mounted or unmounted somewhere, or looks may have gone astray. */
  mountsChanged(): void {
    this.#mountsChanged = true;
    this.#sweep.mountsChanged(this.#clock.now());
  }

  /** Whether there is something to look at now; after a change of mounts perhaps the path alone. */
  get due(): boolean {
    return this.#mountsChanged || this.#dirty.any || this.#clock.now() >= this.#nextTimer;
  }

  /** The names to look at now. */
  take(): Set<WatchedName> {
    const now = this.#clock.now();
    const due = new Set<WatchedName>();
    this.#unresolved.take(due, now, this.#mountsChanged, this.#dirty.any);
    if (this.#mountsChanged) this.#expected.take(due, now);
    this.#dirty.take(due);
    this.#links.take(due, now);
    this.#mountsChanged = false;
    if (due.size === 0) this.#sweep.take(due, now);
    this.#plan(now);
    return due;
  }

  /** Sets the timer that wakes the watcher when the next look is due. */
  sleep(): void {
    const now = this.#clock.now();
    this.#plan(now);
    const at = this.#nextTimer;
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

  get #nextTimer(): number {
    return Math.min(this.#unresolved.dueAt, this.#links.dueAt, this.#sweep.dueAt);
  }

  #plan(now: number): void {
    this.#unresolved.plan(now);
    this.#links.plan(now);
  }
}
