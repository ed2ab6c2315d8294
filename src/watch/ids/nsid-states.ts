/**
 * The nsids of one namespace, and what is emitted of them: for each, `newNsid` and `delNsid`
 * strictly alternate.
 *
 * The kernel uses an nsid again at once, and may report the new owner (RTM_NEWNSID, NEW below)
 * before the end of the old one (RTM_DELNSID, DEL): the nsid changes hands under a lock, and both
 * messages are sent after it (`rtnl_net_notifyid`, net/core/net_namespace.c). So the kernel is
 * asked whether an nsid is in use before its end is emitted. Messages without a counterpart are
 * counted for each nsid; at most one of the two counters is above 0:
 *
 * - *news*: NEWs of an nsid that was known. Each waits for the DEL of the owner before.
 * - *dels*: DELs of an nsid that was in use when the kernel was asked. Each waits for a NEW.
 *
 * A known nsid is *confirmed* if a NEW reported it: a further NEW is of a further owner, even if
 * that one has ended by the time the kernel is asked; both lives are emitted. One that came from a
 * *snapshot* may have been listed before its own NEW arrived, which then means nothing.
 *
 * | nsid     | NEW              | DEL, not in use | DEL, in use      | DEL, kernel cannot tell |
 * | -------- | ---------------- | --------------- | ---------------- | ----------------------- |
 * | unknown  | `newNsid`        | nothing (1)     | nothing          | nothing (1)             |
 * | known    | news + 1         | `delNsid`       | dels + 1         | `delNsid`               |
 * | news > 0 | news + 1         | `delNsid` (2)   | change, news - 1 | change, news - 1        |
 * | dels > 0 | change, dels - 1 | `delNsid`       | dels + 1         | `delNsid`               |
 *
 * change: `delNsid`, `newNsid`. (1) `delNsid` if not all nsids are known, and it is not expected.
 * (2) and, if confirmed, `newNsid`, `delNsid` for each of *news*; one more DEL is expected.
 *
 * A worked trace: A has nsid 7, then B, then C. *In use* is the kernel's answer after a DEL.
 *
 * | message | in use   | news | dels | emitted                                 |
 * | ------- | -------- | ---- | ---- | --------------------------------------- |
 * | NEW (A) |          | 0    | 0    | `newNsid` 7: A                          |
 * | NEW (B) |          | 1    | 0    | nothing: A's end is still to come       |
 * | DEL (A) | yes, C's | 0    | 0    | `delNsid` 7, `newNsid` 7: B             |
 * | DEL (B) | yes, C's | 0    | 1    | nothing: C's beginning is still to come |
 * | NEW (C) |          | 0    | 0    | `delNsid` 7, `newNsid` 7: C             |
 * | DEL (C) | no       | 0    | 0    | `delNsid` 7                             |
 *
 * After a loss the nsids are listed again. The differences are emitted, both counters are cleared,
 * and all nsids count as from a snapshot. An nsid that changed hands meanwhile looks unchanged.
 *
 * An end may be emitted before its DEL arrives, since the kernel stops finding a namespace some
 * time before it frees its nsid and reports that (`get_net_ns_by_id`, `cleanup_net`): such a DEL is
 * *expected*, and means nothing when it comes. A DEL of an nsid that is not in use always makes it
 * unknown, whatever came before. That recovers from a DEL before its own NEW, which
 * `peernet2id_alloc` could send, since it lets go of the namespace first.
 */
import type { DelNsidEvent, NewNsidEvent, NsidEvent } from '../../netlink/nsid-event.ts';

export class NsidStates {
  /** Whether all nsids are known, so that a DEL of an unknown one means nothing. */
  complete: boolean;
  readonly #origin: number | undefined;
  readonly #known = new Set<number>();
  readonly #confirmed = new Set<number>();
  readonly #news = new Counters();
  readonly #dels = new Counters();
  /** Their end was emitted before its DEL came. */
  readonly #expectedDeletes = new Set<number>();
  readonly #areReused: boolean;

  /**
   * @param origin the nsid of the namespace whose nsids these are, for the events; left out: the
   *   namespace that is listened in
   * @param areReused false: nobody hears of NEWs, and what is assigned is adopted: then a DEL is an
   *   end, whoever has the nsid now; one that was expected may be emitted, and none has to be
   *   remembered
   */
  constructor(complete: boolean, origin?: number, areReused = true) {
    this.complete = complete;
    this.#origin = origin;
    this.#areReused = areReused;
  }

