/**
 * Finds out which named namespace has an nsid. The kernel leads from a namespace to its nsid, and
 * not back. So namespaces whose nsid is not known are asked, the likeliest first: those next to the
 * name that was found last, since somebody may go through the names in order; then the newest,
 * since most nsids are assigned to new namespaces. While nsids go through the names in order, as
 * many are asked as nsids wait, so that each name is asked once. Otherwise they are asked in
 * growing batches, until one has the nsid, and no more than {@link LOOKUP_BUDGET} at once: the rest
 * is asked later, for all nsids together (deferred-nsids.ts). Each answer becomes a claim
 * (pending-nsids.ts).
 */
import type { Requester } from '../../netlink/requester.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import { batchesOf, chain, inTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Clock } from '../stream/clock.ts';
import { DeferredNsids, takeNames } from './deferred-nsids.ts';
import type { Inventory } from './inventory.ts';
import { LookupRetry } from './lookup-retry.ts';
import type { NameRecord, PendingNsid } from './namespace-record.ts';
import { NsidAssigner } from './nsid-assigner.ts';
import { targetOf } from './namespace-opener.ts';
import type { NamedNamespace, NamespaceTarget } from './namespace-target.ts';
import { NsidLookup } from './nsid-lookup.ts';
import type { FoundNsid } from './nsid-lookup.ts';
import type { BacklogSnapshot, BacklogView } from './nsid-reader.ts';
import type { UnifiedEvent } from './unified-events.ts';

const FIRST_BATCH = 8;
/**
 * Names that are asked within {@link WINDOW_MS}, beyond the first batch of each nsid. Each costs
 * some 10 µs: a tenth of the time while nsids keep coming that belong to none of the first names.
 */
const LOOKUP_BUDGET = 256;
const WINDOW_MS = 20;
/** How often a name is asked, while its nsid is reported between question and answer. */
const ATTEMPTS = 4;

/** Whether a name has the nsid: one has; none of all names; or more would have to be asked. */
export type Search = 'found' | 'none' | 'more';

export class NsidResolver {
  readonly lookup: NsidLookup;
  readonly deferred: DeferredNsids;
  /** Names that could not be asked. */
  readonly retry: LookupRetry;
  readonly #inventory: Inventory;
  readonly #backlog: BacklogView;
  readonly #assigner: NsidAssigner | null;
  readonly #clock: Clock;
  /** The order of the name that was found last. */
  #lastFound = 0;
  /** Whether that was a neighbour of the one before. */
  #isInOrder = false;
  /** Names asked in this window, and when it began. */
  #spent = 0;
  #windowStart = -WINDOW_MS;
  #unconfirmed = false;

  /**
   * @param backlog what is still to be taken in: without knowing it, no answer can be trusted
   * @param assigns whether namespaces without an nsid are given one
   */
  constructor(
    { system, clock }: { system: NetlinkSystem; clock: Clock },
    inventory: Inventory,
    requester: Requester,
    backlog: BacklogView,
    assigns: boolean,
    wake: () => void,
  ) {
    this.retry = new LookupRetry(clock, wake);
    this.lookup = new NsidLookup(system, requester, this.retry.fail);
    this.deferred = new DeferredNsids(inventory, clock, wake);
    this.#assigner = assigns ? new NsidAssigner(requester, this.lookup) : null;
    this.#inventory = inventory;
    this.#backlog = backlog;
    this.#clock = clock;
  }

  /** Gives nsids to the names that are there. @throws NetlinkError `EPERM` */
  async prepare(): Promise<void> {
    await this.#assigner?.requirePrivilege();
    await this.#assigner?.assignAll(this.#inventory.names.unresolved());
  }

