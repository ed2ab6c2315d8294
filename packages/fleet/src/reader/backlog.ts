/**
 * Events that wait to be taken, bounded. Where there are too many, those of the hosts that have the
 * most are dropped, all of them, so that a host in a storm costs others nothing; for each of these
 * hosts one `resynced` stands at the end, and nothing more is kept of it until that is taken.
 */
import type { FleetEvent, FleetHost } from './fleet-types.ts';

export class Backlog {
  readonly #most: number;
  #events: FleetEvent[] = [];
  #head = 0;
  readonly #counts = new Map<string, number>();
  /** Hosts of which events were dropped, each as the last of these had it. */
  readonly #dropped = new Map<string, FleetHost>();
  #drops = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#events.length - this.#head + this.#dropped.size;
  }

  get drops(): number {
    return this.#drops;
  }

  push(event: FleetEvent): void {
    if (event.type !== 'connection') {
      const { id } = event.host;
      if (this.#dropped.has(id)) {
        this.#dropped.set(id, event.host);
        return;
      }
      this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    }
    this.#events.push(event);
    if (this.#events.length - this.#head > this.#most) this.#shrink();
  }

  /** @param unread what stands for the dropped events of a host */
  take(unread: (last: FleetHost) => FleetEvent): FleetEvent | undefined {
    const event = this.#events[this.#head];
    if (event === undefined) {
      for (const [id, last] of this.#dropped) {
        this.#dropped.delete(id);
        return unread(last);
      }
      return undefined;
    }
    this.#head++;
    if (event.type !== 'connection') this.#forget(event.host.id);
    if (this.#head > 1024 || this.#head === this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  #forget(id: string): void {
    const left = (this.#counts.get(id) ?? 1) - 1;
    if (left === 0) this.#counts.delete(id);
    else this.#counts.set(id, left);
  }

  /** A quarter of all, at least, so that one more event does not cost a look at all of them. */
  #shrink(): void {
    const loudest = [...this.#counts].sort(([, a], [, b]) => b - a);
    const loud = new Set<string>();
    let free = 0;
    for (const [id, count] of loudest) {
      if (free >= this.#most / 4) break;
      free += count;
      this.#counts.delete(id);
      loud.add(id);
      this.#drops++;
    }
    const waiting = this.#events.slice(this.#head);
    this.#events = waiting.filter((event) => {
      if (event.type === 'connection' || !loud.has(event.host.id)) return true;
      this.#dropped.set(event.host.id, event.host);
      return false;
    });
    this.#head = 0;
    // Connections that nobody hears of: the last one says how it is.
    if (this.#events.length > this.#most) this.#events = this.#events.slice(-this.#most);
  }
}
