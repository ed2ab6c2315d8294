/**
 * A clock that stands still until it is told to go on: `Clock` for tests, with every timer in
 * sight.
 */
import type { Clock } from '../../../src/watch/stream/clock.ts';

interface Timer {
  at: number;
  callback: () => void;
}

export class FakeClock implements Clock {
  #now = 1000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, milliseconds), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; Infinity if there is none. */
  get next(): number {
    return Math.min(Infinity, ...[...this.#timers].map(({ at }) => at));
  }

  /** Time passes, and nobody gets to act: as while a program is busy. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Runs the timers that are due. */
  fire(): void {
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.callback();
  }

  /** Time passes, and each timer runs when it is due. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    while (this.next <= end) {
      this.#now = Math.max(this.#now, this.next);
      this.fire();
    }
    this.#now = end;
  }
}