  /** The nsids that were emitted as assigned, in no order. */
  get known(): ReadonlySet<number> {
    return this.#known;
  }

  /** Takes in what was there before. Emits nothing. */
  adopt(nsids: Iterable<number>): void {
    for (const nsid of nsids) this.#learn(nsid);
  }

  /** What was taken in is not there after all. Emits nothing. */
  disown(nsid: number): void {
    this.#forget(nsid);
  }

  /** RTM_NEWNSID of an nsid that is unknown, which is emitted as it is; false: it is known. */
  begins(nsid: number): boolean {
    if (this.#known.has(nsid)) return false;
    this.#learn(nsid);
    this.#confirmed.add(nsid);
    return true;
  }

  /** RTM_NEWNSID. @returns what to emit, in order */
  assigned(event: NewNsidEvent): NsidEvent[] {
    const { nsid } = event;
    if (this.begins(nsid)) return [event];
    if (this.#dels.take(nsid)) return [this.#end(nsid), event];
    this.#news.add(nsid);
    return [];
  }

  /**
   * RTM_DELNSID.
   * @param inUse whether somebody has the nsid at a moment after that; null: the kernel cannot tell
   * @returns what to emit, in order
   */
  removed(event: DelNsidEvent, inUse: boolean | null): NsidEvent[] {
    const { nsid } = event;
    if (!this.#known.has(nsid)) {
      const expected = this.#expectedDeletes.delete(nsid);
      return expected || inUse === true || this.complete ? [] : [event];
    }
    if (inUse !== false && this.#news.take(nsid)) return [event, this.#begin(nsid)];
    if (inUse === true && this.#areReused) {
      this.#dels.add(nsid);
      return [];
    }
    const news = this.#news.of(nsid);
    if (news > 0) this.#expectedDeletes.add(nsid);
    const lives = this.#confirmed.has(nsid) ? news : 0;
    this.#forget(nsid);
    const events: NsidEvent[] = [event];
    for (let life = 0; life < lives; life++) events.push(this.#begin(nsid), this.#end(nsid));
    return events;
  }

  /**
   * After a loss: these are assigned, and no others unless `complete` is false. What is adopted
   * from now on is younger than the list.
   * @param adds whether those that were unknown are emitted too
   */
  reconcile(listed: ReadonlySet<number>, adds = true): Generator<NsidEvent, void> {
    this.#news.clear();
    this.#dels.clear();
    this.#confirmed.clear();
    return this.#differences(
      listed,
      [...this.#known].filter((nsid) => !listed.has(nsid)),
      adds,
    );
  }

  *#differences(
    listed: ReadonlySet<number>,
    gone: readonly number[],
    adds: boolean,
  ): Generator<NsidEvent, void> {
    for (const nsid of gone) {
      this.#forget(nsid);
      if (this.#areReused) this.#expectedDeletes.add(nsid);
      yield this.#end(nsid);
    }
    if (!adds) return;
    for (const nsid of listed) {
      if (this.#known.has(nsid)) continue;
      this.#learn(nsid);
      yield this.#begin(nsid);
    }
  }

  #learn(nsid: number): void {
    this.#known.add(nsid);
    this.#expectedDeletes.delete(nsid);
  }

  #forget(nsid: number): void {
    this.#known.delete(nsid);
    this.#news.delete(nsid);
    this.#dels.delete(nsid);
    this.#confirmed.delete(nsid);
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

/** A counter for each nsid; those at 0 take no memory. */
class Counters {
  readonly #counts = new Map<number, number>();

  of(nsid: number): number {
    return this.#counts.get(nsid) ?? 0;
  }

  add(nsid: number): void {
    this.#counts.set(nsid, this.of(nsid) + 1);
  }

  /** Counts down. @returns whether it was above 0 */
  take(nsid: number): boolean {
    const count = this.of(nsid);
    if (count === 0) return false;
    if (count === 1) this.#counts.delete(nsid);
    else this.#counts.set(nsid, count - 1);
    return true;
  }

  delete(nsid: number): void {
    this.#counts.delete(nsid);
  }

  clear(): void {
    this.#counts.clear();
  }
}
