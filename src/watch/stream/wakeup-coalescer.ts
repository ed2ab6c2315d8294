/**
 * Wakes the watcher when records (of inotify, of netlink) can be read. In a storm it waits for a
 * window first, so that one wake brings many records: a wake costs ten times what a record does.
 * The kernel queues 16,384 inotify records, which takes a storm tens of milliseconds. A record that
 * comes alone wakes the watcher at once.
 *
 * | phase | the source is readable | next |
 * | --- | --- | --- |
 * | listening | wakes | coalescing: {@link BURST} records within a window |
 * | coalescing | - | listening, and a wake: the window is over |
 * | pausing | - | listening, and a wake: the pause of {@link WakeupCoalescer.pauseFor} is over |
 *
 * {@link WakeupCoalescer.pause} stops wakes for records in any phase, and leaves the timers of the
 * other two running.
 */
import type { ReadinessHandle, ReadinessListener } from '../../sys/readiness.ts';
import type { Clock } from './clock.ts';

/** What the records come from. */
export interface RecordSource {
  onReadable(listener: ReadinessListener): ReadinessHandle;
}

/** Records within {@link WINDOW_MS} that make a storm. */
const BURST = 16;
const WINDOW_MS = 1;

export class WakeupCoalescer {
  readonly #clock: Clock;
  readonly #records: () => number;
  readonly #burst: number;
  readonly #wake: ReadinessListener;
  readonly #readiness: ReadinessHandle;
  #phase: 'listening' | 'coalescing' | 'pausing' = 'listening';
  /** Ends the phase early; null while listening. */
  #cancel: (() => void) | null = null;
  #isPaused = false;
  /** When the window began, and how many records had been read by then. */
  #windowStart = 0;
  #recordsAtStart = 0;

  /**
   * @param records how many records have been read since the start
   * @param wake as a listener of readiness
   * @param coalesce false: never waits, where the kernel's queue is too short for it
   */
  constructor(
    source: RecordSource,
    clock: Clock,
    records: () => number,
    wake: ReadinessListener,
    coalesce = true,
  ) {
    this.#clock = clock;
    this.#records = records;
    this.#burst = coalesce ? BURST : Infinity;
    this.#wake = wake;
    this.#readiness = source.onReadable(this.#onReadable);
  }

  /** Stops wakes for records until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
    this.#readiness.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#phase === 'listening') this.#readiness.resume();
  }

  ref(): void {
    this.#readiness.ref();
  }

  unref(): void {
    this.#readiness.unref();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#readiness.close();
  }

  /** Whether nothing is to be done before the next wake. */
  get pausing(): boolean {
    return this.#phase === 'pausing';
  }

  /** Stops wakes for records for a while; then wakes, records or not. */
  pauseFor(milliseconds: number): void {
    this.#waitFor(milliseconds, 'pausing');
  }

  #waitFor(milliseconds: number, phase: 'coalescing' | 'pausing'): void {
    this.#phase = phase;
    this.#readiness.pause();
    this.#cancel?.();
    this.#cancel = this.#clock.after(milliseconds, this.#onOver);
  }

  readonly #onReadable = (): unknown => {
    const now = this.#clock.now();
    const records = this.#records();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#recordsAtStart = records;
    } else if (records - this.#recordsAtStart >= this.#burst) {
      this.#waitFor(WINDOW_MS, 'coalescing');
      return false;
    }
    return this.#wake();
  };

  readonly #onOver = (): void => {
    this.#phase = 'listening';
    this.#cancel = null;
    this.#windowStart = this.#clock.now();
    this.#recordsAtStart = this.#records();
    if (!this.#isPaused) this.#readiness.resume();
    this.#wake();
  };
}
