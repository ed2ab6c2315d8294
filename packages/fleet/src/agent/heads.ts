/**
 * When heads are published, besides the deltas and snapshots:
 *
 * | state  | means                            | on                                | next   |
 * | ------ | -------------------------------- | --------------------------------- | ------ |
 * | closed | there is no connection           | a connection                      | asking |
 * | asking | one was sent, and no answer came | it is kept                        | rest   |
 * |        |                                  | it is refused, or has no stream   | again  |
 * |        |                                  | 2 s ± 20 %: one more is sent      | asking |
 * |        |                                  | the connection is lost            | closed |
 * | rest   | until the next, 15 s ± 20 %      | time, or one is wanted now        | asking |
 * | again  | a moment, ever longer            | time, or one is wanted now        | asking |
 *
 * The next one is sent before the last one is given up (3 s), so that a server or stream that is
 * back is found within 2 s, and one that is slow is still heard. They are small, and no more than
 * two are on their way. One that nobody waits for any more may be kept later, but not after a newer
 * one of the same connection; of two connections, readers heed the greater number.
 */
import type { Clock } from '../core.ts';
import type { Outcome } from '../nats/publish.ts';
import { Backoff } from './backoff.ts';

export const HEAD_INTERVAL = 15_000;
const UNANSWERED = 2000;

export interface HeadsIo {
  clock: Clock;
  random: () => number;
  interval: number;
  publish: () => Promise<Outcome>;
}

type Waiter = (outcome: Outcome) => void;

export class Heads {
  readonly #io: HeadsIo;
  readonly #backoff: Backoff;
  #state: 'closed' | 'asking' | 'rest' | 'again' = 'closed';
  /** Of the connection: what an older one answers is not heeded. */
  #generation = 0;
  #waiters: Waiter[] = [];
  #alarm: (() => void) | null = null;

  constructor(io: HeadsIo) {
    this.#io = io;
    this.#backoff = new Backoff(io.random);
  }

  open(): void {
    this.#backoff.reset();
    this.#state = 'rest';
    void this.now();
  }

  close(): void {
    this.#state = 'closed';
    this.#generation++;
    this.#alarm?.();
    this.#answer({ kind: 'unknown', reason: 'not connected' });
  }

  /** One at once, unless one is on its way. @returns the first answer; `unknown`: closed */
  now(): Promise<Outcome> {
    if (this.#state === 'closed') return Promise.resolve({ kind: 'unknown', reason: 'not connected' });
    if (this.#state !== 'asking') this.#ask();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #ask(): void {
    this.#state = 'asking';
    this.#schedule(this.#jittered(UNANSWERED));
    void this.#send(this.#generation);
  }

  async #send(generation: number): Promise<void> {
    const outcome = await this.#io.publish();
    if (generation !== this.#generation || outcome.kind === 'unknown') return;
    const isKept = outcome.kind === 'kept';
    this.#state = isKept ? 'rest' : 'again';
    if (isKept) this.#backoff.reset();
    this.#schedule(isKept ? this.#jittered(this.#io.interval) : this.#backoff.next());
    this.#answer(outcome);
  }

  #schedule(delay: number): void {
    this.#alarm?.();
    this.#alarm = this.#io.clock.after(delay, () => this.#ask());
  }

  #jittered(delay: number): number {
    return delay * (0.8 + 0.4 * this.#io.random());
  }

  #answer(outcome: Outcome): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter(outcome);
  }
}
