/**
 * The ids of one namespace, and what is told of them. Ids are used again at once, and the kernel
 * may tell of the new owner (RTM_NEWNSID) before it tells that the old one is gone (RTM_DELNSID):
 * the id changes hands under a lock, both are sent after it (`rtnl_net_notifyid`,
 * net/core/net_namespace.c). So the kernel is asked whether an id is assigned before its end is
 * told. For each id `newNsid` and `delNsid` strictly alternate.
 *
 * `owed` counts, for a known id, ends (+1) and beginnings (-1) that have come without their
 * counterpart. Together they are a change of hands. An id is *heard* if it is known by its
 * RTM_NEWNSID: another RTM_NEWNSID is of another owner, even if that one has ended too when the
 * kernel is asked: both lives are told. An id that was *listed* may have been so before its
 * RTM_NEWNSID came, which then means nothing.
 *
 * | id      | RTM_NEWNSID                              | RTM_DELNSID, id not assigned | RTM_DELNSID, id assigned                | RTM_DELNSID, kernel cannot tell |
 * | ------- | ---------------------------------------- | ---------------------------- | --------------------------------------- | ------------------------------- |
 * | unknown | `newNsid`: heard                         | nothing; `delNsid` where not all ids are known | nothing; its RTM_NEWNSID comes | as not assigned |
 * | listed  | owed > 0: `delNsid`, `newNsid`; owed - 1 | `delNsid`: unknown           | owed < 0: `delNsid`, `newNsid`; owed + 1 | owed < 0: `delNsid`, `newNsid`, owed + 1; else `delNsid`: unknown |
 * | heard   | owed > 0: `delNsid`, `newNsid`; owed - 1 | `delNsid`; for each that owed is below 0 `newNsid`, `delNsid`: unknown | owed < 0: `delNsid`, `newNsid`; owed + 1 | as of a listed one |
 *
 * After a loss the ids are listed again: what differs is told, `owed` is forgotten, all are listed.
 * An id that changed hands meanwhile looks the same. The kernel stops to find a namespace some time
 * before it frees its id and tells of it (`get_net_ns_by_id`, `cleanup_net`), so that an end may be
 * told before its RTM_DELNSID comes: `ahead` has such ids, and then that RTM_DELNSID means nothing
 * more. RTM_DELNSID of an id that is not assigned never leaves it known, whatever came before: that
 * mends what a pair the other way round has done, RTM_DELNSID before its own RTM_NEWNSID.
 * `peernet2id_alloc` could send such a pair, since it lets go of the namespace first.
 */
import type { DelNsidEvent, NewNsidEvent, NsidEvent } from '../../netlink/nsid-event.ts';

export class NsidStates {
  /** Whether all ids are known, so that the end of an unknown one is none. */
  complete: boolean;
  readonly #origin: number | undefined;
  readonly #known = new Set<number>();
  readonly #heard = new Set<number>();
  readonly #owed = new Map<number, number>();
  readonly #ahead = new Set<number>();

  /**
   * @param origin whose table it is, for the events; left out: that of the namespace that is
   * listened in
   */
  constructor(complete: boolean, origin?: number) {
    this.complete = complete;
    this.#origin = origin;
  }

  /** The ids that are told as assigned, in no order. */
  get known(): ReadonlySet<number> {
    return this.#known;
  }

  /** Takes in what was there before; nothing is told of it. */
  adopt(ids: Iterable<number>): void {
    for (const nsid of ids) this.#learn(nsid);
  }

  /** RTM_NEWNSID. @returns what to tell, in order */
  assigned(event: NewNsidEvent): NsidEvent[] {
    const { nsid } = event;
    if (!this.#known.has(nsid)) {
      this.#learn(nsid);
      this.#heard.add(nsid);
      return [event];
    }
    return this.#owe(nsid, -1) >= 0 ? [this.#end(nsid), event] : [];
  }

  /**
   * RTM_DELNSID.
   * @param isAssigned whether the id is assigned at a moment after that; null: the kernel cannot
   *   tell
   * @returns what to tell, in order
   */
  removed(event: DelNsidEvent, isAssigned: boolean | null): NsidEvent[] {
    const { nsid } = event;
    if (!this.#known.has(nsid)) {
      const isTold = this.#ahead.delete(nsid);
      return isTold || isAssigned === true || this.complete ? [] : [event];
    }
    const begun = -Math.min(0, this.#owed.get(nsid) ?? 0);
    if (isAssigned === true || (isAssigned === null && begun > 0))
      return this.#owe(nsid, 1) <= 0 ? [event, this.#begin(nsid)] : [];
    if (begun > 0) this.#ahead.add(nsid);
    const lives = this.#heard.has(nsid) ? begun : 0;
    this.#forget(nsid);
    const told: NsidEvent[] = [event];
    for (let life = 0; life < lives; life++) told.push(this.#begin(nsid), this.#end(nsid));
    return told;
  }

  /**
   * After a loss: these are assigned, and no others unless `complete` is false.
   * @param adds whether those that were unknown are told too
   */
  *reconcile(listed: ReadonlySet<number>, adds = true): Generator<NsidEvent, void> {
    this.#owed.clear();
    this.#heard.clear();
    for (const nsid of this.#known) {
      if (listed.has(nsid)) continue;
      this.#forget(nsid);
      this.#ahead.add(nsid);
      yield this.#end(nsid);
    }
    if (!adds) return;
    for (const nsid of listed) {
      if (this.#known.has(nsid)) continue;
      this.#learn(nsid);
      yield this.#begin(nsid);
    }
  }

  #owe(nsid: number, by: number): number {
    const owed = (this.#owed.get(nsid) ?? 0) + by;
    if (owed === 0) this.#owed.delete(nsid);
    else this.#owed.set(nsid, owed);
    return owed;
  }

  #learn(nsid: number): void {
    this.#known.add(nsid);
    this.#ahead.delete(nsid);
  }

  #forget(nsid: number): void {
    this.#known.delete(nsid);
    this.#owed.delete(nsid);
    this.#heard.delete(nsid);
  }

  #begin(nsid: number): NewNsidEvent {
    return this.#origin === undefined
      ? { type: 'newNsid', nsid }
      : { type: 'newNsid', nsid, origin: this.#origin };
  }

  #end(nsid: number): DelNsidEvent {
    return this.#origin === undefined
      ? { type: 'delNsid', nsid }
      : { type: 'delNsid', nsid, origin: this.#origin };
  }
}
