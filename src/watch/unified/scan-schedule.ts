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
/** The same where none was for so long: a timer costs more than what it is for. */
const SLOW_TICK = 1000;
const QUIET = 5000;
/** The shortest pause where hints come. */
const HINTED_PAUSE = 1000;
/** A pause is at least so many times as long as the look before it, up to a limit. */
const SHARE = 20;
const LONGEST_SHARE = 5000;
/** All are looked at once in so long; less often where that takes long, up to a limit. */
const FULL = 60_000;
const FULL_SHARE = 2000;
const LONGEST_FULL = 900_000;
/** The shortest pause where nobody can tell whether a process was started, and its share. */
const BLIND_PAUSE = 1000;
const BLIND_SHARE = 200;

/** How thorough to be. */
export type Thoroughness = 'changes' | 'all';

/** What is looked at each time, in some microseconds. */
export interface Signs {
  /** The number of the process started last; null: unknown. */
  latest: () => number | null;
  /** Whether the kernel lists namespaces that nobody knows, which is as good as a hint. */
  anyListed: () => boolean;
}

export class ScanSchedule {
  readonly #clock: Clock;
  readonly #signs: Signs;
  readonly #scan: (thoroughness: Thoroughness) => void;
  #cancel: (() => void) | null = null;
  #state: 'resting' | 'listing' | 'paused' = 'resting';
  #isPaused = false;
  #last: number | null = null;
  /** When it was another one last. */
  #changed = -Infinity;
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
   * @param scan begins to look, and calls {@link scanned} at the end
   */
  constructor(clock: Clock, signs: Signs, scan: (thoroughness: Thoroughness) => void) {
    this.#clock = clock;
    this.#signs = signs;
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
    this.#last = this.#signs.latest();
  }

  /**
   * They have been.
   * @param thoroughness how thoroughly
   * @param cost how long that took, without the time for which somebody was waited for
   */
  scanned(thoroughness: Thoroughness, cost: number = this.#clock.now() - this.#began): void {
    const now = this.#clock.now();
    this.#ended = now;
    if (thoroughness === 'all')
      this.#nextFull = now + Math.min(Math.max(FULL, FULL_SHARE * cost), LONGEST_FULL);
    else this.#cost = cost;
    this.#pause = Math.min(this.#pause * 2, FULL);
    this.#state = this.#isPaused ? 'paused' : 'resting';
    this.#arm();
  }

  /** Something had run out: it is to be looked again soon. */
  repeat(): void {
    this.#pause = TICK;
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
    const now = this.#clock.now();
    const tick = now < this.#changed + QUIET ? TICK : SLOW_TICK;
    const wait = this.#isHinted ? this.#ended + this.#rest - now : tick;
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
    // Asked each time: what has come is told once.
    this.#isHinted = this.#signs.anyListed() || this.#isHinted;
    const isFullDue = now >= this.#nextFull;
    const pause = this.#isHinted ? this.#rest : this.#pause;
    if (!isFullDue && now < this.#ended + pause) return;
    this.#isHinted = false;
    this.#state = 'listing';
    this.#began = now;
    this.#scan(isFullDue ? 'all' : 'changes');
  }

  /** The least pause, so that it takes no more than its share. */
  get #rest(): number {
    return Math.min(SHARE * this.#cost, LONGEST_SHARE);
  }

  #nextPause(): number {
    const latest = this.#signs.latest();
    const isNew = latest !== this.#last;
    this.#last = latest;
    if (isNew) this.#changed = this.#clock.now();
    if (latest === null) return Math.max(BLIND_PAUSE, BLIND_SHARE * this.#cost);
    const shortest = Math.max(this.#isHearing ? HINTED_PAUSE : TICK, this.#rest);
    this.#isHearing &&= !isNew;
    return Math.max(isNew ? shortest : this.#pause, this.#rest);
  }
}
