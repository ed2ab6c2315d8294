/**
 * The inventory: facts from both sources come in, events go out. A fact that comes late or early
 * changes neither what is emitted nor how often. A namespace is a record, found by its names, its
 * identity (namespace-records.ts) and its nsid (nsid-owners.ts).
 *
 * | fact                           | record                          | emitted                |
 * | ------------------------------ | ------------------------------- | ---------------------- |
 * | a name is created or mounted   | gets the name                   | `created`, `mounted`   |
 * | - no namespace is behind it    | none: a placeholder             | `created`              |
 * | - its nsid N: owner unknown    | both become one                 | -                      |
 * | - its nsid N: not its own yet  | claims N                        | -                      |
 * | N is assigned                  | the first that claims N, or new | `nsidAssigned`         |
 * | N is removed, no name is left  | is dropped                      | `destroyed`            |
 * | N is removed, names are left   | has ended                       | -                      |
 * | a name is unmounted or deleted | loses the name                  | `unmounted`, `deleted` |
 * | - the last one; it has ended   | is dropped                      | then `destroyed`       |
 * | - the last one; it has an nsid | lingers, or waits for its end   | -                      |
 * | - the last one; it has no nsid | is dropped: no end is reported  | -                      |
 */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import { bare, isSameNamespace, isUnresolved, namesOf } from './namespace-record.ts';
import type { Behind, NameRecord, NamespaceRecord, PendingNsid } from './namespace-record.ts';
import { NamespaceRecords } from './namespace-records.ts';
import type { LeadToOne } from './namespace-records.ts';
import { NsidOwners } from './nsid-owners.ts';
import { Placeholders } from './placeholders.ts';
import type { InventoryEntry, LocatedName, UnifiedCreatedEvent } from './unified-events.ts';
import type { UnifiedDeletedEvent, UnifiedEvent } from './unified-events.ts';
import { UnresolvedNames } from './unresolved-names.ts';

/** The file by which a process finds its own namespace. It is not among the names. */
const SELF: LocatedName = { name: '', path: THREAD_NAMESPACE, directory: '' };

