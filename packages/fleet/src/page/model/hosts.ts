/** The hosts of the fleet, as a snapshot and the events after it have them. */
import { orderOf } from '../../../../../src/page/layout/order.ts';
import type { Broker, FleetMessage, FleetSnapshot, HeardMessage, HostRow, HostState } from './fleet-types.ts';

export type Shown = 'all' | HostState | 'duplicate';

export interface StateCounts {
  all: number;
  live: number;
  late: number;
  gone: number;
  duplicate: number;
}

export class Hosts {
  readonly #hosts = new Map<string, HostRow>();
  #order: readonly HostRow[] | null = null;
  #counts: StateCounts | null = null;
  #broker: Broker = { state: 'connecting', reason: null, since: null };
  /** How far the server's clock is ahead, in milliseconds; null: unknown. */
  #ahead: number | null = null;

  get broker(): Broker {
    return this.#broker;
  }

  get size(): number {
    return this.#hosts.size;
  }

  get(id: string): HostRow | undefined {
    return this.#hosts.get(id);
  }

  /** Now by the clock of the server: milliseconds since 1970. */
  serverTime(now: number): number {
    return now + (this.#ahead ?? 0);
  }

  /** By name; a number in it as a number. The same array while it is the same. */
  ordered(): readonly HostRow[] {
    if (this.#order !== null) return this.#order;
    const keyed = [...this.#hosts.values()].map((host) => ({
      host,
      key: `${orderOf(host.name)}\n${host.id}`,
    }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#order = keyed.map(({ host }) => host);
    return this.#order;
  }

  counts(): StateCounts {
    if (this.#counts !== null) return this.#counts;
    const counts: StateCounts = { all: this.#hosts.size, live: 0, late: 0, gone: 0, duplicate: 0 };
    for (const { state, duplicate } of this.#hosts.values()) {
      counts[state]++;
      if (duplicate) counts.duplicate++;
    }
    this.#counts = counts;
    return counts;
  }

  snapshot({ hosts, connection, time }: FleetSnapshot, now: number): void {
    this.#hosts.clear();
    for (const host of hosts) this.#hosts.set(host.id, host);
    // One that is as old as it may be says less of the clock than what comes at once.
    this.#ahead = null;
    this.#clock(time, now);
    this.#connection(connection, now);
    this.#changed();
  }

  message(message: FleetMessage, now: number): void {
    if (message.type === 'connection') return this.#connection(message, now);
    const { host, type } = message;
    if (type === 'hostRemoved') this.#hosts.delete(host.id);
    else this.#hosts.set(host.id, host);
    this.#changed();
  }

  heard({ heard, time }: HeardMessage, now: number): void {
    this.#clock(time, now);
    for (const [id, at] of Object.entries(heard)) {
      const host = this.#hosts.get(id);
      if (host !== undefined) this.#hosts.set(id, { ...host, heard: at });
    }
    // Who is where is the same.
    this.#order = this.#order?.map((host) => this.#hosts.get(host.id) ?? host) ?? null;
  }

  #clock(time: string, now: number): void {
    const ahead = Date.parse(time) - now;
    // What was on its way the shortest is the nearest.
    this.#ahead = Math.max(this.#ahead ?? -Infinity, ahead);
  }

  #connection({ state, reason }: { state: Broker['state']; reason: string | null }, now: number): void {
    const isSame = state === this.#broker.state;
    this.#broker = { state, reason, since: isSame ? this.#broker.since : now };
  }

  #changed(): void {
    this.#order = null;
    this.#counts = null;
  }
}
