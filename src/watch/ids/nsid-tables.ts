/**
 * The nsids of the namespace that is listened in and, with `allNamespaces`, of those that have an
 * nsid in it: one {@link NsidStates} for each. NsidGroupReader and listings in, events out.
 */
import type { NsidLoss } from '../../netlink/nsid-group-reader.ts';
import type { NsidEvent } from '../../netlink/nsid-event.ts';
import type { NamespaceIdEvent } from './nsid-events.ts';
import { NsidStates } from './nsid-states.ts';

/** Whether somebody has an nsid; null: the kernel cannot tell. */
export type InUse = boolean | null;

/** All nsids, as they were listed after a loss. */
export interface NsidLists {
  nsids: ReadonlySet<number>;
  complete: boolean;
  /** By origin; null: that namespace is gone, or cannot be asked. */
  others: ReadonlyMap<number, ReadonlySet<number> | null>;
}

export class NsidTables {
  readonly areReused: boolean;
  readonly #own: NsidStates;
  /** By the nsid of their namespace. */
  readonly #others = new Map<number, NsidStates>();

  /**
   * @param nsids those that are assigned in the namespace that is listened in
   * @param areReused as of {@link NsidStates}
   */
  constructor(nsids: Iterable<number>, complete: boolean, areReused = true) {
    this.areReused = areReused;
    this.#own = new NsidStates(complete, undefined, areReused);
    this.#own.adopt(nsids);
  }

  /** The nsids in the namespace that is listened in. */
  get known(): ReadonlySet<number> {
    return this.#own.known;
  }

  /** Whether all of {@link known} could be listed. */
  get complete(): boolean {
    return this.#own.complete;
  }

  /** The namespaces from which something was reported, by their nsids. */
  get origins(): Iterable<number> {
    return this.#others.keys();
  }

  /** An nsid that is assigned and was not listed. Emits nothing. */
  adopt(nsid: number): void {
    this.#own.adopt([nsid]);
  }

  /** It is assigned to nobody after all. Emits nothing. */
  disown(nsid: number): void {
    this.#own.disown(nsid);
  }

  /**
   * Takes in a notification that needs no more than that: what most of them are.
   * @returns whether it is to be emitted as it is; false: nothing was done
   */
  takeIn(event: NsidEvent): boolean {
    return event.type === 'newNsid' && event.origin === undefined && this.#own.begins(event.nsid);
  }

  /**
   * Takes in notifications.
   * @param answers for each that removes an nsid of the namespace that is listened in, in order
   */
  apply(events: readonly NsidEvent[], answers: InUse[]): Iterator<NsidEvent, void> {
    return this.#changes(events, answers);
  }

  *#changes(events: readonly NsidEvent[], answers: InUse[]): Generator<NsidEvent, void> {
    let asked = 0;
    for (const event of events) {
      const { origin } = event;
      if (origin !== undefined) {
        const table = this.#of(origin);
        yield* event.type === 'newNsid' ? table.assigned(event) : table.removed(event, null);
        continue;
      }
      const changes =
        event.type === 'newNsid'
          ? this.#own.assigned(event)
          : this.#own.removed(event, answers[asked++] ?? null);
      for (const change of changes) {
        // That namespace is gone, and with it its nsids of others.
        if (change.type === 'delNsid') this.#others.delete(change.nsid);
        yield change;
      }
    }
  }

  /** After a loss. @returns the differences, then `resynced` */
  reconcile(reason: NsidLoss, lists: NsidLists): Generator<NamespaceIdEvent, void> {
    this.#own.complete = lists.complete;
    return this.#differences(reason, lists, this.#own.reconcile(lists.nsids));
  }

  *#differences(
    reason: NsidLoss,
    { complete, others }: NsidLists,
    own: Iterable<NsidEvent>,
  ): Generator<NamespaceIdEvent, void> {
    for (const [origin, listed] of others) {
      const table = this.#others.get(origin);
      if (listed === null) this.#others.delete(origin);
      // What else that namespace holds was never reported.
      else if (table !== undefined) yield* table.reconcile(listed, false);
    }
    yield* own;
    yield { type: 'resynced', reason, complete };
  }

  #of(origin: number): NsidStates {
    let table = this.#others.get(origin);
    if (table === undefined) this.#others.set(origin, (table = new NsidStates(false, origin)));
    return table;
  }
}
