/**
 * The ids as the unified watcher takes them in: changes in order, of which those that end an id may be read ahead of their turn, since a
 * name that goes with its namespace must be told as such; and whose they are (nsid-resolver.ts).
 */
import { areAssigned } from '../netlink/nsid-listing.ts';
import type { Requester } from '../netlink/requester.ts';
import type { Inventory } from './inventory.ts';
import { NsidEngine } from './nsid-engine.ts';
import type { SubscriberIo } from './nsid-engine.ts';
import type { NamespaceIdEvent } from './nsid-events.ts';
import { NsidResolver } from './nsid-resolver.ts';
import type { UnifiedSettings } from './options.ts';
import type { UnifiedEvent } from './unified-events.ts';

/** Changes that are read ahead at most. */
const AHEAD = 1024;

/** An id was assigned or removed. */
export type NsidChange = Extract<NamespaceIdEvent, { nsid: number }>;

export class IdFacts {
  readonly engine: NsidEngine;
  readonly resolver: NsidResolver;
  readonly #inventory: Inventory;
  readonly #ahead: NsidChange[] = [];
  /** Listings after a loss, so far. */
  #resyncs = 0;
  #lost = false;

  private constructor(engine: NsidEngine, resolver: NsidResolver, inventory: Inventory) {
    this.engine = engine;
    this.resolver = resolver;
    this.#inventory = inventory;
  }

  /**
   * Takes in the ids that are assigned, and whose they are.
   * @param inventory with the names that are there
   * @param wake called when an id need not wait any more
   * @throws as `NamespaceEventSubscriber.open`; NetlinkError `EPERM` where ids are to be assigned and may not be
   */
  static async open(
    io: SubscriberIo,
    { assignNsids, bufferSize, signal, receiveBufferSize }: UnifiedSettings,
    inventory: Inventory,
    wake: () => void,
  ): Promise<IdFacts> {
    const settings = { bufferSize, signal, receiveBufferSize, place: {}, allNamespaces: false };
    let resolver: NsidResolver | undefined;
    const gather = async (requester: Requester): Promise<number[]> => {
      resolver = new NsidResolver(io, inventory, requester, assignNsids, wake);
      if (assignNsids) await resolver.requirePrivilege();
      return resolver.askAll();
    };
    const engine = await NsidEngine.open(io, settings, gather);
    for (const nsid of engine.known) inventory.adopt(nsid);
    return new IdFacts(engine, resolver as unknown as NsidResolver, inventory);
  }

  /** The next change; undefined: none for now. @throws what ends the subscription */
  next(): NsidChange | undefined {
    return this.#ahead.shift() ?? this.#read();
  }

  /** Reads what waits. @returns what is told of ids that end, which are taken in at once; the rest waits for its turn */
  readAhead(): UnifiedEvent[] {
    const told: UnifiedEvent[] = [];
    const begun = new Set(this.#ahead.map(({ nsid }) => nsid));
    while (this.#ahead.length < AHEAD) {
      const event = this.#read();
      if (event === undefined) return told;
      if (event.type === 'delNsId' && !begun.has(event.nsid) && !this.resolver.held.has(event.nsid)) {
        told.push(...this.#inventory.removed(event.nsid));
        continue;
      }
      begun.add(event.nsid);
      this.#ahead.push(event);
    }
    return told;
  }

  /** Whether events were lost since this was asked last, and what differed has been read. */
  takeLoss(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  /** Whether there is more to come, although {@link next} has nothing. */
  get busy(): boolean {
    return this.engine.busy || this.resolver.held.any;
  }

  /** Whether a namespace is in use, by its id; null where that cannot be told. */
  inUse(nsid: number): boolean | null | Promise<boolean | null> {
    try {
      const states = areAssigned(this.engine.requester, [nsid]);
      if (states instanceof Promise) return states.then(([state]) => state ?? null).catch(() => null);
      return states[0] ?? null;
    } catch {
      return null;
    }
  }

  /** An id was removed. @returns what is told */
  removed(nsid: number): UnifiedEvent[] {
    const held = this.resolver.held.release(nsid) ? this.#inventory.assigned(nsid) : [];
    return [...held, ...this.#inventory.removed(nsid)];
  }

  async close(): Promise<void> {
    this.resolver.held.close();
    await this.engine.close();
  }

  #read(): NsidChange | undefined {
    for (;;) {
      const event = this.engine.next();
      // It has listed the ids, and what it tells now is what differs.
      if (this.engine.counters.resyncs !== this.#resyncs) this.#inventory.forgetClaims();
      this.#resyncs = this.engine.counters.resyncs;
      if (event?.type !== 'resynced') return event;
      this.#lost = true;
    }
  }
}
