/**
 * A real reader for tests of faults. It holds each event against those before it (account.ts), and
 * keeps what was said of hosts and the connection.
 */
import { systemClock } from '../../../src/core.ts';
import { FleetWatcher } from '../../../src/fleet-watcher.ts';
import type { FleetEvent } from '../../../src/reader/fleet-types.ts';
import { natsTransport } from '../../../src/transport/nats/nats-transport.ts';
import { toldBySnapshot } from '../told-lines.ts';
import { Account } from './account.ts';
import { identityText } from './names.ts';
import type { Held } from './truth.ts';

export class FaultReader {
  readonly watcher: FleetWatcher;
  /** Of hosts and the connection: `h1 hostLate`, `connection stale: why`; by CLOCK_MONOTONIC. */
  readonly said: { at: number; text: string }[] = [];
  readonly resyncs: string[] = [];
  readonly #accounts = new Map<string, { epoch: string; account: Account }>();
  readonly #ends: string[] = [];
  #events = 0;

  private constructor(watcher: FleetWatcher) {
    this.watcher = watcher;
    for (const { id, epoch } of watcher.hosts()) this.#list(this.#accountOf(id, epoch), id);
    void this.#read();
  }

  static async open(url: string): Promise<FaultReader> {
    return new FaultReader(await FleetWatcher.open({ transport: natsTransport({ servers: url }) }));
  }

  get events(): number {
    return this.#events;
  }

  /** What was wrong in what was told. */
  get wrong(): string[] {
    const all = [...this.#accounts].map(([id, { account }]) => account.wrong.map((text) => `${id}: ${text}`));
    return [...this.#ends, ...all.flat()];
  }

  /** What it holds of a host. */
  held(id: string): Held {
    const account = this.#accounts.get(id)?.account ?? new Account();
    const picture = this.watcher
      .namespaces(id)
      .flatMap(({ names, identity }) => names.map(({ name }) => `${name} ${identityText(identity)}`));
    const json = this.watcher.snapshot(id)?.json;
    const told = [...account.names].map(([name, identity]) => `${name} ${identity}`);
    return {
      names: { picture: picture.sort(), account: told.sort() },
      all: { picture: json === undefined ? [] : toldBySnapshot(json), account: account.lines },
    };
  }

  stop(): Promise<void> {
    return this.watcher.stop();
  }

  async #read(): Promise<void> {
    try {
      for await (const event of this.watcher) this.#take(event);
    } catch (error) {
      this.#ends.push(`the reader ended: ${(error as Error).message}`);
    }
  }

  #take(event: FleetEvent): void {
    this.#events++;
    if (event.type === 'connection') {
      const text = `connection ${event.state}${event.reason === null ? '' : `: ${event.reason}`}`;
      this.said.push({ at: systemClock.now(), text });
      return;
    }
    const { id, epoch } = event.host;
    const account = this.#accountOf(id, epoch);
    if (event.type === 'namespaceEvent') account.event(event.seq, event.event);
    else if (event.type === 'resynced') {
      this.resyncs.push(`${id} ${event.reason}`);
      if (!event.complete) this.#list(account, id);
      account.resynced();
    } else this.said.push({ at: systemClock.now(), text: `${id} ${event.type}` });
  }

  #list(account: Account, id: string): void {
    const { watcher } = this;
    const json = watcher.snapshot(id)?.json ?? null;
    account.list({ seq: watcher.host(id)?.seq ?? 0, namespaces: watcher.namespaces(id), json });
  }

  #accountOf(id: string, epoch: string): Account {
    const known = this.#accounts.get(id) ?? { epoch, account: new Account() };
    this.#accounts.set(id, known);
    if (known.epoch !== epoch) known.account.resynced();
    known.epoch = epoch;
    return known.account;
  }
}
