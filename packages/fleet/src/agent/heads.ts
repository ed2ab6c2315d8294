/**
 * When heads are published. One at a time, and besides the deltas and snapshots:
 *
 * | state  | means                        | on                          | next   |
 * | ------ | ---------------------------- | --------------------------- | ------ |
 * | closed | there is no connection       | a connection                | flight |
 * | flight | one is on its way            | it is kept                  | rest   |
 * |        |                              | it is refused or unknown    | again  |
 * |        |                              | the connection is lost      | closed |
 * | rest   | until the next, 15 s ± 20 %  | time, or one is asked for   | flight |
 * | again  | a moment, ever longer        | time, or one is asked for   | flight |
 *
 * One that is asked for while another is in flight is that one. Of one that the connection was lost
 * under nobody hears any more: it may be kept after a newer one, so readers heed the greater number.
 */
import type { Clock } from '../core.ts';
import type { Outcome } from '../nats/publish.ts';
import { Backoff } from './backoff.ts';

export const HEAD_INTERVAL = 15_000;

export interface HeadsIo {
  clock: Clock;
  random: () => number;
  interval: number;
  publish: () => Promise<Outcome>;
}

export class Heads {
  readonly #io: HeadsIo;
  readonly #backoff: Backoff;
  #isOpen = false;
  #flight: Promise<Outcome> | null = null;
  #alarm: (() => void) | null = null;

  constructor(io: HeadsIo) {
    this.#io = io;
    this.#backoff = new Backoff(io.random);
  }

  open(): void {
    this.#isOpen = true;
    this.#backoff.reset();
    void this.now();
  }

  close(): void {
    this.#isOpen = false;
    this.#flight = null;
    this.#cancel();
  }

  /** One at once. @returns what became of it; without a connection `unknown` */
  now(): Promise<Outcome> {
    if (!this.#isOpen) return Promise.resolve({ kind: 'unknown', reason: 'not connected' });
    this.#flight ??= this.#fly();
    return this.#flight;
  }

  #fly(): Promise<Outcome> {
    this.#cancel();
    const flight = this.#io.publish().then((outcome) => {
      if (this.#flight === flight) this.#landed(outcome);
      return outcome;
    });
    return flight;
  }

  #landed({ kind }: Outcome): void {
    const { clock, random, interval } = this.#io;
    this.#flight = null;
    if (kind === 'kept') this.#backoff.reset();
    const delay = kind === 'kept' ? interval * (0.8 + 0.4 * random()) : this.#backoff.next();
    this.#alarm = clock.after(delay, () => void this.now());
  }

  #cancel(): void {
    this.#alarm?.();
    this.#alarm = null;
  }
}
