/**
 * The agent's connection, for as long as the agent runs:
 *
 * | state        | means                        | on                           | next         |
 * | ------------ | ---------------------------- | ---------------------------- | ------------ |
 * | connecting   | there has been none yet      | one is there                 | connected    |
 * |              |                              | none is reached              | connecting   |
 * | connected    | what is published may arrive | the client tells its loss    | disconnected |
 * | disconnected | the client tries by itself   | it is back                   | connected    |
 * |              |                              | the client has given up      | connecting   |
 * |              |                              | a server refuses it          | connecting   |
 * |              |                              | it has not tried for 10 s    | connecting   |
 * | stopped      | for good, from any of them   | -                            | -            |
 *
 * Why the client may not try: idle-client.ts. And for each refusal it keeps something, and says one
 * time more that it is back; so it is given up after one.
 *
 * At the start a user that is not let in, or credentials that cannot be read, are an error: nobody
 * will change that soon. Later they are waited for as all else is.
 */
import type { Clock } from '../core.ts';
import { FleetError } from '../errors.ts';
import { connectNats } from '../nats/connect.ts';
import type { Msg, NatsConnection } from '../nats/connect.ts';
import { IdleClient } from '../nats/idle-client.ts';
import type { NatsOptions } from '../nats/nats-options.ts';
import { publish } from '../nats/publish.ts';
import type { Outcome } from '../nats/publish.ts';
import { ALL } from '../wire/key.ts';
import { askSubject, inboxPrefix } from '../wire/subjects.ts';
import { Backoff, pause } from './backoff.ts';

/** Of the connection of an agent. */
export type UplinkState = 'connecting' | 'connected' | 'disconnected';

export interface UplinkIo {
  nats: NatsOptions;
  key: string;
  clock: Clock;
  random: () => number;
  /** @param server its address */
  onOpen: (server: string) => void;
  onClose: (reason: string) => void;
  onAsk: (isAll: boolean) => void;
  onRefused: (what: string, reason: string) => void;
}

export class Uplink {
  readonly #io: UplinkIo;
  readonly #stopping = new AbortController();
  #connection: NatsConnection | null = null;
  #state: UplinkState = 'connecting';
  #running: Promise<void> = Promise.resolve();

  constructor(io: UplinkIo) {
    this.#io = io;
  }

  get state(): UplinkState {
    return this.#state;
  }

  /**
   * Done when the first attempt is, or it is stopped.
   * @throws as `connectNats`, but for a server that is not reached
   */
  async start(): Promise<void> {
    const first = await this.#connect(false);
    this.#running = this.#run(first);
  }

  async publish(subject: string, payload: Uint8Array, timeout: number): Promise<Outcome> {
    if (this.#connection === null || this.#state !== 'connected')
      return { kind: 'unknown', reason: 'not connected' };
    return publish(this.#connection, subject, payload, timeout);
  }

  /** No more attempts to connect. */
  giveUp(): void {
    this.#stopping.abort();
  }

  async stop(): Promise<void> {
    this.giveUp();
    await this.#connection?.close();
    await this.#running;
  }

  /** @returns null: none was reached, or it is stopped */
  async #connect(isAgain: boolean): Promise<NatsConnection | null> {
    const { key, nats } = this.#io;
    const { signal } = this.#stopping;
    try {
      return await connectNats(nats, { name: `nlink-fleet agent ${key}`, inbox: inboxPrefix(key), signal });
    } catch (error) {
      if (signal.aborted) return null;
      const isAbsent = error instanceof FleetError && error.code === 'ERR_FLEET_CONNECT';
      if (!isAgain && !isAbsent) throw error;
      const { message } = error as Error;
      if (isAbsent) this.#io.onClose(message);
      else this.#io.onRefused('connection', message);
      return null;
    }
  }

  async #run(first: NatsConnection | null): Promise<void> {
    const { signal } = this.#stopping;
    const backoff = new Backoff(this.#io.random);
    for (let connection = first; ; connection = await this.#connect(true)) {
      if (connection === null) await pause(this.#io.clock, backoff.next(), signal);
      else if (signal.aborted) await connection.close();
      else {
        backoff.reset();
        await this.#follow(connection);
      }
      if (signal.aborted) return;
    }
  }

  /** Done when the client has given up, which it does where credentials can be read no more. */
  async #follow(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    const closed = connection.closed();
    const asks = new Asks(connection, this.#io);
    this.#open(asks);
    const idle = new IdleClient(this.#io.clock, () => void connection.close());
    for await (const status of connection.status()) {
      idle.told(status.type);
      if (status.type === 'disconnect') this.#close('the connection is lost');
      else if (status.type === 'reconnect') this.#open(asks);
      else if (status.type === 'error' && this.#state !== 'connected') {
        this.#io.onRefused('connection', status.error.message);
        void connection.close();
      }
    }
    idle.stop();
    const error = await closed;
    this.#connection = null;
    const isOwn = this.#stopping.signal.aborted;
    if (!isOwn) this.#close('the connection is closed');
    if (!isOwn && error instanceof Error) this.#io.onRefused('connection', error.message);
    this.#state = isOwn ? 'disconnected' : 'connecting';
  }

  #open(asks: Asks): void {
    if (this.#state === 'connected') return;
    this.#state = 'connected';
    asks.open();
    this.#io.onOpen(this.#connection?.getServer() ?? '');
  }

  #close(reason: string): void {
    if (this.#state !== 'connected' || this.#stopping.signal.aborted) return;
    this.#state = 'disconnected';
    this.#io.onClose(reason);
  }
}

/** What readers ask; a subscription that was refused is tried again with the next connection. */
class Asks {
  readonly #connection: NatsConnection;
  readonly #io: UplinkIo;
  readonly #subjects = new Set<string>();

  constructor(connection: NatsConnection, io: UplinkIo) {
    this.#connection = connection;
    this.#io = io;
  }

  open(): void {
    for (const word of [this.#io.key, ALL]) {
      const subject = askSubject(word);
      if (this.#subjects.has(subject)) continue;
      this.#subjects.add(subject);
      this.#connection.subscribe(subject, {
        callback: (error, message) => this.#heard(subject, error, message),
      });
    }
  }

  #heard(subject: string, error: Error | null, message: Msg): void {
    if (error !== null) {
      this.#subjects.delete(subject);
      this.#io.onRefused(`hearing ${subject}`, error.message);
    } else if (message.data.length === 0) {
      // An acknowledgement may be led here by whoever publishes: that asks for nothing.
      this.#io.onAsk(subject === askSubject(ALL));
    }
  }
}
