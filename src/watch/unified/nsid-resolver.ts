/**
 * Finds out which named namespace has an id. The kernel gives no way from an id to a name, only
 * from a namespace to its id. So namespaces whose id is not known are asked, the likeliest first:
 * those beside the one that was found last, since somebody may go through the names, then the
 * newest, since ids are mostly assigned to new ones; in batches that grow, until one has it. Never
 * more than {@link MOST} at once for one id: the rest is asked later, for all ids together
 * (held-ids.ts). All that is learnt is a claim.
 */
import { RTM_NEWNSID } from '../../netlink/constants.ts';
import { GeneralRequest } from '../../netlink/general-request.ts';
import { encodeNsidMessage } from '../../netlink/nsid-message.ts';
import type { Requester } from '../../netlink/requester.ts';
import type { SystemError } from '../../sys/errno.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import type { Clock } from '../stream/clock.ts';
import { DeferredNsids, takeNames } from './deferred-nsids.ts';
import type { Inventory } from './inventory.ts';
import type { PendingNsid, NameRecord } from './namespace-record.ts';
import { NsidLookup } from './nsid-lookup.ts';
import type { FoundNsid, NamedNamespace } from './nsid-lookup.ts';
import { LookupRetry } from './lookup-retry.ts';
import type { UnifiedEvent } from './unified-events.ts';

const FIRST_BATCH = 8;
/**
 * Names that are asked at once within so many milliseconds, beyond the first batch of each id.
 * Asking costs some 10 µs: a tenth of the time when ids come and come that belong to none of the
 * first names.
 */
const MOST = 256;
const WINDOW = 20;
/** How often a name is asked until nothing is told of its id meanwhile. */
const ATTEMPTS = 4;

/** Whether a name has the id: `'found'`; none of all names; or more would have to be asked. */
export type Search = 'found' | 'none' | 'more';

/** What the kernel has told by now and is not taken in yet. */
export interface BacklogSnapshot {
  /** How often each id begins in that; the last time, it begins as whose it is now. */
  begins: ReadonlyMap<number, number>;
  /**
   * Whether an id that does not begin in it is whose it was; not after a loss, until all that
   * differs has been taken in.
   */
  whole: boolean;
  /** The ids of which something was told since {@link Ahead.mark}. */
  touched: ReadonlySet<number>;
}

/** What the kernel tells, read ahead of its turn. */
export interface Ahead {
  /** Reads all of it, before a question. */
  mark(): unknown;
  /** Reads the rest, after the answer; null: it is more than may be read. */
  coming(): BacklogSnapshot | null;
}

export class NsidResolver {
  readonly asker: NsidLookup;
  readonly held: DeferredNsids;
  /** Names that could not be asked. */
  readonly trouble: LookupRetry;
  readonly #inventory: Inventory;
  readonly #requester: Requester;
  readonly #ahead: Ahead;
  readonly #assigns: boolean;
  /** Where the one stands that was found last. */
  #place = 0;
  readonly #clock: Clock;
  /** Names asked in this window, and when it began. */
  #spent = 0;
  #since = -WINDOW;
  #doubts = false;

  /**
   * @param ahead what is still to be taken in; where nobody knows an answer is worth nothing
   * @param assigns whether namespaces without an id are given one
   */
  constructor(
    { system, clock }: { system: NetlinkSystem; clock: Clock },
    inventory: Inventory,
    requester: Requester,
    ahead: Ahead,
    assigns: boolean,
    wake: () => void,
  ) {
    this.trouble = new LookupRetry(clock, wake);
    this.asker = new NsidLookup(system, requester, this.trouble.note);
    this.#inventory = inventory;
    this.#requester = requester;
    this.held = new DeferredNsids(inventory, clock, wake);
    this.#ahead = ahead;
    this.#clock = clock;
    this.#assigns = assigns;
  }

