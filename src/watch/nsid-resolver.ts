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
import type { Inventory, NameRecord } from './inventory.ts';
import { NsidAsker } from './nsid-asker.ts';
import type { NamedNamespace } from './nsid-asker.ts';

const FIRST_BATCH = 8;
/**
 * Names that are asked at once within so many milliseconds, beyond the first batch of each id. Asking costs some 10 µs: a tenth of the time
 * when ids come and come that belong to none of the first names.
 */
const MOST = 256;
const WINDOW = 20;

/** Whether a name has the id: `'found'`; none of all names; or more would have to be asked. */
export type Search = 'found' | 'none' | 'more';

export class NsidResolver {
  readonly asker: NsidAsker;
  readonly held: HeldIds;
  readonly #inventory: Inventory;
  readonly #requester: Requester;
  readonly #assigns: boolean;
  /** Where the one stands that was found last. */
  #place = 0;
  readonly #clock: Clock;
  /** Names asked in this window, and when it began. */
  #spent = 0;
  #since = -WINDOW;

  /** @param assigns whether namespaces without an id are given one */
  constructor(
    { system, clock }: { system: NetlinkSystem; clock: Clock },
    inventory: Inventory,
    requester: Requester,
    assigns: boolean,
    wake: () => void,
  ) {
    this.asker = new NsidAsker(system, requester);
    this.#inventory = inventory;
    this.#requester = requester;
    this.held = new HeldIds(inventory, clock, wake);
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
        if (this.#assigns && record.claim === null)
          this.#inventory.claim(record, await this.#give(targetOf(name)));
        if (record.claim !== null) found.push(record.claim);
      }
    }
    return found;
  }

  /** The id of a namespace that has just got a name; null: none. */
  claimOf(target: NamedNamespace): number | null | Promise<number | null> {
    if (this.#assigns) return this.#give(target);
    const found = this.asker.ask([target]);
    return found instanceof Promise ? found.then(([nsid]) => nsid ?? null) : (found[0] ?? null);
  }

  /** Asks until a namespace has this id, and claims it. */
  find(nsid: number): Search | Promise<Search> {
    if (this.#inventory.isClaimed(nsid)) return 'found';
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

  #search(nsid: number, names: Iterator<NameRecord>, size: number): Search | Promise<Search> {
    for (;;) {
      const wanted = Math.min(size, this.asker.batch);
      const batch = takeNames(names, wanted);
      if (batch.length === 0) return 'none';
      const done = this.#ask(batch);
      this.#spent += batch.length;
      size *= 4;
      if (done instanceof Promise)
        return done.then(() => (this.#inventory.isClaimed(nsid) ? 'found' : this.#search(nsid, names, size)));
      if (this.#inventory.isClaimed(nsid)) return 'found';
      if (batch.length < wanted) return 'none';
      if (this.#spent >= MOST) return 'more';
    }
  }

  #askAll(names: readonly NameRecord[]): void | Promise<void> {
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const done = this.#ask(names.slice(at, at + this.asker.batch));
      if (done instanceof Promise) return done.then(() => this.#askAll(names.slice(at + this.asker.batch)));
    }
  }

  #ask(names: readonly NameRecord[]): void | Promise<void> {
    const found = this.asker.ask(names.map(targetOf));
    const note = (nsids: readonly (number | null | undefined)[]): void => {
      for (const [at, nsid] of nsids.entries()) {
        if (typeof nsid !== 'number') continue;
        const { record, order } = names[at] as NameRecord;
        this.#inventory.claim(record, nsid);
        this.#place = order;
      }
    };
    return found instanceof Promise ? found.then(note) : note(found);
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
