/**
 * The changes of names as facts of the inventory. Before a name with a namespace is emitted, the
 * namespace is numbered, so that its death will be known, and asked for its nsid, unless it is
 * known to have none (nsid-source.ts). Where it can be numbered as well when the name has gone,
 * that waits until the name was emitted, and no longer than until it goes. Before such a name goes,
 * what waits of nsids is read, and the kernel is asked whether the namespace lives on.
 */
import { chain } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { EventSources, Polled } from './event-sources.ts';
import type { Inventory } from './inventory.ts';
import type { KernelSources } from './kernel-sources.ts';
import type { Appearance, Departure, NamesSource } from './names-source.ts';
import type { Behind, NameRecord, PendingNsid } from './namespace-record.ts';
import type { UnifiedEvent } from './unified-events.ts';

/** What the changes of names and of nsids are taken from, and what they go to. */
export interface ChangeParts {
  names: NamesSource;
  inventory: Inventory;
  sources: EventSources<UnifiedEvent>;
  kernel: KernelSources;
}

export class NameChanges {
  readonly #names: NamesSource;
  readonly #inventory: Inventory;
  readonly #sources: EventSources<UnifiedEvent>;
  readonly #kernel: KernelSources;
  readonly #onLoss: () => void;
  /** Names that were emitted, and whose namespaces are still to be numbered. */
  readonly #unnumbered: NameRecord[] = [];

  /** @param onLoss called when changes of names were lost, and have been made up for */
  constructor({ names, inventory, sources, kernel }: ChangeParts, onLoss: () => void) {
    this.#names = names;
    this.#inventory = inventory;
    this.#sources = sources;
    this.#kernel = kernel;
    this.#onLoss = onLoss;
  }

  poll(): Polled<UnifiedEvent> {
    const event = this.#names.next();
    if (event === undefined) return 'none';
    const { directory } = this.#names;
    switch (event.type) {
      case 'created':
        return event.ready
          ? this.#onAppear(event, directory)
          : this.#sources.emitOne(this.#inventory.placeholders.created(event, directory));
      case 'mounted':
        return this.#onAppear(event, directory);
      case 'unmounted':
      case 'deleted':
        return this.#onLeave(event, directory);
      case 'resynced':
        this.#onLoss();
        return 'again';
      default:
        return this.#sources.emitOne(event);
    }
  }

  #onAppear(event: Appearance, directory: string): Polled<UnifiedEvent> {
    const number = this.#numberOf(event);
    const claim = chain(number, () => this.#kernel.nsids?.claimOf(event) ?? null);
    if (!(number instanceof Promise) && !(claim instanceof Promise))
      return this.#sources.emitOne(this.#appeared(event, directory, number, claim));
    const both = chain(number, (own) => chain(claim, (found) => [own, found] as const));
    this.#sources.thenOrAwait(both, ([own, found]) =>
      this.#sources.report([this.#appeared(event, directory, own, found)]),
    );
    return 'again';
  }

  /** Null: it has none, and its death will not be known by one. */
  #numberOf(event: Appearance): MaybePromise<number | null> {
    const { deaths } = this.#kernel;
    if (deaths === null || this.#inventory.isOwn(event.namespace)) return null;
    const known = this.#inventory.numbers.numberOf(event.namespace);
    if (known === null && deaths.canNumberLater) return null;
    return known ?? chain(deaths.number([event]), ([number]) => number ?? null);
  }

  #appeared(
    { type, name, path, namespace }: Appearance,
    directory: string,
    number: number | null,
    claim: PendingNsid | null,
  ): UnifiedEvent {
    const located = { name, path, directory };
    const behind: Behind = { namespace, claim, number };
    const emitted =
      type === 'created'
        ? this.#inventory.created(located, behind)
        : this.#inventory.mounted(located, behind);
    const added = this.#inventory.names.get(path);
    if (added?.record.number === null && this.#kernel.deaths?.canNumberLater === true)
      this.#unnumbered.push(added);
    return emitted;
  }

  /** Numbers what was emitted without. */
  number(): MaybePromise<void> {
    if (this.#unnumbered.length === 0) return;
    const names = this.#unnumbered.splice(0);
    return this.#kernel.deaths?.numberNames(names, this.#inventory.numbers);
  }

  #onLeave(event: Departure, directory: string): Polled<UnifiedEvent> {
    const inUse = chain(this.number(), () => this.#askBefore(event));
    if (!(inUse instanceof Promise)) return this.#sources.emit(this.#left(event, directory, inUse));
    this.#sources.thenOrAwait(inUse, (answer) => this.#sources.report(this.#left(event, directory, answer)));
    return 'again';
  }

  /** Whether the namespace of a name that goes lives; null: that is not known now. */
  #askBefore(event: Departure): MaybePromise<boolean | null> {
    const inventory = this.#inventory;
    const last = event.type === 'deleted' ? event.namespace : null;
    const { deaths } = this.#kernel;
    if (inventory.concernsNsids(event.path, last) && !this.#kernel.readAhead()) return null;
    const record = inventory.recordToAsk(event.path);
    if (record === null) return null;
    if (deaths !== null && record.number !== null) return deaths.isAlive(record.number);
    const claim = inventory.nsids.nsidOf(record);
    return claim === null ? null : (this.#kernel.nsids?.isAlive(claim) ?? null);
  }

  #left({ name, path, ...event }: Departure, directory: string, inUse: boolean | null): UnifiedEvent[] {
    const located = { name, path, directory };
    return event.type === 'deleted'
      ? this.#inventory.deleted(located, event.namespace, inUse)
      : this.#inventory.unmounted(located, inUse);
  }
}
