/**
 * Finds out which named namespace has an id. The kernel gives no way from an id to a name, only from a namespace to its id. So
 * namespaces whose id is not known are asked, the likeliest first: those beside the one that was found last, since somebody may go
 * through the names, then the newest, since ids are mostly assigned to new ones; in batches that grow, until one has it. Never more
 * than {@link MOST} at once for one id: the rest is asked later, for all ids together (held-ids.ts). All that is learnt is a claim.
 */
import { RTM_NEWNSID } from '../netlink/constants.ts';
import { GeneralRequest } from '../netlink/general-request.ts';
import { encodeNsIdMessage } from '../netlink/nsid-message.ts';
import type { Requester } from '../netlink/requester.ts';
import type { SystemError } from '../sys/errno.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import type { Clock } from './clock.ts';
import { HeldIds, takeNames } from './held-ids.ts';
import type { Inventory } from './inventory.ts';
import type { Claim, NameRecord } from './namespace-record.ts';
import { NsidAsker } from './nsid-asker.ts';
import type { FoundNsid, NamedNamespace } from './nsid-asker.ts';
import { Trouble } from './trouble.ts';
import type { UnifiedEvent } from './unified-events.ts';

const FIRST_BATCH = 8;
/**
 * Names that are asked at once within so many milliseconds, beyond the first batch of each id. Asking costs some 10 µs: a tenth of the time
 * when ids come and come that belong to none of the first names.
 */
const MOST = 256;
const WINDOW = 20;

/** Whether a name has the id: `'found'`; none of all names; or more would have to be asked. */
export type Search = 'found' | 'none' | 'more';

/** What the kernel has told by now and is not taken in yet. */
export interface Coming {
  /** How often each id begins in that; the last time, it begins as whose it is now. */
  begins: ReadonlyMap<number, number>;
  /** Whether an id that does not begin in it is whose it was; not after a loss, until all that differs has been taken in. */
  whole: boolean;
}

export class NsidResolver {
  readonly asker: NsidAsker;
  readonly held: HeldIds;
  /** Names that could not be asked. */
  readonly trouble: Trouble;
  readonly #inventory: Inventory;
  readonly #requester: Requester;
  readonly #coming: () => Coming | null;
  readonly #assigns: boolean;
  /** Where the one stands that was found last. */
  #place = 0;
  readonly #clock: Clock;
  /** Names asked in this window, and when it began. */
  #spent = 0;
  #since = -WINDOW;
  #doubts = false;

  /**
   * @param coming what is still to be taken in; null: nobody knows, so that an answer is worth nothing
   * @param assigns whether namespaces without an id are given one
   */
  constructor(
    { system, clock }: { system: NetlinkSystem; clock: Clock },
    inventory: Inventory,
    requester: Requester,
    coming: () => Coming | null,
    assigns: boolean,
    wake: () => void,
  ) {
    this.trouble = new Trouble(clock, wake);
    this.asker = new NsidAsker(system, requester, this.trouble.note);
    this.#inventory = inventory;
    this.#requester = requester;
    this.held = new HeldIds(inventory, clock, wake);
    this.#coming = coming;
    this.#clock = clock;
    this.#assigns = assigns;
  }

