/**
 * Takes the events of a stream, one by one or until all is quiet. Every event is checked as it is
 * taken, so a test that only looks at some of them still has all checked. What they must come to:
 * replay.ts for names, nsid-replay.ts for ids.
 */
import { setTimeout } from 'node:timers/promises';
import type { EventStream } from '../../../src/watch/stream/event-stream.ts';
import { waitFor, within } from '../../support/wait.ts';

/**
 * For how long it may take until all is quiet, in milliseconds: reached only by a failure, on the
 * slowest machine.
 */
const QUIET_DEADLINE = 60_000;

export abstract class Follower<E> {
  /** All events taken so far. */
  readonly events: E[] = [];
  readonly #stream: EventStream<E>;
  readonly #brief: (event: E) => string;
  /** How many of `events` {@link settle} gives no more. */
  #told = 0;
  /**
   * Set by {@link takeOn}: what the stream ended with, once it has; and what was wrong with an
   * event.
   */
  #taking: { end: Error | 'goes on'; wrong: unknown } | null = null;

  /** @param brief an event in few words */
  protected constructor(stream: EventStream<E>, brief: (event: E) => string) {
    this.#stream = stream;
    this.#brief = brief;
  }

  /** Takes in an event that was just taken; fails if it cannot follow the others. */
  protected abstract apply(event: E): void;

  /** Whether all is quiet and the invariant holds. `late`: fails with what differs. */
  protected abstract holds(late: boolean): Promise<boolean>;

  /** All events taken so far, in brief. */
  get told(): string[] {
    return this.events.map(this.#brief);
  }

  /** The next event, checked. */
  async next(what = 'the next event'): Promise<E> {
    const event = await within(what, this.#stream.recv());
    if (event === undefined) throw new Error(`the stream ended before ${what}`);
    this.#take(event);
    this.#told = this.events.length;
    return event;
  }

  /** Takes events up to the first of this description. @returns them all, in brief */
  async until(wanted: string): Promise<string[]> {
    const told: string[] = [];
    while (told.at(-1) !== wanted) told.push(this.#brief(await this.next(wanted)));
    return told;
  }

  /**
   * As {@link until}, for thousands of events: with one deadline for all of them, and nothing given
   * back.
   */
  async rush(wanted: string): Promise<void> {
    const end = performance.now() + QUIET_DEADLINE;
    for (;;) {
      const event = this.#stream.tryRecv();
      if (event === undefined) {
        if (performance.now() > end) throw new Error(`waited ${QUIET_DEADLINE} ms in vain for ${wanted}`);
        await setTimeout(1);
        continue;
      }
      this.#take(event);
      this.#told = this.events.length;
      if (this.#brief(event) === wanted) return;
    }
  }

  /**
   * Takes events until all is quiet and the invariant holds, or fails with what differs.
   * @returns in brief, those since the last call
   */
  async settle(): Promise<string[]> {
    const end = performance.now() + QUIET_DEADLINE;
    for (let calm = 0; calm < 2;) {
      // Each wait gives the event loop a turn, in which what the kernel has queued is read.
      await setTimeout(5);
      const taken = this.drain();
      const late = performance.now() > end;
      calm = (await this.holds(late)) && !taken ? calm + 1 : 0;
      if (late && calm === 0) throw new Error('events go on and on');
    }
    const told = this.events.slice(this.#told).map(this.#brief);
    this.#told = this.events.length;
    return told;
  }

  /** From now on takes events as they come. Then only {@link settleOrEnd} may be called. */
  takeOn(): void {
    const taking = { end: 'goes on' as Error | 'goes on', wrong: null as unknown };
    this.#taking = taking;
    const take = async (): Promise<void> => {
      for (;;) {
        const event = await this.#stream.recv().catch((error: Error) => {
          taking.end = error;
        });
        if (event === undefined) return;
        this.#take(event);
      }
    };
    take().catch((wrong: unknown) => {
      taking.wrong = wrong;
    });
  }

  /**
   * After {@link takeOn}: waits until all is quiet and the invariant holds, or the stream has
   * ended.
   * @returns what it ended with; null: it goes on
   */
  async settleOrEnd(): Promise<Error | null> {
    const taking = this.#taking;
    if (taking === null) throw new Error('nobody takes events');
    const end = performance.now() + QUIET_DEADLINE;
    for (let calm = 0; calm < 2;) {
      await setTimeout(2);
      if (taking.wrong !== null) throw taking.wrong;
      if (taking.end !== 'goes on') return taking.end;
      const before = this.events.length;
      const quiet = await this.holds(performance.now() > end && calm === 0);
      calm = quiet && before === this.events.length ? calm + 1 : 0;
      if (calm === 0 && performance.now() > end + 1000) throw new Error('events go on and on');
    }
    return null;
  }

  /**
   * After {@link takeOn}: waits for an event, told already or not, or for the end.
   * @param quiet whether all is to come to what is, as well
   * @returns as {@link settleOrEnd}
   */
  async hears(wanted: string, quiet: boolean): Promise<Error | null> {
    const taking = this.#taking;
    await waitFor(
      wanted,
      () => taking?.wrong !== null || taking.end !== 'goes on' || this.told.includes(wanted),
    );
    if (quiet || taking?.wrong !== null) return this.settleOrEnd();
    return taking.end === 'goes on' ? null : taking.end;
  }

  /** Takes what there is. @returns whether there was any */
  protected drain(): boolean {
    let taken = false;
    for (let event = this.#stream.tryRecv(); event !== undefined; event = this.#stream.tryRecv()) {
      this.#take(event);
      taken = true;
    }
    return taken;
  }

  #take(event: E): void {
    this.events.push(event);
    this.apply(event);
  }
}
