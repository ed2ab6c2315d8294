/**
 * Wakes the watcher when there are records (of inotify, of netlink) to read. Where they pour in, it
 * waits a moment first, so that one wake brings many: waking costs ten times what a record does.
 * The kernel queues 16,384 inotify records, which takes a storm tens of milliseconds. A record that
 * comes alone is told of at once.
 */
import type { ReadinessHandle } from '../../sys/readiness.ts';
import type { Clock } from './clock.ts';

/** Whatever can be read. */
export interface RecordSource {
  onReadable(listener: () => void): ReadinessHandle;
}

/** Records within {@link MOMENT} that make a storm. */
const STORM = 16;
/** In milliseconds. */
const MOMENT = 1;

export class WakeupCoalescer {
  readonly #clock: Clock;
  readonly #records: () => number;
  readonly #storm: number;
  readonly #wake: () => void;
  readonly #readiness: ReadinessHandle;
  #since = 0;
  #recordsThen = 0;
  #held = false;
  #resting = false;
  #cancel: (() => void) | null = null;

  /**
   * @param records how many records have been read since the start
   * @param patient false: never waits, where the kernel's queue is too short for it
   */
  constructor(source: RecordSource, clock: Clock, records: () => number, wake: () => void, patient = true) {
    this.#clock = clock;
    this.#records = records;
    this.#storm = patient ? STORM : Infinity;
    this.#wake = wake;
    this.#readiness = source.onReadable(this.#onReadable);
  }

  /** No wakes until {@link resume}. */
  pause(): void {
    this.#held = true;
    this.#readiness.pause();
  }

  resume(): void {
    this.#held = false;
    if (this.#cancel === null) this.#readiness.resume();
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
  get resting(): boolean {
    return this.#resting;
  }

  /** No wakes for records for a while, and then one in any case. */
  rest(milliseconds: number): void {
    this.#resting = true;
    this.#wait(milliseconds);
  }

  #wait(milliseconds: number): void {
    this.#readiness.pause();
    this.#cancel?.();
    this.#cancel = this.#clock.after(milliseconds, this.#onMoment);
  }

  readonly #onReadable = (): void => {
    const now = this.#clock.now();
    const records = this.#records();
    if (now - this.#since >= MOMENT) {
      this.#since = now;
      this.#recordsThen = records;
    } else if (records - this.#recordsThen >= this.#storm) {
      this.#wait(MOMENT);
      return;
    }
    this.#wake();
  };

  readonly #onMoment = (): void => {
    this.#cancel = null;
    this.#resting = false;
    this.#since = this.#clock.now();
    this.#recordsThen = this.#records();
    if (!this.#held) this.#readiness.resume();
    this.#wake();
  };
}
