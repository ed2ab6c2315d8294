/** The changes of nsids as facts of the inventory: unified-engine.ts has the order of it all. */
import type { EventSources, Polled } from './event-sources.ts';
import type { Inventory } from './inventory.ts';
import type { KernelSources } from './kernel-sources.ts';
import type { ChangeParts } from './name-changes.ts';
import type { NamesSource } from './names-source.ts';
import type { Search } from './nsid-resolver.ts';
import type { NsidSource } from './nsid-source.ts';
import type { UnifiedEvent } from './unified-events.ts';

export class NsidChanges {
  readonly #names: NamesSource;
  readonly #inventory: Inventory;
  readonly #sources: EventSources<UnifiedEvent>;
  readonly #kernel: KernelSources;
  readonly #onLoss: () => void;

  /** @param onLoss called when changes of nsids were lost, and have been made up for */
  constructor({ names, inventory, sources, kernel }: ChangeParts, onLoss: () => void) {
    this.#names = names;
    this.#inventory = inventory;
    this.#sources = sources;
    this.#kernel = kernel;
    this.#onLoss = onLoss;
  }

  /** Takes nsids in. */
  poll(): Polled<UnifiedEvent> {
    const { nsids } = this.#kernel;
    if (nsids === null) return 'none';
    const change = this.#kernel.nextChange(nsids);
    if (nsids.takeBatch()) {
      // Names that were made before these nsids were assigned are taken in first.
      this.#names.recheck();
      return 'again';
    }
    if (change === undefined) return this.#sources.progress;
    const { nsid } = change;
    if (change.type === 'newNsid') {
      const search = nsids.resolver.find(nsid);
      if (!(search instanceof Promise)) return this.#sources.emit(this.#searched(nsids, nsid, search));
      this.#sources.thenOrAwait(search, (found) => this.#sources.report(this.#searched(nsids, nsid, found)));
      return 'again';
    }
    // The end of the owner before is emitted first.
    if (nsids.resolver.deferred.has(nsid) && this.#inventory.nsids.isEnding(nsid)) return 'none';
    return this.#sources.emit(nsids.removed(nsid));
  }

  /** What is rare: answers that could not be used, nsids that wait for their names, losses. */
  pollRest(): Polled<UnifiedEvent> {
    const { nsids } = this.#kernel;
    if (nsids === null) return 'none';
    let polled = this.#pollUnconfirmed(nsids);
    if (polled === 'none') polled = this.#pollDeferred(nsids);
    return polled === 'none' ? this.#pollLoss(nsids) : polled;
  }

  /** The search for the name of an nsid has come to its end, or will go on later. */
  #searched(nsids: NsidSource, nsid: number, search: Search): readonly UnifiedEvent[] {
    const asked = search !== 'more';
    const mayCome = search !== 'found' && (!asked || this.#names.pending);
    if (!mayCome && !this.#inventory.nsids.isEnding(nsid)) return nsids.assigned(nsid);
    nsids.defer(nsid, asked);
    return [];
  }

  #pollUnconfirmed(nsids: NsidSource): Polled<UnifiedEvent> {
    if (!nsids.unconfirmed) return 'none';
    this.#sources.thenOrAwait(nsids.resolver.confirm(), () => {});
    return 'again';
  }

  #pollDeferred(nsids: NsidSource): Polled<UnifiedEvent> {
    if (!nsids.resolver.deferred.any || nsids.resolver.needsRetry) return 'none';
    this.#sources.thenOrAwait(nsids.resolver.askOn(), () => {
      if (nsids.resolver.needsRetry) return;
      const nsid = nsids.resolver.deferred.due(this.#names.pending);
      if (nsid !== undefined) this.#sources.report(nsids.assignedLate(nsid));
    });
    return this.#sources.progress;
  }

  #pollLoss(nsids: NsidSource): Polled<UnifiedEvent> {
    if (!nsids.takeLoss()) return 'none';
    this.#onLoss();
    this.#sources.thenOrAwait(nsids.askAgain(this.#sources.reportFirst), () => {});
    return 'again';
  }
}
