/**
 * Notices a client that is not connected, and does not try to be.
 *
 * The client (`@nats-io/transport-node` 3.4.0) paces its attempts by the time of day: where that is
 * set back by an hour, it does not try for an hour. While it tries, it tells each attempt. So it is
 * looked after by a clock that only grows.
 */
import type { Clock } from '../core.ts';

/** No attempt takes half as long, its pause before included. */
const IDLE = 10_000;

export class IdleClient {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #rest: () => void = () => {};

  /** @param onIdle it has not tried for ten seconds; called once */
  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** @param type of each status that it tells */
  told(type: string): void {
    if (type === 'disconnect' || type === 'reconnecting') {
      this.#rest();
      this.#rest = this.#clock.after(IDLE, this.#onIdle);
    } else if (type === 'reconnect') this.#rest();
  }

  /** The connection is given up. */
  stop(): void {
    this.#rest();
  }
}
