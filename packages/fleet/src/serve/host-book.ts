/**
 * All hosts as a row of events for the stream: whatever of a host is another is told once.
 *
 * | what                                | how it is known      | told as                        |
 * | ----------------------------------- | -------------------- | ------------------------------ |
 * | it came, went, is late, was doubled | an event             | that event, with the host      |
 * | its counts, versions, picture…      | a look at all hosts  | `hostChanged`                  |
 * | when it was heard, its `seq`        | the same look        | {@link HostBook.look}'s answer |
 * | the connection                      | an event             | that event                     |
 */
import { randomBytes } from 'node:crypto';
import { EventRing, safeJson } from '../core.ts';
import type { NumberedSnapshot } from '../core.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { FleetEvent, FleetHost } from '../reader/fleet-types.ts';
import { hostRow, looksOf } from './host-row.ts';

/** 10,000 hosts that are late at once are told as such, not by another snapshot. */
const LIMITS = { events: 20_000, bytes: 16 * 1024 * 1024 };
/** Milliseconds in which a snapshot is the same for all who come. */
const FRESH = 5000;

interface Known {
  looks: string;
  /** Milliseconds since 1970, as of the last look. */
  heard: number;
}

export class HostBook {
  readonly epoch: string = randomBytes(8).toString('hex');
  readonly ring: EventRing = new EventRing(LIMITS);
  readonly #source: FleetWatcher;
  readonly #known = new Map<string, Known>();
  #reason: string | null = null;
  #snapshot: (NumberedSnapshot & { at: number }) | null = null;

  constructor(source: FleetWatcher) {
    this.#source = source;
    this.look();
  }

  /** The number of the last event. */
  get seq(): number {
    return this.ring.last;
  }

  /** Why the connection is not live; null: it is, or nobody said. */
  get reason(): string | null {
    return this.#reason;
  }

  take(event: FleetEvent): void {
    if (event.type === 'connection') {
      this.#reason = event.reason;
      this.ring.push(safeJson(event));
    } else if (event.type !== 'namespaceEvent') {
      const { host } = event;
      if (event.type === 'hostRemoved') this.#known.delete(host.id);
      else this.#learn(host);
      this.ring.push(safeJson({ ...event, host: hostRow(host, Date.now()) }));
    }
  }

  /**
   * Looks at all hosts for what no event tells.
   * @returns by id, those that were heard since the last look: when, in ISO 8601
   */
  look(): Record<string, string> {
    const now = Date.now();
    // No prototype: any key may be the id of a host, `__proto__` too.
    const heard = Object.create(null) as Record<string, string>;
    for (const host of this.#source.hosts()) {
      const known = this.#known.get(host.id);
      const at = now - host.heard;
      // Some milliseconds are the way in which it is counted.
      if (known === undefined || at - known.heard > 250) heard[host.id] = new Date(at).toISOString();
      if (this.#learn(host, at) && known !== undefined) this.changed(host);
    }
    return heard;
  }

  /** It is another than it was, in what no event tells. */
  changed(host: FleetHost): void {
    this.#learn(host);
    const now = Date.now();
    this.ring.push(
      safeJson({ type: 'hostChanged', time: new Date(now).toISOString(), host: hostRow(host, now) }),
    );
  }

  snapshot(): NumberedSnapshot {
    const now = Date.now();
    const last = this.#snapshot;
    if (last !== null && last.seq === this.seq && Math.abs(now - last.at) < FRESH) return last;
    const { epoch, seq } = this;
    const head = {
      type: 'snapshot',
      epoch,
      seq,
      time: new Date(now).toISOString(),
      connection: { state: this.#source.connection, reason: this.#reason },
      hosts: this.#source.hosts().map((host) => hostRow(host, now)),
    };
    this.#snapshot = { seq, json: safeJson(head), at: now };
    return this.#snapshot;
  }

  /** @returns whether it looks otherwise than before */
  #learn(host: FleetHost, heard: number = Date.now() - host.heard): boolean {
    const known = this.#known.get(host.id);
    const looks = looksOf(host);
    if (known === undefined) {
      this.#known.set(host.id, { looks, heard });
      return true;
    }
    const isOther = known.looks !== looks;
    known.looks = looks;
    known.heard = heard;
    return isOther;
  }
}