  /**
   * Asks the kernel for something that it can only refuse, and for want of privilege first
   * (`rtnetlink_rcv_msg`).
   * @throws NetlinkError `EPERM`
   */
  async requirePrivilege(): Promise<void> {
    try {
      await this.#requester.exchange(
        new GeneralRequest({ type: RTM_NEWNSID, payload: encodeNsidMessage({ family: 0 }) }),
      );
    } catch (error) {
      if ((error as SystemError).code === 'EPERM') throw error;
    }
  }

  /** Sees to it that all names have ids. */
  async assignAll(): Promise<void> {
    for (const { record, ...name } of this.#inventory.withoutId())
      if (!record.own) await this.#give(targetOf(name));
  }

  /**
   * Asks for the ids of all names that have none, when all ids were listed: at the start, and when
   * what differs after a loss has been told. An id that a name has now, and somebody else had
   * before, has changed hands.
   * @param list takes an id that a name has, and that is neither listed nor to come: the kernel's
   *   list was cut off
   * @param tell takes what is told
   */
  async askAll(list: (nsid: number) => void, tell: (events: UnifiedEvent[]) => void): Promise<void> {
    this.#doubts = false;
    this.trouble.begin();
    this.#inventory.forgetClaims();
    const names = [...this.#inventory.withoutId()];
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const batch = names.slice(at, at + this.asker.batch);
      let claims = await this.#claims(batch.map(targetOf));
      if (this.#assigns && (await this.#giveAll(batch, claims)))
        claims = await this.#claims(batch.map(targetOf));
      for (const [index, claim] of claims.entries())
        if (claim !== null) tell(this.#inventory.takeOver((batch[index] as NameRecord).record, claim));
    }
    const begins = this.#ahead.coming()?.begins;
    for (const nsid of this.#inventory.claimed()) {
      if (begins?.has(nsid) !== false) continue;
      list(nsid);
      tell(this.#inventory.assigned(nsid));
    }
    this.trouble.end();
  }

  /**
   * Whether names are to be asked again before anything can be said of an id that none of them has.
   */
  get unsure(): boolean {
    return this.#doubts || this.trouble.any;
  }

  /**
   * Whether a name has told its id when nobody knew what was still to come, so that it was not
   * believed, and is to be asked again.
   */
  get doubts(): boolean {
    return this.#doubts;
  }

  /** Asks all names, when more may be known of what is to come. */
  settleDoubts(): void | Promise<void> {
    this.#doubts = false;
    return this.#askOn([...this.#inventory.withoutId()]);
  }

  /** What a namespace that has just got a name says of its id; null: it has none. */
  claimOf(target: NamedNamespace): PendingNsid | null | Promise<PendingNsid | null> {
    if (this.#assigns && !this.#inventory.isOwn(target.namespace))
      return this.#give(target).then(async () => first(await this.#claims([target])));
    return after(this.#claims([target]), first);
  }

  /** Asks until a namespace has this id, and claims it. */
  find(nsid: number): Search | Promise<Search> {
    if (this.#inventory.isClaimed(nsid)) return 'found';
    if (this.unsure) return 'more';
    const now = this.#clock.now();
    if (now - this.#since >= WINDOW) {
      this.#since = now;
      this.#spent = 0;
    }
    return this.#search(nsid, this.#inventory.withoutId(this.#place), FIRST_BATCH);
  }

  /** Asks on for ids that are held, when it is time for that. */
  askOn(): void | Promise<void> {
    return this.#askOn(this.held.slice());
  }

  close(): void {
    this.held.close();
    this.trouble.close();
  }

  #search(nsid: number, names: Iterator<NameRecord>, size: number): Search | Promise<Search> {
    for (;;) {
      const wanted = Math.min(size, this.asker.batch);
      const batch = takeNames(names, wanted);
      if (batch.length === 0) return 'none';
      const done = this.#ask(batch);
      this.#spent += batch.length;
      size *= 4;
      if (done instanceof Promise)
        return done.then(() => this.#outcome(nsid, batch.length < wanted) ?? this.#search(nsid, names, size));
      const outcome = this.#outcome(nsid, batch.length < wanted);
      if (outcome !== null) return outcome;
    }
  }

  /** What a search has come to; null: it goes on. @param all whether all names have been asked */
  #outcome(nsid: number, all: boolean): Search | null {
    if (this.#inventory.isClaimed(nsid)) return 'found';
    if (this.unsure) return 'more';
    if (all) return 'none';
    return this.#spent >= MOST ? 'more' : null;
  }

  #askOn(names: readonly NameRecord[]): void | Promise<void> {
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const done = this.#ask(names.slice(at, at + this.asker.batch));
      if (done instanceof Promise) return done.then(() => this.#askOn(names.slice(at + this.asker.batch)));
    }
  }

  /**
   * What namespaces say of their ids. What is told of such an id meanwhile may be older than the
   * answer or newer, so that is asked again.
   */
  #claims(
    targets: readonly NamedNamespace[],
    attempt = 1,
  ): (PendingNsid | null)[] | Promise<(PendingNsid | null)[]> {
    this.#ahead.mark();
    return after(this.asker.ask(targets), (found) => {
      const coming = found.some(isId) ? this.#ahead.coming() : null;
      const claims = found.map((nsid) => this.#claimIn(coming, nsid));
      const unsure = [...found.keys()].filter((at) => coming?.touched.has(found[at] ?? -1) === true);
      if (unsure.length === 0) return claims;
      const again = attempt < ATTEMPTS ? unsure.map((at) => targets[at] as NamedNamespace) : [];
      if (again.length === 0) this.#doubts = true;
      return after(again.length === 0 ? [] : this.#claims(again, attempt + 1), (late) => {
        for (const [index, at] of unsure.entries()) claims[at] = late[index] ?? null;
        return claims;
      });
    });
  }

  #claimIn(coming: BacklogSnapshot | null, nsid: FoundNsid): PendingNsid | null {
    if (!isId(nsid)) return null;
    if (coming === null) {
      this.#doubts = true;
      return null;
    }
    const turn = coming.begins.get(nsid) ?? 0;
    return turn === 0 && !coming.whole ? null : { nsid, turn };
  }

  #ask(names: readonly NameRecord[]): void | Promise<void> {
    return after(this.#claims(names.map(targetOf)), (claims) => {
      for (const [at, claim] of claims.entries()) {
        if (claim === null) continue;
        const { record, order } = names[at] as NameRecord;
        this.#inventory.claim(record, claim);
        this.#place = order;
      }
    });
  }

  /**
   * Gives ids to names that were found to have none, which may have been refused one for want of
   * something. @returns whether to any
   */
  async #giveAll(names: readonly NameRecord[], claims: readonly (PendingNsid | null)[]): Promise<boolean> {
    const without = names.filter(({ record }, at) => claims[at] === null && !record.own);
    for (const name of without) await this.#give(targetOf(name));
    return without.length > 0;
  }

  /** Sees to it that a namespace has an id, unless it is gone, or the right was lost. */
  async #give(target: NamedNamespace): Promise<void> {
    const [before] = await this.asker.ask([target]);
    if (isId(before)) return;
    try {
      await this.asker.assign(target);
    } catch {
      // It has none, and nobody is told of its end.
    }
  }
}

const first = (claims: readonly (PendingNsid | null)[]): PendingNsid | null => claims[0] ?? null;

const isId = (nsid: FoundNsid): nsid is number => typeof nsid === 'number';

/** Goes on with a value that is mostly there at once. */
function after<T, U>(value: T | Promise<T>, goOn: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then((late) => goOn(late)) : goOn(value);
}

const targetOf = ({ path, seen }: Pick<NameRecord, 'path' | 'seen'>): NamedNamespace => ({
  path,
  namespace: seen as NonNullable<typeof seen>,
});
