/**
 * When to look at processes. A namespace comes into sight with a process that is started in it, or
 * that enters it some time after its start; and the number of the process started last is cheap to
 * read (latest-process.ts). So after each start processes are listed again and again, with pauses
 * that double; and all of them are looked at now and then, whatever happened.
 *
 * A hint is that a process is in a namespace that nobody has seen (hinted-namespaces.ts). Where
 * hints come, only what enters a namespace without starting a program is left for the scans.
 *
 * | state   | process started | a hint      | it is time | listed      | paused | resumed |
 * | ------- | --------------- | ----------- | ---------- | ----------- | ------ | ------- |
 * | resting | pauses shortly  | due at once | listing    | -           | paused | -       |
 * | listing | -               | (1)         | -          | resting (2) | (3)    | -       |
 * | paused  | -               | (1)         | -          | paused      | -      | resting |
 *
 * (1) Due at once when it rests. (2) The next pause is twice as long; and always long enough for
 * the share of time that this may take. (3) Paused once it is listed.
 */
import type { Clock } from '../stream/clock.ts';

/** How often one looks whether a process was started; the shortest pause. Milliseconds. */
const TICK = 250;
/** The shortest pause where hints come. */
const HINTED_PAUSE = 1000;
/** All are looked at after so long at the latest. */
const FULL = 60_000;
/** Pauses are so many times as long as it took, after a start, and for all processes. */
const SHARE = 20;
const FULL_SHARE = 1000;
/** The shortest pause where nobody can tell whether a process was started, and its share. */
const BLIND_PAUSE = 1000;
const BLIND_SHARE = 200;

/** How thorough to be. */
export type Thoroughness = 'changes' | 'all';

export class ScanSchedule {
  readonly #clock: Clock;
  readonly #latest: () => number | null;
  readonly #scan: (thoroughness: Thoroughness) => void;
  #cancel: (() => void) | null = null;
  #state: 'resting' | 'listing' | 'paused' = 'resting';
  #isPaused = false;
  #last: number | null = null;
  /** Hints came since it was looked whether a process was started; one is to be followed. */
  #isHearing = false;
  #isHinted = false;
  #pause = TICK;
  /** When the last look began, and ended; how long the last took that was not at all of them. */
  #began = 0;
  #ended = 0;
  #cost = 0;
  #nextFull = 0;

  /**
   * @param latest the number of the process started last; null: unknown
   * @param scan begins to look, and calls {@link scanned} at the end
   */
  constructor(clock: Clock, latest: () => number | null, scan: (thoroughness: Thoroughness) => void) {
    this.#clock = clock;
    this.#latest = latest;
    this.#scan = scan;
  }

  /** A hint came: that they come at all. */
  heard(): void {
    this.#isHearing = true;
  }

  /** A process is in a namespace that no scan has seen. */
  hint(): void {
    if (this.#isHinted) return;
    this.#isHinted = true;
    this.#disarm();
    this.#arm();
  }

  /** All are about to be looked at for the first time. */
  begin(): void {
    this.#state = 'listing';
    this.#began = this.#clock.now();
    this.#last = this.#latest();
  }

  /**
   * They have been.
   * @param thoroughness how thoroughly
   * @param cost how long that took, without the time for which somebody was waited for
   */
  scanned(thoroughness: Thoroughness, cost: number = this.#clock.now() - this.#began): void {
    const now = this.#clock.now();
    this.#ended = now;
    if (thoroughness === 'all') this.#nextFull = now + Math.max(FULL, FULL_SHARE * cost);
    else this.#cost = cost;
    this.#pause = Math.min(this.#pause * 2, FULL);
    this.#state = this.#isPaused ? 'paused' : 'resting';
    this.#arm();
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#state === 'resting') this.#state = 'paused';
    this.#disarm();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#state === 'paused') this.#state = 'resting';
    this.#arm();
  }

  close(): void {
    this.pause();
  }

  #arm(): void {
    if (this.#state !== 'resting') return;
    const wait = this.#isHinted ? this.#ended + SHARE * this.#cost - this.#clock.now() : TICK;
    this.#cancel ??= this.#clock.after(Math.max(0, wait), () => {
      this.#cancel = null;
      this.#tick();
      this.#arm();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#pause = this.#nextPause();
    const isFullDue = now >= this.#nextFull;
    if (!isFullDue && !this.#isHinted && now < this.#ended + this.#pause) return;
    this.#isHinted = false;
    this.#state = 'listing';
    this.#began = now;
    this.#scan(isFullDue ? 'all' : 'changes');
  }

  #nextPause(): number {
    const latest = this.#latest();
    const isNew = latest !== this.#last;
    this.#last = latest;
    if (latest === null) return Math.max(BLIND_PAUSE, BLIND_SHARE * this.#cost);
    const shortest = Math.max(this.#isHearing ? HINTED_PAUSE : TICK, SHARE * this.#cost);
    this.#isHearing &&= !isNew;
    return Math.max(isNew ? shortest : this.#pause, SHARE * this.#cost);
  }
}
