/**
 * All names that lead to a namespace, by path; which of them have no nsid, or no number. A
 * namespace without a name can be asked by a process in it, which stands in for a name there.
 */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import { isUnresolved, namesOf } from './namespace-record.ts';
import type { NameRecord, NamespaceRecord } from './namespace-record.ts';
import type { LocatedName } from './unified-events.ts';
import { UnresolvedNames } from './unresolved-names.ts';

/** The file by which a process finds its own namespace. It is not among the names. */
const SELF: LocatedName = { name: '', path: THREAD_NAMESPACE, directory: '' };
/** What stands in for a name leads there by a process. */
const NOWHERE: LocatedName = { name: '', path: '', directory: '' };

export class NameRecords {
  readonly #names = new Map<string, NameRecord>();
  /** By this the observer's own namespace can always be asked. */
  readonly #self: NameRecord | null;
  /** For namespaces without a name, as long as processes are known to be in them. */
  readonly #standIns = new Map<NamespaceRecord, NameRecord>();
  readonly #unresolved = new UnresolvedNames(
    (name) => isUnresolved(name.record) && (this.#isThere(name) || this.#standsIn(name)),
  );

  readonly #nextOrder: () => number;

  /**
   * @param own the observer's own namespace
   * @param nextOrder grows from name to name, as what is given to {@link attach}
   */
  constructor(own: NamespaceRecord | null, nextOrder: () => number) {
    this.#nextOrder = nextOrder;
    this.#self = own === null ? null : { ...SELF, record: own, observed: own.namespace, order: 0 };
  }

  get(path: string): NameRecord | undefined {
    return this.#names.get(path);
  }

  /** @param order grows from name to name */
  attach(
    { name, path, directory }: LocatedName,
    record: NamespaceRecord,
    observed: NamespaceId,
    order: number,
  ): NameRecord {
    const added = { name, path, directory, record, observed, order };
    this.#names.set(path, added);
    record.names.add(added);
    return added;
  }

  /** Takes a name off its record. @returns whether it was the last one */
  detach(name: NameRecord): boolean {
    const { record } = name;
    this.#names.delete(name.path);
    if (record.names.size === 1) record.lastNames = namesOf(record);
    record.names.delete(name);
    if (record.names.size > 0) return false;
    if (this.#standIns.has(record)) this.#addStandIn(record);
    return true;
  }

  /** The nsid of a new name is not known, as far as it is. */
  addUnresolved(name: NameRecord): void {
    if (isUnresolved(name.record)) this.#unresolved.add(name, this.#names.size);
  }

  /** Nsids that were known are so no more. */
  resetUnresolved(): void {
    this.#unresolved.reset([...this.#names.values(), ...this.#standIns.values()]);
  }

  /** Processes are in a namespace, which can be asked by them while it has no name. */
  standIn(record: NamespaceRecord): void {
    if (record.kind !== 'own' && !this.#standIns.has(record)) this.#addStandIn(record);
  }

  /** The newest of all names; it counts while the namespace has none. */
  #addStandIn(record: NamespaceRecord): void {
    const name = { ...NOWHERE, record, observed: record.namespace, order: this.#nextOrder() };
    this.#standIns.set(record, name);
    if (record.names.size === 0 && isUnresolved(record))
      this.#unresolved.add(name, this.#names.size + this.#standIns.size);
  }

  /** None are in it any more. */
  dropStandIn(record: NamespaceRecord): void {
    this.#standIns.delete(record);
  }

  /**
   * Names of namespaces whose nsid is not known, the newest first; before all, the observer's own.
   * @param order before the newest, the neighbours of the name with this order
   * @param reach how many of them on each side, if that is more than usual
   */
  *unresolved(order = 0, reach = 0): Generator<NameRecord, void> {
    const self = this.#self;
    if (self !== null && isUnresolved(self.record)) yield self;
    yield* this.#unresolved.newestFirst(order, reach);
  }

  #isThere({ path, order }: NameRecord): boolean {
    return this.#names.get(path)?.order === order;
  }

  #standsIn(name: NameRecord): boolean {
    return name.record.names.size === 0 && this.#standIns.get(name.record) === name;
  }

  /** All of them; and what leads to the observer's own namespace. */
  *all(): Generator<NameRecord, void> {
    if (this.#self !== null) yield this.#self;
    yield* this.#names.values();
  }
}
