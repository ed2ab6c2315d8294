/**
 * The connection, for ever: the client dials again by itself while it lives; here is what the
 * client does not do.
 *
 * | state   | what happens          | next    | does                               |
 * | ------- | --------------------- | ------- | ---------------------------------- |
 * | dialing | connected             | up      | `up`                               |
 * | dialing | failed                | waiting | `down`, backs off                  |
 * | waiting | time is over          | dialing | dials                              |
 * | up      | disconnected          | down    | `down`                             |
 * | down    | reconnected           | up      | `up`                               |
 * | down    | a server refuses it   | dialing | `down`, closes it, dials           |
 * | down    | no attempt for 10 s   | dialing | `down`, closes it, dials           |
 * | both    | closed by the client  | waiting | `down`, backs off                  |
 * | both    | `renew()`             | dialing | `down`, closes it, dials           |
 * | any     | `stop()`              | stopped | closes it; ends what is dialled    |
 *
 * For each refusal the client keeps something, and says one time more that it is back: so it is
 * given up after one. Why it may not try: idle-client.ts.
 */
import { setTimeout } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../../core.ts';
import { IdleClient } from '../../nats/idle-client.ts';

const BACKOFF: { readonly first: number; readonly most: number } = { first: 250, most: 2000 };
/** A connection whose path is dead may not be able to say goodbye. */
const CLOSING = 1000;

export interface LinkEvents {
  up(nc: NatsConnection): void;
  down(reason: string): void;
}

/** @param signal ends the attempt, at once */
export type Dial = (signal: AbortSignal) => Promise<NatsConnection>;

export class Link {
  readonly #dial: Dial;
  readonly #ending = new AbortController();
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  #nc: NatsConnection | null = null;
  #failures = 0;
  #cancel: () => void = () => {};

  constructor(dial: Dial, events: LinkEvents, clock: Clock) {
    this.#dial = dial;
    this.#events = events;
    this.#clock = clock;
  }

  get #isStopped(): boolean {
    return this.#ending.signal.aborted;
  }

  get connection(): NatsConnection | null {
    return this.#nc;
  }

  /** @throws why the first connection cannot be made */
  async start(): Promise<void> {
    this.#use(await this.#dial(this.#ending.signal));
  }

  /** The connection is there, and no good. */
  renew(reason: string): void {
    const nc = this.#nc;
    if (nc === null || this.#isStopped) return;
    this.#nc = null;
    this.#events.down(reason);
    void this.#close(nc);
    void this.#again();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#cancel();
    const nc = this.#nc;
    this.#nc = null;
    if (nc !== null) await this.#close(nc);
  }

  async #again(): Promise<void> {
    let nc: NatsConnection;
    try {
      nc = await this.#dial(this.#ending.signal);
    } catch (error) {
      this.#backOff((error as Error).message);
      return;
    }
    this.#use(nc);
  }

  #use(nc: NatsConnection): void {
    if (this.#isStopped) {
      void this.#close(nc);
      return;
    }
    this.#nc = nc;
    this.#failures = 0;
    void this.#follow(nc);
    this.#events.up(nc);
  }

  async #follow(nc: NatsConnection): Promise<void> {
    void this.#followEnd(nc);
    let isUp = true;
    const idle = new IdleClient(this.#clock, () => {
      if (this.#nc === nc) this.renew('the client does not try to connect');
    });
    for await (const status of nc.status()) {
      if (this.#nc !== nc) break;
      idle.told(status.type);
      if (status.type === 'disconnect') {
        isUp = false;
        this.#events.down(`no connection to ${status.server}`);
      } else if (status.type === 'reconnect') {
        isUp = true;
        this.#events.up(nc);
      } else if (status.type === 'error' && !isUp) this.renew(status.error.message);
    }
    idle.stop();
  }

  async #followEnd(nc: NatsConnection): Promise<void> {
    const error = await nc.closed();
    if (this.#nc !== nc) return;
    this.#nc = null;
    this.#backOff(error instanceof Error ? error.message : 'the connection was closed');
  }

  #backOff(reason: string): void {
    if (this.#isStopped) return;
    this.#events.down(reason);
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** this.#failures++);
    this.#cancel = this.#clock.after(most, () => void this.#again());
  }

  async #close(nc: NatsConnection): Promise<void> {
    const patience = new AbortController();
    const { signal } = patience;
    await Promise.race([nc.close(), setTimeout(CLOSING, undefined, { signal })]).catch(() => {});
    patience.abort();
  }
}
