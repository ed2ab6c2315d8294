/**
 * Finds out which named namespace has an id. The kernel gives no way from an id to a name, only from a namespace to its id. So
 * namespaces whose id is not known are asked, the newest first, since ids are mostly assigned to new ones; in batches that grow,
 * until one of them has it; and never more than {@link MOST} for one id. Everything that is learnt is a claim in the inventory.
 */
import { RTM_NEWNSID } from '../netlink/constants.ts';
import { GeneralRequest } from '../netlink/general-request.ts';
import { encodeNsIdMessage } from '../netlink/nsid-message.ts';
import type { Requester } from '../netlink/requester.ts';
import type { SystemError } from '../sys/errno.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import type { Clock } from './clock.ts';
import type { Inventory, NameRecord } from './inventory.ts';
import { NsidAsker } from './nsid-asker.ts';
import type { NamedNamespace } from './nsid-asker.ts';

const FIRST_BATCH = 8;
/** Asking costs some 10 µs: at most a few milliseconds for an id that belongs to none of the names. */
const MOST = 512;
/** For how long an id waits for the name that will have it, in milliseconds. Its mount has been made before. */
const HOLD = 100;

export class NsidResolver {
  readonly asker: NsidAsker;
  readonly #inventory: Inventory;
  readonly #requester: Requester;
  readonly #clock: Clock;
  readonly #assigns: boolean;
  readonly #wake: () => void;
  readonly #answered: () => void;
  /** Ids that wait for a name, and until when. */
  readonly #held = new Map<number, number>();
  #cancel: (() => void) | null = null;

  /**
   * @param assigns whether namespaces without an id are given one
   * @param answered called when the kernel has answered, and before its answer is taken in: what it told by then is older
   */
  constructor(
    { system, clock }: { system: NetlinkSystem; clock: Clock },
    inventory: Inventory,
    requester: Requester,
    assigns: boolean,
    wake: () => void,
    answered: () => void,
  ) {
    this.asker = new NsidAsker(system, requester);
    this.#inventory = inventory;
    this.#requester = requester;
    this.#clock = clock;
    this.#assigns = assigns;
    this.#wake = wake;
    this.#answered = answered;
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

  /** Asks for the ids of all names. */
  async askAll(): Promise<void> {
    const names = [...this.#inventory.withoutId()];
    for (let at = 0; at < names.length; at += this.asker.batch) {
      const batch = names.slice(at, at + this.asker.batch);
      await this.#ask(batch);
      if (!this.#assigns) continue;
      for (const name of batch)
        if (name.record.claim === null && name.record.nsid === null)
          this.#inventory.claim(name.record, await this.#give(targetOf(name)));
    }
  }

  /** The id of a namespace that has just got a name; null: none. */
  claimOf(target: NamedNamespace): number | null | Promise<number | null> {
    if (this.#assigns) return this.#give(target);
    const found = this.asker.ask([target]);
    return found instanceof Promise ? found.then(([nsid]) => nsid ?? null) : (found[0] ?? null);
  }

  /** Asks until a namespace has this id. @returns whether one has, and claims it */
  find(nsid: number): boolean | Promise<boolean> {
    if (this.#inventory.isClaimed(nsid)) return true;
    return this.#search(nsid, this.#inventory.withoutId(), FIRST_BATCH, 0);
  }

  /** An id waits for its name. */
  hold(nsid: number): void {
    this.#held.set(nsid, this.#clock.now() + HOLD);
    this.#cancel?.();
    this.#cancel = this.#clock.after(HOLD, this.#wake);
  }

  /** Whether ids wait. */
  get holds(): boolean {
    return this.#held.size > 0;
  }

  isHeld(nsid: number): boolean {
    return this.#held.has(nsid);
  }

  /** It waits no more. @returns whether it did */
  release(nsid: number): boolean {
    return this.#held.delete(nsid);
  }

  /**
   * The next id that need not wait any more, if there is one: it is claimed, no name can come (any more), or its time is up.
   * @param pending whether names are held back that may have it
   */
  due(pending: boolean): number | undefined {
    const now = this.#clock.now();
    for (const [nsid, until] of this.#held) {
      if (pending && now < until && !this.#inventory.isClaimed(nsid)) continue;
      this.#held.delete(nsid);
      return nsid;
    }
    return undefined;
  }

  close(): void {
    this.#cancel?.();
    this.#held.clear();
  }

  #search(
    nsid: number,
    names: Iterator<NameRecord>,
    size: number,
    asked: number,
  ): boolean | Promise<boolean> {
    for (;;) {
      const batch = take(names, Math.min(size, this.asker.batch, MOST - asked));
      if (batch.length === 0) return false;
      const done = this.#ask(batch);
      asked += batch.length;
      size *= 4;
      if (done instanceof Promise)
        return done.then(() => this.#inventory.isClaimed(nsid) || this.#search(nsid, names, size, asked));
      if (this.#inventory.isClaimed(nsid)) return true;
    }
  }

  #ask(names: readonly NameRecord[]): void | Promise<void> {
    const found = this.asker.ask(names.map(targetOf));
    const note = (nsids: readonly (number | null | undefined)[]): void => {
      this.#answered();
      for (const [at, nsid] of nsids.entries())
        this.#inventory.claim((names[at] as NameRecord).record, nsid ?? null);
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

function take(names: Iterator<NameRecord>, most: number): NameRecord[] {
  const taken: NameRecord[] = [];
  while (taken.length < most) {
    const { value, done } = names.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

const targetOf = ({ path, record }: NameRecord): NamedNamespace => ({
  path,
  namespace: record.identity as NonNullable<typeof record.identity>,
});
