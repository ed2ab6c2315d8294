/**
 * What is told of the connection: a state at once, another reason for the same state only when it
 * has lasted, since most of them are stations on a way of some milliseconds.
 */
import type { Clock } from '../../core.ts';
import type { ConnectionState } from '../transport.ts';

const LASTS = 250;

export class Standing {
  readonly #clock: Clock;
  readonly #tell: (state: ConnectionState, reason: string | null) => void;
  #state: ConnectionState | null = null;
  #told: string | null = null;
  #reason: string | null = null;
  #wasLive = false;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (state: ConnectionState, reason: string | null) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** @param reason why it is not live; null: it is */
  is(reason: string | null): void {
    this.#reason = reason;
    if (reason === null) this.#wasLive = true;
    const state = reason === null ? 'live' : this.#wasLive ? 'stale' : 'connecting';
    if (state !== this.#state) this.#now(state);
    else if (reason !== this.#told)
      this.#cancel ??= this.#clock.after(LASTS, () => {
        this.#cancel = null;
        if (this.#reason !== this.#told) this.#now(state);
      });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #now(state: ConnectionState): void {
    this.stop();
    this.#state = state;
    this.#told = this.#reason;
    this.#tell(state, this.#reason);
  }
}