  /**
   * Asks the kernel for something that it can only refuse, and for want of privilege first (`rtnetlink_rcv_msg`).
   * @throws NetlinkError `EPERM`
   */
  async requirePrivilege(): Promise<void> {
    try {
      await this.#requester.exchange(
        new GeneralRequest({ type: RTM_NEWNSID, payload: encodeNsIdMessage({ family: 0 }) }),
      );
    } catch (error) {
      if ((error as SystemError).code === 'EPERM') throw error;
    }
  }

  /** Asks for the ids of all names. @returns those that are assigned */
  async askAll(): Promise<number[]> {
    const found: number[] = [];
    const names = [...this.#inventory.withoutId()];
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const batch = names.slice(at, at + this.asker.batch);
      await this.#ask(batch);
      for (const name of batch) {
        const { record } = name;
        if (this.#assigns && record.claim === null && record.names.size > 0)
          this.#inventory.claim(record, this.#claim(await this.#give(targetOf(name))));
        if (record.claim !== null) found.push(record.claim);
      }
    }
    return found;
  }

  /** As {@link askAll}, when what differs after a loss has been told. @param tell takes what is told of ids that changed hands */
  async askAgain(tell: (events: UnifiedEvent[]) => void): Promise<void> {
    this.#doubts = false;
    this.trouble.begin();
    this.#inventory.forgetClaims();
    const names = [...this.#inventory.withoutId()];
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const batch = names.slice(at, at + this.asker.batch);
      const found = [...(await this.asker.ask(batch.map(targetOf)))];
      if (this.#assigns) await this.#giveAll(batch, found);
      const coming = this.#coming();
      for (const [index, nsid] of found.entries()) {
        const claim = this.#claimIn(coming, nsid);
        if (claim !== null) tell(this.#inventory.takeOver((batch[index] as NameRecord).record, claim));
      }
    }
    this.trouble.end();
  }

  /** Whether names are to be asked again before anything can be said of an id that none of them has. */
  get unsure(): boolean {
    return this.#doubts || this.trouble.any;
  }

  /** Whether a name has told its id when nobody knew what was still to come, so that it was not believed, and is to be asked again. */
  get doubts(): boolean {
    return this.#doubts;
  }

  /** Asks all names, when more may be known of what is to come. */
  settleDoubts(): void | Promise<void> {
    this.#doubts = false;
    return this.#askAll([...this.#inventory.withoutId()]);
  }

  /** What a namespace that has just got a name says of its id; null: it has none. */
  claimOf(target: NamedNamespace): Claim | null | Promise<Claim | null> {
    if (this.#assigns) return this.#give(target).then((nsid) => this.#claim(nsid));
    const found = this.asker.ask([target]);
    return found instanceof Promise ? found.then(([nsid]) => this.#claim(nsid)) : this.#claim(found[0]);
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
    return this.#askAll(this.held.slice());
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

  #askAll(names: readonly NameRecord[]): void | Promise<void> {
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const done = this.#ask(names.slice(at, at + this.asker.batch));
      if (done instanceof Promise) return done.then(() => this.#askAll(names.slice(at + this.asker.batch)));
    }
  }

  #claim(nsid: number | null | undefined): Claim | null {
    return typeof nsid === 'number' ? this.#claimIn(this.#coming(), nsid) : null;
  }

  #claimIn(coming: Coming | null, nsid: number | null | undefined): Claim | null {
    if (typeof nsid !== 'number') return null;
    if (coming === null) {
      this.#doubts = true;
      return null;
    }
    const turn = coming.begins.get(nsid) ?? 0;
    return turn === 0 && !coming.whole ? null : { nsid, turn };
  }

  #ask(names: readonly NameRecord[]): void | Promise<void> {
    const found = this.asker.ask(names.map(targetOf));
    const note = (nsids: readonly (number | null | undefined)[]): void => {
      if (!nsids.some((nsid) => typeof nsid === 'number')) return;
      const coming = this.#coming();
      for (const [at, nsid] of nsids.entries()) {
        const claim = this.#claimIn(coming, nsid);
        if (claim === null) continue;
        const { record, order } = names[at] as NameRecord;
        this.#inventory.claim(record, claim);
        this.#place = order;
      }
    };
    return found instanceof Promise ? found.then(note) : note(found);
  }

  /** Gives ids to names that were found to have none, which may have been refused one for want of something. */
  async #giveAll(names: readonly NameRecord[], found: FoundNsid[]): Promise<void> {
    for (const [index, name] of names.entries())
      if (typeof found[index] !== 'number' && name.record.names.size > 0)
        found[index] = await this.#give(targetOf(name));
  }

  /** Sees to it that a namespace has an id. @returns it; null: it is gone, or the right was lost */
  async #give(target: NamedNamespace): Promise<number | null> {
    const [before] = await this.asker.ask([target]);
    if (typeof before === 'number') return before;
    try {
      await this.asker.assign(target);
    } catch {
      return null;
    }
    const [nsid] = await this.asker.ask([target]);
    return nsid ?? null;
  }
}

const targetOf = ({ path, record }: NameRecord): NamedNamespace => ({
  path,
  namespace: record.identity as NonNullable<typeof record.identity>,
});
