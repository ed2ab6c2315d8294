/**
 * The nsids as the unified watcher takes them in: the changes in order (nsid-reader.ts), each with
 * the namespace that has the nsid (nsid-resolver.ts).
 */
import { areAssigned } from '../../netlink/nsid-listing.ts';
import { attempt, chain } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import { NsidEngine } from '../ids/nsid-engine.ts';
import type { SubscriberIo } from '../ids/nsid-engine.ts';
import type { Inventory } from './inventory.ts';
import type { PendingNsid } from './namespace-record.ts';
import type { NsidChange } from './nsid-backlog.ts';
import type { NamedNamespace, NamespaceTarget } from './namespace-target.ts';
import { NsidReader } from './nsid-reader.ts';
import { NsidResolver } from './nsid-resolver.ts';
import type { UnifiedEvent } from './unified-events.ts';
import type { UnifiedSettings } from './unified-options.ts';

export class NsidSource {
  readonly engine: NsidEngine;
  readonly resolver: NsidResolver;
  readonly #reader: NsidReader;
  #batches = 0;
  readonly #inventory: Inventory;
  readonly #assigns: boolean;

  private constructor(
    io: SubscriberIo,
    engine: NsidEngine,
    inventory: Inventory,
    assigns: boolean,
    wake: () => void,
  ) {
    this.engine = engine;
    this.#inventory = inventory;
    this.#assigns = assigns;
    this.#reader = new NsidReader(engine, inventory);
    this.resolver = new NsidResolver(io, inventory, engine.requester, this.#reader, assigns, wake);
  }

  /**
   * Takes in the nsids that are assigned, and finds out who has them.
   * @param inventory with the names that are there
   * @param wake called when an nsid need not wait any longer
   * @param report takes the events of ends that were read ahead, which go before all others
   * @throws as `NamespaceEventSubscriber.open`; NetlinkError `EPERM` where nsids are to be assigned
   *   and may not be
   */
  static async open(
    io: SubscriberIo,
    { assignNsids, bufferSize, signal, receiveBufferSize }: UnifiedSettings,
    inventory: Inventory,
    wake: () => void,
    report: (events: UnifiedEvent[]) => void,
  ): Promise<NsidSource> {
    const settings = { bufferSize, signal, receiveBufferSize, place: {}, allNamespaces: false };
    const engine = new NsidEngine(io, settings);
    const source = new NsidSource(io, engine, inventory, assignNsids, wake);
    try {
      await source.#load();
    } catch (error) {
      await source.close();
      throw error;
    }
    source.#reader.start(report);
    return source;
  }

  /**
   * The next change, which is then to be {@link assigned}, {@link defer}red or {@link removed};
   * undefined: none for now.
   * @throws what ends the subscription
   */
  next(): NsidChange | undefined {
    const { failure } = this.resolver.retry;
    if (failure !== null) throw failure;
    return this.#reader.next();
  }

  /**
   * The nsid of a namespace that has just got a name; null: it has none. All nsids are known, and
   * the kernel has reported none since: it does so when it assigns one, or says that it could not.
   * Then the namespace has none, unless it is one of those that are known by their nsid alone. So
   * nobody has to ask: an nsid that is assigned just now is reported.
   */
  claimOf(target: NamedNamespace): MaybePromise<PendingNsid | null> {
    return this.#areAllKnown ? null : this.resolver.claimOf(target);
  }

  /** The same of one that has no name, and was found. */
  claimOfUnnamed(target: NamespaceTarget): MaybePromise<PendingNsid | null> {
    return this.#areAllKnown ? null : this.resolver.claimOfUnnamed(target);
  }

  /** As `NsidReader.readAhead`. @throws what ends the subscription */
  readAhead(): void {
    this.#reader.readAhead();
  }

  /** Whether notifications were received, or nsids listed, since this was asked last. */
  takeBatch(): boolean {
    const batches = this.engine.batches + this.engine.resyncs;
    const isNew = batches !== this.#batches;
    this.#batches = batches;
    return isNew;
  }

  /** Whether a namespace lives, by its nsid; null: unknown. */
  isAlive(claim: PendingNsid): MaybePromise<boolean | null> {
    if (this.#hasEnded(claim)) return false;
    return chain(this.#isInUse(claim.nsid), (inUse) => this.#isOwner(claim, inUse));
  }

  /**
   * Whether events or answers were lost since this was asked last, and what differed has been taken
   * in, so that it is time to {@link askAgain}.
   */
  takeLoss(): boolean {
    return this.#reader.takeLoss() || (this.resolver.retry.isDue && this.#reader.settled);
  }

  /**
   * Asks names for nsids that changed hands in a loss, when all that differs has been taken in.
   * @param report takes the events
   */
  askAgain(report: (events: UnifiedEvent[]) => void): Promise<void> {
    return this.resolver.askAll((nsid) => this.engine.adopt(nsid), report);
  }

  /** Whether names are to be asked again, and no {@link askAgain} is to come. */
  get unconfirmed(): boolean {
    const { unconfirmed, retry } = this.resolver;
    return unconfirmed && !this.#reader.lost && !retry.pending && this.#reader.settled;
  }

  /** Whether more may follow, although {@link next} has nothing. */
  get busy(): boolean {
    return this.engine.awaitingKernel || this.resolver.deferred.any || this.resolver.retry.pending;
  }

  /** The next change assigns an nsid, to whom the resolver found. @returns what to emit */
  assigned(nsid: number): UnifiedEvent[] {
    this.#reader.shift();
    return this.#assign(nsid);
  }

  /**
   * The next change assigns an nsid, which waits for its name. @param asked whether all names have
   * been asked for it
   */
  defer(nsid: number, asked: boolean): void {
    this.#reader.shift();
    this.resolver.deferred.defer(nsid, asked);
  }

  /** It has waited. @returns what to emit */
  assignedLate(nsid: number): UnifiedEvent[] {
    this.resolver.deferred.release(nsid);
    return this.#assign(nsid);
  }

  /** The next change is the end of an nsid. @returns what to emit */
  removed(nsid: number): UnifiedEvent[] {
    this.#reader.shift();
    const late = this.resolver.deferred.has(nsid) ? this.assignedLate(nsid) : [];
    return [...late, ...this.#inventory.removed(nsid)];
  }

  async close(): Promise<void> {
    this.resolver.close();
    await this.engine.close();
  }

  /** Lists the nsids, and asks the names for theirs. */
  async #load(): Promise<void> {
    await this.resolver.prepare();
    await this.engine.list();
    for (const nsid of this.engine.known) this.#inventory.adopt(nsid);
    // None is assigned whose owner could be among the names.
    if (this.#areAllKnown) return;
    // What is reported meanwhile is part of the snapshot.
    await this.askAgain(() => {});
    const { failure } = this.resolver.retry;
    if (failure !== null) throw failure;
    if (this.resolver.unconfirmed) this.#reader.setLost();
  }

  /** Whether all nsids, and whose they are, are known. */
  get #areAllKnown(): boolean {
    if (this.#assigns || !this.engine.complete || this.#inventory.nsids.hasUnknown) return false;
    return this.#reader.isCurrent();
  }

  #assign(nsid: number): UnifiedEvent[] {
    this.#reader.commit(nsid);
    return this.#inventory.assigned(nsid);
  }

  /**
   * @param inUse whether somebody has the nsid, which may have changed hands just before the kernel
   *   was asked, or in a loss
   */
  #isOwner(claim: PendingNsid, inUse: boolean | null): boolean | null {
    if (inUse !== true) return inUse;
    const snapshot = this.#reader.snapshot();
    if (this.#hasEnded(claim)) return false;
    return snapshot?.inSync === true && !this.#reader.lost ? true : null;
  }

  #hasEnded({ nsid, generation }: PendingNsid): boolean {
    return this.#reader.endsAfter(nsid, generation, this.resolver.deferred.has(nsid) ? 1 : 0);
  }

  /** Whether anybody has an nsid. */
  #isInUse(nsid: number): MaybePromise<boolean | null> {
    const answers = attempt<(boolean | null)[]>(
      () => areAssigned(this.engine.requester, [nsid]),
      () => [],
    );
    return chain(answers, ([inUse]) => inUse ?? null);
  }
}