  /**
   * Asks all names that have none for their nsids, when all nsids were listed: at the start, and
   * when the differences after a loss have been taken in. An nsid that a name has now, and somebody
   * else had before, has changed hands.
   * @param adopt takes an nsid that a name has, and that is neither listed nor to come: the
   *   kernel's list was cut off
   * @param report takes the events
   */
  async askAll(adopt: (nsid: number) => void, report: (events: UnifiedEvent[]) => void): Promise<void> {
    this.#unconfirmed = false;
    this.retry.restart();
    this.#inventory.forgetClaims();
    for (const batch of batchesOf([...this.#inventory.names.unresolved()], this.lookup.batch)) {
      const targets = batch.map(targetOf);
      let claims = await this.#claims(targets);
      if (this.#assigner !== null && (await this.#assigner.assignMissing(batch, claims)))
        claims = await this.#claims(targets);
      for (const [at, claim] of claims.entries())
        if (claim !== null) report(this.#inventory.takeOver((batch[at] as NameRecord).record, claim));
    }
    const pendingAssigns = this.#backlog.snapshot()?.pendingAssigns;
    for (const nsid of this.#inventory.nsids.claimed) {
      if (pendingAssigns?.has(nsid) !== false) continue;
      adopt(nsid);
      report(this.#inventory.assigned(nsid));
    }
    this.retry.succeed();
  }

  /**
   * Whether names have to be asked again before anything can be said of an nsid that none of them
   * has.
   */
  get needsRetry(): boolean {
    return this.#unconfirmed || this.retry.pending;
  }

  /**
   * Whether a name has answered while it was not known what is still to come, so that the answer
   * was not used.
   */
  get unconfirmed(): boolean {
    return this.#unconfirmed;
  }

  /** Asks all names again, when more may be known of what is to come. */
  confirm(): MaybePromise<void> {
    this.#unconfirmed = false;
    return this.#askEach([...this.#inventory.names.unresolved()]);
  }

  /** The nsid of a namespace that has just got a name; null: it has none. */
  claimOf(target: NamedNamespace): MaybePromise<PendingNsid | null> {
    const assigner = this.#assigner;
    const assigned =
      assigner === null || this.#inventory.isOwn(target.namespace) ? undefined : assigner.assign(target);
    return chain(assigned, () => this.claimOfUnnamed(target));
  }

  /** The same of one that has no name, and so gets no nsid from here. */
  claimOfUnnamed(target: NamespaceTarget): MaybePromise<PendingNsid | null> {
    return chain(this.#claims([target]), ([claim]) => claim ?? null);
  }

  /** Asks until a namespace has this nsid, and claims it. */
  find(nsid: number): MaybePromise<Search> {
    if (this.#inventory.nsids.isClaimed(nsid)) return 'found';
    if (this.needsRetry) return 'more';
    const now = this.#clock.now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#spent = 0;
    }
    const last = this.#lastFound;
    if (!this.#isInOrder)
      return this.#search(nsid, this.#inventory.names.unresolved(last), FIRST_BATCH, last > 0);
    const waiting = this.#backlog.snapshot()?.pendingAssigns.size ?? 1;
    return this.#search(nsid, this.#inventory.names.unresolved(last, waiting), Math.max(1, waiting), true);
  }

  /** Asks on for nsids that are deferred, when it is time for that. */
  askOn(): MaybePromise<void> {
    return this.#askEach(this.deferred.slice());
  }

  close(): void {
    this.deferred.close();
    this.retry.close();
  }

  /** @param isNear whether the first of these are the neighbours of the name that was found last */
  #search(nsid: number, names: Iterator<NameRecord>, size: number, isNear = false): MaybePromise<Search> {
    const wanted = Math.min(size, this.lookup.batch);
    const batch = takeNames(names, wanted);
    if (batch.length === 0) return 'none';
    this.#spent += batch.length;
    return chain(this.#ask(batch), () => {
      const outcome = this.#outcome(nsid, batch.length < wanted);
      this.#isInOrder = isNear && outcome === 'found';
      return outcome ?? this.#search(nsid, names, Math.max(FIRST_BATCH, size * 4));
    });
  }

  /** What a search has come to; null: it goes on. @param all whether all names have been asked */
  #outcome(nsid: number, all: boolean): Search | null {
    if (this.#inventory.nsids.isClaimed(nsid)) return 'found';
    if (this.needsRetry) return 'more';
    if (all) return 'none';
    return this.#spent >= LOOKUP_BUDGET ? 'more' : null;
  }

  #askEach(names: readonly NameRecord[]): MaybePromise<void> {
    return inTurn(batchesOf(names, this.lookup.batch), (batch) => this.#ask(batch));
  }

  #ask(names: readonly NameRecord[]): MaybePromise<void> {
    return chain(this.#claims(names.map(targetOf)), (claims) => {
      for (const [at, claim] of claims.entries()) {
        if (claim === null) continue;
        const { record, order } = names[at] as NameRecord;
        this.#inventory.claim(record, claim);
        this.#lastFound = order;
      }
    });
  }

  /**
   * The nsids that namespaces have. If such an nsid was reported between question and answer,
   * either of the two may be older: that namespace is asked again.
   */
  #claims(targets: readonly NamespaceTarget[], attempt = 1): MaybePromise<(PendingNsid | null)[]> {
    this.#backlog.mark();
    return chain(this.lookup.ask(targets), (found) => {
      const snapshot = found.some(isNsid) ? this.#backlog.snapshot() : null;
      const claims = found.map((nsid) => this.#claimIn(snapshot, nsid));
      const touched = [...found.keys()].filter((at) => snapshot?.touched.has(found[at] ?? -1) === true);
      if (touched.length === 0) return claims;
      const again = attempt < ATTEMPTS ? touched.map((at) => targets[at] as NamespaceTarget) : [];
      if (again.length === 0) this.#unconfirmed = true;
      return chain(again.length === 0 ? [] : this.#claims(again, attempt + 1), (late) => {
        for (const [index, at] of touched.entries()) claims[at] = late[index] ?? null;
        return claims;
      });
    });
  }

  #claimIn(snapshot: BacklogSnapshot | null, nsid: FoundNsid): PendingNsid | null {
    if (!isNsid(nsid)) return null;
    if (snapshot === null) {
      this.#unconfirmed = true;
      return null;
    }
    const generation = snapshot.pendingAssigns.get(nsid) ?? 0;
    return generation === 0 && !snapshot.inSync ? null : { nsid, generation };
  }
}

const isNsid = (nsid: FoundNsid): nsid is number => typeof nsid === 'number';
