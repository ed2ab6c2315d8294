/**
 * When to look at processes. A namespace comes into sight with a process that is started in it, or
 * that enters it some time after its start; and the number of the process started last is cheap to
 * read (latest-process.ts). So after each start processes are listed again and again, with pauses
 * that double; and all of them are looked at now and then, whatever happened.
 *
 * | state   | a process was started   | it is time   | listed            | paused | resumed |
 * | ------- | ----------------------- | ------------ | ----------------- | ------ | ------- |
 * | resting | due, the pause is short | listing      | -                 | paused | -       |
 * | listing | -                       | -            | resting (1)       | (2)    | -       |
 * | paused  | -                       | -            | paused            | -      | resting |
 *
 * (1) The next pause is twice as long, and long enough for the share of time that this may take.
 * (2) Paused once it is listed.
 */
import type { Clock } from '../stream/clock.ts';

/** How often one looks whether a process was started; the shortest pause. Milliseconds. */
const TICK = 250;
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
  #pause = TICK;
  /** Of the last time: when it began, how long it took, and of all. */
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

  /** All are about to be looked at for the first time. */
  begin(): void {
    this.#state = 'listing';
    this.#began = this.#clock.now();
    this.#last = this.#latest();
  }

  /** They have been. @param thoroughness how thoroughly */
  scanned(thoroughness: Thoroughness): void {
    const now = this.#clock.now();
    this.#ended = now;
    this.#cost = now - this.#began;
    if (thoroughness === 'all') this.#nextFull = now + Math.max(FULL, FULL_SHARE * this.#cost);
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
    this.#cancel ??= this.#clock.after(TICK, () => {
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
    const latest = this.#latest();
    const isBlind = latest === null;
    if (isBlind) this.#pause = BLIND_PAUSE;
    else if (latest !== this.#last) this.#pause = TICK;
    this.#last = latest;
    const pause = Math.max(this.#pause, (isBlind ? BLIND_SHARE : SHARE) * this.#cost);
    const isFullDue = now >= this.#nextFull;
    if (!isFullDue && now < this.#ended + pause) return;
    this.#state = 'listing';
    this.#began = now;
    this.#scan(isFullDue ? 'all' : 'changes');
  }
}