export class Inventory {
  readonly #records: NamespaceRecords;
  readonly #nsids = new NsidOwners();
  /** By path. */
  readonly #names = new Map<string, NameRecord>();
  /** The names without a namespace. */
  readonly placeholders: Placeholders;
  /** By this the observer's own namespace can always be asked. */
  readonly #self: NameRecord | null;
  readonly #unresolved = new UnresolvedNames(
    ({ path, record, order }) => isUnresolved(record) && this.#names.get(path)?.order === order,
  );

  /** @param own the observer's own namespace */
  constructor(own: NamespaceId | null, leadToOne: LeadToOne = () => false) {
    this.#records = new NamespaceRecords(own, leadToOne);
    this.placeholders = new Placeholders(() => this.#records.nextOrder());
    const record = this.#records.own;
    this.#self = record === null ? null : { ...SELF, record, observed: own, order: 0 };
  }

  /** A name is there. For what was there before; {@link created} and {@link mounted} emit. */
  add(located: LocatedName, { namespace, claim }: Behind): NameRecord {
    const record = this.#records.at(located.path, namespace);
    const added = this.#attach(located, record, namespace);
    this.claim(record, claim);
    if (isUnresolved(record)) this.#unresolved.add(added, this.#names.size);
    return added;
  }

  created(located: LocatedName, behind: Behind): UnifiedCreatedEvent {
    const { record } = this.add(located, behind);
    const { name, path, directory } = located;
    const namespace = record.namespace ?? behind.namespace;
    return { type: 'created', name, path, directory, ready: true, namespace, nsid: record.nsid };
  }

  /** A name without a namespace has one now. */
  mounted(located: LocatedName, namespace: NamespaceId, claim: PendingNsid | null): UnifiedEvent {
    const before = this.#names.get(located.path);
    if (before !== undefined) this.#detach(before);
    this.placeholders.delete(located.path);
    const { name, path, directory } = located;
    const { record } = this.add(located, { namespace, claim });
    const { nsid } = record;
    return { type: 'mounted', name, path, directory, namespace: record.namespace ?? namespace, nsid };
  }

  /**
   * The nsid by which to ask the kernel whether the namespace behind a name lives on without the
   * name; null: there is no need to ask, or no way.
   */
  nsidToAsk(path: string): PendingNsid | null {
    const record = this.#names.get(path)?.record;
    if (record === undefined || record.kind === 'own' || record.names.size > 1) return null;
    return record.life === 'gone' || record.life === 'ended' ? null : this.#nsids.nsidOf(record);
  }

  /**
   * Whether what the kernel reports of nsids says anything of a name that goes: the namespace
   * behind it has an nsid, or claims one.
   * @param last the namespace that the name had last, if any
   */
  concernsNsids(path: string, last: NamespaceId | null): boolean {
    const record = this.#names.get(path)?.record;
    if (record !== undefined) return !isUnresolved(record);
    const lastRecord = last === null ? null : (this.placeholders.get(path)?.lastRecord ?? null);
    if (lastRecord !== null && !isUnresolved(lastRecord)) return true;
    const found = last === null ? undefined : this.#records.find(last);
    return found !== undefined && !isUnresolved(found);
  }

  /** @param inUse the kernel's answer for {@link nsidToAsk} */
  unmounted(located: LocatedName, inUse: boolean | null): UnifiedEvent[] {
    const left = this.#leave(located.path, inUse);
    this.placeholders.add(located, 'unmounted', left);
    const type = 'unmounted';
    if (left === null) return [{ type, ...bare(located), namespace: null, nsid: null, alive: null }];
    const { namespace, nsid } = left;
    const alive = left.isAlive(inUse);
    return [{ type, ...bare(located), namespace, nsid, alive }, ...this.#afterLast(left)];
  }

  /**
   * @param last the namespace that the name had last, if any
   * @param inUse the kernel's answer for {@link nsidToAsk}
   */
  deleted(located: LocatedName, last: NamespaceId | null, inUse: boolean | null): UnifiedEvent[] {
    const placeholder = this.placeholders.get(located.path);
    const left = this.#leave(located.path, inUse);
    const nsid = left?.nsid ?? null;
    const event: UnifiedDeletedEvent = { type: 'deleted', ...located, namespace: last, nsid, alive: null };
    // The name has left that namespace now, or it was unmounted before.
    const record =
      placeholder === undefined || last === null
        ? left
        : (this.#records.find(last) ?? placeholder.lastRecord);
    if (record !== null && last !== null) {
      event.namespace = record.namespace ?? last;
      // The nsid of one that was reported as gone is free.
      event.nsid = this.#records.has(record) ? record.nsid : null;
      event.alive = record.isAlive(record === left ? inUse : null);
    }
    return left === null ? [event] : [event, ...this.#afterLast(left)];
  }

  /** The kernel reported that an nsid was assigned. */
  assigned(nsid: number): UnifiedEvent[] {
    const record = this.#assign(nsid);
    return [{ type: 'nsidAssigned', nsid, namespace: record.namespace, names: namesOf(record) }];
  }

  /** An nsid that was assigned before. Emits nothing. */
  adopt(nsid: number): void {
    this.#assign(nsid);
  }

  /** The kernel reported that an nsid was removed. */
  removed(nsid: number): UnifiedEvent[] {
    const record = this.#nsids.end(nsid);
    return record === undefined ? [] : this.#afterLast(record);
  }

  /** The nsid that the kernel says a namespace has; null: none, or nobody knows. */
  claim(record: NamespaceRecord, claim: PendingNsid | null): void {
    if (claim === null || record.nsid !== null) return;
    const owner = claim.generation === 0 ? this.#nsids.of(claim.nsid) : undefined;
    if (owner === undefined || !isSameNamespace(owner, record)) {
      this.#nsids.claim(record, claim);
      return;
    }
    // Both are one namespace: this record stays, with the nsid.
    this.#nsids.assign(claim.nsid, record);
    this.#records.remove(owner);
  }

  /**
   * As {@link claim}, when all that differs after a loss has been emitted: an nsid that changed
   * hands meanwhile does not differ, so its former owner is gone. @returns what to emit
   */
  takeOver(record: NamespaceRecord, claim: PendingNsid): UnifiedEvent[] {
    const { nsid, generation } = claim;
    const owner = this.#nsids.of(nsid);
    const isOther = owner !== undefined && (owner.namespace === null || !isSameNamespace(owner, record));
    if (!isOther || generation > 0 || record.nsid !== null || this.isClaimed(nsid)) {
      this.claim(record, claim);
      return [];
    }
    const ended = this.removed(nsid);
    this.claim(record, claim);
    return [...ended, ...this.assigned(nsid)];
  }

  /** What was reported of the claimed nsids may be lost: names are to be asked again. */
  forgetClaims(): void {
    for (const record of this.#nsids.forgetClaims()) if (record.names.size === 0) this.#records.drop(record);
    this.#unresolved.reset(this.#names.values());
  }

  /** Whether the end of the last owner of this nsid is still to be emitted, since it has names. */
  isEnding(nsid: number): boolean {
    return this.#nsids.isEnding(nsid);
  }

  /** The nsids that a namespace claims, and that were not emitted as its. */
  claimed(): number[] {
    return this.#nsids.claimed;
  }

  /** Whether a namespace claims this nsid, so that no other has to be asked. */
  isClaimed(nsid: number): boolean {
    return this.#nsids.isClaimed(nsid);
  }

  /**
   * Whether an nsid that was emitted may be that of a namespace that has just got its name: it is
   * not known which one has it.
   */
  get hasUnknownOwners(): boolean {
    return this.#nsids.hasUnknown;
  }

  /** Whether it is the observer's own namespace. */
  isOwn(namespace: NamespaceId): boolean {
    return this.#records.find(namespace)?.kind === 'own';
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

  /** Nsids are not listened to any more: what is known of them is worth nothing. */
  forgetNsids(): void {
    this.#nsids.clear();
    this.#records.forgetNsids();
  }

  /** The live state, oldest first. */
  entries(): InventoryEntry[] {
    const all = [...this.#records.entries(), ...this.placeholders.entries()];
    return all.sort((a, b) => a.order - b.order).map(({ entry }) => entry);
  }

  #assign(nsid: number): NamespaceRecord {
    const record = this.#nsids.resolve(nsid) ?? this.#records.make(null);
    this.#nsids.assign(nsid, record);
    return record;
  }

  #attach(
    { name, path, directory }: LocatedName,
    record: NamespaceRecord,
    observed: NamespaceId,
  ): NameRecord {
    const added = { name, path, directory, record, observed, order: this.#records.nextOrder() };
    this.#names.set(path, added);
    record.names.add(added);
    return added;
  }

  /** Takes a name off its record. */
  #detach(name: NameRecord): void {
    const { record } = name;
    this.#names.delete(name.path);
    if (record.names.size === 1) record.lastNames = namesOf(record);
    record.names.delete(name);
    if (record.names.size === 0) this.#nsids.lostNames(record);
  }

  /** @returns the namespace that loses the name; null: the name had none */
  #leave(path: string, inUse: boolean | null): NamespaceRecord | null {
    const name = this.#names.get(path);
    if (name === undefined) {
      this.placeholders.delete(path);
      return null;
    }
    this.#detach(name);
    const { record } = name;
    if (inUse === false && record.life !== 'ended') record.life = 'gone';
    return record;
  }

  /** What is emitted when a namespace has lost a name that may be its last one. */
  #afterLast(record: NamespaceRecord): UnifiedEvent[] {
    if (record.names.size > 0) return [];
    const { nsid } = record;
    if (record.life === 'ended' && nsid !== null) {
      this.#nsids.endReported(nsid, record);
      this.#records.drop(record);
      return [{ type: 'destroyed', nsid, namespace: record.namespace, names: namesOf(record) }];
    }
    // Without an nsid its end is not reported.
    if (isUnresolved(record)) this.#records.drop(record);
    return [];
  }
}
