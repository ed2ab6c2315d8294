/**
 * A real reader for tests of faults. It holds each event against those before it, so that nothing is
 * told twice, or lost without a word, and keeps what was said of hosts and the connection.
 */
import { systemClock } from '../../../src/core.ts';
import { FleetWatcher } from '../../../src/fleet-watcher.ts';
import type { FleetEvent, HostNamespaceEvent } from '../../../src/reader/fleet-types.ts';
import { natsTransport } from '../../../src/transport/nats/nats-transport.ts';
import { identityText } from './names.ts';

interface Account {
  epoch: string;
  /** The last number that was told; null: any may follow, since `resynced` was told. */
  seq: number | null;
  /** By its path, the identity: as the list and the events after it say. */
  names: Map<string, string>;
}

export class FaultReader {
  readonly watcher: FleetWatcher;
  /** What was wrong in what was told. */
  readonly wrong: string[] = [];
  /** Of hosts and the connection: `h1 hostLate`, `connection stale: why`; by CLOCK_MONOTONIC. */
  readonly said: { at: number; text: string }[] = [];
  readonly resyncs: string[] = [];
  readonly #accounts = new Map<string, Account>();
  #events = 0;

  private constructor(watcher: FleetWatcher) {
    this.watcher = watcher;
    for (const { id, epoch, seq } of watcher.hosts())
      this.#accounts.set(id, { epoch, seq, names: this.#picture(id) });
    void this.#read();
  }

  static async open(url: string): Promise<FaultReader> {
    return new FaultReader(await FleetWatcher.open({ transport: natsTransport({ servers: url }) }));
  }

  get events(): number {
    return this.#events;
  }

  /** What it holds true, as `truthOf` has it. */
  picture(id: string): string[] {
    return texts(this.#picture(id));
  }

  /** The same by its list and the events after it. */
  account(id: string): string[] {
    return texts(this.#accounts.get(id)?.names ?? new Map());
  }

  stop(): Promise<void> {
    return this.watcher.stop();
  }

  #picture(id: string): Map<string, string> {
    const names = new Map<string, string>();
    for (const { names: of, identity } of this.watcher.namespaces(id))
      for (const { name } of of) names.set(name, identityText(identity));
    return names;
  }

  async #read(): Promise<void> {
    try {
      for await (const event of this.watcher) this.#take(event);
    } catch (error) {
      this.wrong.push(`the reader ended: ${(error as Error).message}`);
    }
  }

  #take(event: FleetEvent): void {
    this.#events++;
    if (event.type === 'connection') {
      const text = `connection ${event.state}${event.reason === null ? '' : `: ${event.reason}`}`;
      this.said.push({ at: systemClock.now(), text });
    } else if (event.type === 'namespaceEvent') this.#namespaceEvent(event);
    else if (event.type === 'resynced') {
      const { host, reason, complete } = event;
      this.resyncs.push(`${host.id} ${reason}`);
      const account = this.#accountOf(host.id, host.epoch);
      account.seq = null;
      if (!complete) account.names = this.#picture(host.id);
    } else this.said.push({ at: systemClock.now(), text: `${event.host.id} ${event.type}` });
  }

  #namespaceEvent({ host, seq, event }: HostNamespaceEvent): void {
    const account = this.#accountOf(host.id, host.epoch);
    const { type, name = '', namespace } = event;
    if (seq !== null) {
      if (account.seq !== null && seq !== account.seq + 1)
        this.wrong.push(`${host.id}: ${seq} after ${account.seq} without a word`);
      account.seq = seq;
    }
    if (type === 'created' || type === 'mounted') {
      if (account.names.get(name ?? '') === identityText(namespace))
        this.wrong.push(`${host.id}: ${name} ${type} twice`);
      account.names.set(name ?? '', identityText(namespace));
    } else if (type === 'deleted' && !account.names.delete(name ?? ''))
      this.wrong.push(`${host.id}: ${name} deleted, which was not there`);
  }

  #accountOf(id: string, epoch: string): Account {
    const known = this.#accounts.get(id) ?? { epoch, seq: null, names: new Map<string, string>() };
    if (known.epoch !== epoch) Object.assign(known, { epoch, seq: null });
    this.#accounts.set(id, known);
    return known;
  }
}

const texts = (names: ReadonlyMap<string, string>): string[] =>
  [...names].map(([name, identity]) => `${name} ${identity}`).sort();
