/**
 * The ids as the unified watcher takes them in: changes in order, of which those that end an id may
 * be read ahead of their turn, since a name that goes with its namespace must be told as such; and
 * whose they are (nsid-resolver.ts). What a namespace says of its id holds as of now, but an id may
 * have changed hands several times in what is still to be taken in: so that is read ahead too, and
 * the id is this namespace's from the last time on that it begins.
 */
import { areAssigned } from '../../netlink/nsid-listing.ts';
import type { Requester } from '../../netlink/requester.ts';
import { NsidBacklog } from './nsid-backlog.ts';
import type { NsidChange } from './nsid-backlog.ts';
import type { Inventory } from './inventory.ts';
import type { PendingNsid } from './namespace-record.ts';
import { NsidEngine } from '../ids/nsid-engine.ts';
import type { SubscriberIo } from '../ids/nsid-engine.ts';
import { NsidResolver } from './nsid-resolver.ts';
import type { Ahead, BacklogSnapshot } from './nsid-resolver.ts';
import type { UnifiedSettings } from './unified-options.ts';
import type { UnifiedEvent } from './unified-events.ts';

/** Changes that are read ahead at most: more than wait in a receive buffer of the usual size. */
const AHEAD = 32_768;
const NOTHING: BacklogSnapshot = { begins: new Map(), whole: true, touched: new Set() };

export class NsidSource {
  readonly engine: NsidEngine;
  readonly resolver: NsidResolver;
  readonly #inventory: Inventory;
  readonly #ahead = new NsidBacklog();
  /** Of which something was read since the last question. */
  readonly #touched = new Set<number>();
  /** At the start what differs from the listing is part of the snapshot, and is not told. */
  #tell: (events: UnifiedEvent[]) => void = () => {};
  /** Listings after a loss, so far. */
  #resyncs = 0;
  #lost = false;
  /** All that differs after the last loss is taken in. */
  #whole = true;

  private constructor(engine: NsidEngine, resolver: NsidResolver, inventory: Inventory) {
    this.engine = engine;
    this.resolver = resolver;
    this.#inventory = inventory;
  }

  /**
   * Takes in the ids that are assigned, and whose they are.
   * @param inventory with the names that are there
   * @param wake called when an id need not wait any more
   * @param tell takes what is to be told before anything else, of ends that were read ahead
   * @throws as `NamespaceEventSubscriber.open`; NetlinkError `EPERM` where ids are to be assigned
   *   and may not be
   */
  static async open(
    io: SubscriberIo,
    { assignNsids, bufferSize, signal, receiveBufferSize }: UnifiedSettings,
    inventory: Inventory,
    wake: () => void,
    tell: (events: UnifiedEvent[]) => void,
  ): Promise<NsidSource> {
    const settings = { bufferSize, signal, receiveBufferSize, place: {}, allNamespaces: false };
    let resolver: NsidResolver | undefined;
    let facts: NsidSource | null = null;
    // Nothing is taken in before all of it is listed.
    const ahead: Ahead = {
      mark: () => facts !== null && facts.#mark(),
      coming: () => (facts === null ? NOTHING : facts.#coming()),
    };
    const prepare = async (requester: Requester): Promise<void> => {
      resolver = new NsidResolver(io, inventory, requester, ahead, assignNsids, wake);
      if (!assignNsids) return;
      await resolver.requirePrivilege();
      await resolver.assignAll();
    };
    let engine: NsidEngine | undefined;
    try {
      engine = await NsidEngine.open(io, settings, prepare);
      facts = new NsidSource(engine, resolver as unknown as NsidResolver, inventory);
      await facts.#begin();
    } catch (error) {
      resolver?.close();
      await engine?.close();
      throw error;
    }
    facts.#tell = tell;
    return facts;
  }

  /**
   * The next change, which is then to be {@link assigned}, put on {@link hold}, or {@link removed};
   * undefined: none for now.
   * @throws what ends the subscription
   */
  next(): NsidChange | undefined {
    const { failure } = this.resolver.trouble;
    if (failure !== null) throw failure;
    if (this.#ahead.size === 0) {
      const event = this.#read();
      if (event !== undefined) this.#ahead.push(event);
    }
    return this.#ahead.first;
  }

  /**
   * Reads what waits. Ids that end are taken in at once, and told; the rest waits for its turn.
   * @returns whether that was all
   * @throws what ends the subscription
   */
  readAhead(): boolean {
    while (this.#ahead.size < AHEAD) {
      const event = this.#read();
      if (event === undefined) return !this.engine.busy;
      if (event.type === 'delNsid' && !this.#ahead.begins.has(event.nsid))
        this.#tell(this.#inventory.removed(event.nsid));
      else this.#ahead.push(event);
    }
    return false;
  }

  /** Whether a namespace lives, by its id; null where that cannot be told. */
  lives(claim: PendingNsid): boolean | null | Promise<boolean | null> {
    if (this.#ends(claim)) return false;
    const inUse = this.#inUse(claim.nsid);
    return inUse instanceof Promise
      ? inUse.then((late) => this.#isOwner(claim, late))
      : this.#isOwner(claim, inUse);
  }

  /**
   * @param inUse whether somebody has the id: it may have changed hands just before the kernel was
   * asked, or in a loss
   */
  #isOwner(claim: PendingNsid, inUse: boolean | null): boolean | null {
    if (inUse !== true) return inUse;
    const coming = this.#coming();
    if (this.#ends(claim)) return false;
    return coming?.whole === true && !this.#lost ? true : null;
  }

  #ends({ nsid, turn }: PendingNsid): boolean {
    return this.#ahead.ends(nsid, turn, this.resolver.held.has(nsid) ? 1 : 0);
  }

  /**
   * Whether events or answers were lost since this was asked last, and what differed has been taken
   * in, so that it is time to {@link askAgain}.
   */
  takeLoss(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    if (lost) this.#whole = true;
    return lost || (this.resolver.trouble.isOver && this.#whole && !this.engine.busy);
  }

  /**
   * When all that differs after a loss has been taken in: asks names for ids that changed hands in
   * it.
   */
  askAgain(): Promise<void> {
    return this.resolver.askAll(
      (nsid) => this.engine.adopt(nsid),
      (events) => this.#tell(events),
    );
  }

  /** Whether names are to be asked again, and there is no {@link askAgain} to come. */
  get doubts(): boolean {
    const { doubts, trouble } = this.resolver;
    return doubts && !this.#lost && !trouble.any && this.#whole && !this.engine.busy;
  }

  /** Whether there is more to come, although {@link next} has nothing. */
  get busy(): boolean {
    return this.engine.busy || this.resolver.held.any || this.resolver.trouble.any;
  }

  /** Whether an id is in use, whosever it is. */
  #inUse(nsid: number): boolean | null | Promise<boolean | null> {
    try {
      const states = areAssigned(this.engine.requester, [nsid]);
      if (states instanceof Promise) return states.then(([state]) => state ?? null).catch(() => null);
      return states[0] ?? null;
    } catch {
      return null;
    }
  }

  /** The next change, an id that begins, is whose the resolver found. @returns what is told */
  assigned(nsid: number): UnifiedEvent[] {
    this.#ahead.shift();
    return this.#assign(nsid);
  }

  /**
   * The next change, an id that begins, waits for its name. @param asked whether all names have
   * been asked for it
   */
  hold(nsid: number, asked: boolean): void {
    this.#ahead.shift();
    this.resolver.held.hold(nsid, asked);
  }

  /** It has waited. @returns what is told */
  assignedLate(nsid: number): UnifiedEvent[] {
    this.resolver.held.release(nsid);
    return this.#assign(nsid);
  }

  /** The next change is the end of an id. @returns what is told */
  removed(nsid: number): UnifiedEvent[] {
    this.#ahead.shift();
    const held = this.resolver.held.has(nsid) ? this.assignedLate(nsid) : [];
    return [...held, ...this.#inventory.removed(nsid)];
  }

  async close(): Promise<void> {
    this.resolver.close();
    await this.engine.close();
  }

  #mark(): void {
    this.#coming();
    this.#touched.clear();
  }

  /**
   * What is still to be taken in of all that the kernel has told by now; null: it is more than may
   * be read ahead.
   */
  #coming(): BacklogSnapshot | null {
    try {
      if (!this.readAhead()) return null;
      return { begins: this.#ahead.begins, whole: this.#whole, touched: this.#touched };
    } catch {
      // Whoever asks for the next change is told.
      return null;
    }
  }

  /** Takes in the ids that were listed, and asks whose they are. */
  async #begin(): Promise<void> {
    for (const nsid of this.engine.known) this.#inventory.adopt(nsid);
    await this.askAgain();
    const { failure } = this.resolver.trouble;
    if (failure !== null) throw failure;
    // More came meanwhile than can be told apart: as after a loss.
    if (this.resolver.doubts) this.#lost = true;
  }

  #assign(nsid: number): UnifiedEvent[] {
    this.#ahead.told(nsid);
    return this.#inventory.assigned(nsid);
  }

  #read(): NsidChange | undefined {
    for (;;) {
      const event = this.engine.next();
      // It has listed the ids, and what it tells now is what differs.
      const { resyncs } = this.engine.counters;
      if (resyncs !== this.#resyncs) {
        this.#resyncs = resyncs;
        this.#whole = false;
        this.#inventory.forgetClaims();
      }
      if (event?.type !== 'resynced') {
        if (event !== undefined) this.#touched.add(event.nsid);
        return event;
      }
      this.#lost = true;
    }
  }
}
