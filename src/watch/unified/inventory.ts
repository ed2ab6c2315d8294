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
 * | processes are in a namespace   | the one with its number, or new | `found`, if new        |
 *
 * A namespace that was numbered in the scratch table (scratch-table.ts) has an nsid in the sense of
 * this table, and its death is the removal of that. Of one that has both, the first removal ends
 * it.
 */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { reported } from './inhabitants.ts';
import type { Inhabitants } from './inhabitants.ts';
import { InhabitedRecords } from './inhabited-records.ts';
import { NameRecords } from './name-records.ts';
import { bare, isBare, isSameNamespace, isUnresolved, namesOf } from './namespace-record.ts';
import type { Behind, NameRecord, NamespaceRecord, PendingNsid } from './namespace-record.ts';
import { NamespaceRecords } from './namespace-records.ts';
import type { LeadToOne } from './namespace-records.ts';
import { NsidOwners } from './nsid-owners.ts';
import { NumberedRecords } from './numbered-records.ts';
import { Placeholders } from './placeholders.ts';
import type { InventoryEntry, LocatedName, UnifiedCreatedEvent } from './unified-events.ts';
import type { UnifiedDeletedEvent, UnifiedEvent } from './unified-events.ts';

export class Inventory {
  readonly #records: NamespaceRecords;
  /** Which record an nsid belongs to. */
  readonly nsids: NsidOwners = new NsidOwners();
  readonly numbers: NumberedRecords;
  readonly inhabited: InhabitedRecords;
  readonly names: NameRecords;
  /** The names without a namespace. */
  readonly placeholders: Placeholders;
  /** What is emitted before the end of a namespace. */
  beforeEnd: (record: NamespaceRecord) => UnifiedEvent[] = () => [];

  /** @param own the observer's own namespace */
  constructor(own: NamespaceId | null, leadToOne: LeadToOne = () => false) {
    this.#records = new NamespaceRecords(own, leadToOne);
    this.placeholders = new Placeholders(() => this.#records.nextOrder());
    this.numbers = new NumberedRecords(this.#records);
    this.names = new NameRecords(this.#records.own, () => this.#records.nextOrder());
    this.inhabited = new InhabitedRecords(this.#records, this.names);
  }

  /** A name is there. For what was there before; {@link created} and {@link mounted} emit. */
  add(located: LocatedName, { namespace, claim, number = null }: Behind): NameRecord {
    const record = this.numbers.recordAt(located.path, namespace, number);
    const added = this.names.attach(located, record, namespace, this.#records.nextOrder());
    if (number !== null) this.numbers.assign(number, record);
    this.claim(record, claim);
    this.names.addUnresolved(added);
    return added;
  }

  created(located: LocatedName, behind: Behind): UnifiedCreatedEvent {
    const { record } = this.add(located, behind);
    const { name, path, directory } = located;
    const namespace = record.namespace ?? behind.namespace;
    return { type: 'created', name, path, directory, ready: true, namespace, nsid: record.nsid };
  }

  /** A name without a namespace has one now. */
  mounted(located: LocatedName, behind: Behind): UnifiedEvent {
    const before = this.names.get(located.path);
    if (before !== undefined) this.#detach(before);
    this.placeholders.delete(located.path);
    const { name, path, directory } = located;
    const { record } = this.add(located, behind);
    const namespace = record.namespace ?? behind.namespace;
    return { type: 'mounted', name, path, directory, namespace, nsid: record.nsid };
  }

  /**
   * Whose life to ask the kernel for before a name goes: the namespace behind it, which may live on
   * without the name; null: there is no need to ask.
   */
  recordToAsk(path: string): NamespaceRecord | null {
    const record = this.names.get(path)?.record;
    if (record === undefined || record.kind === 'own' || record.names.size > 1) return null;
    return record.life === 'gone' || record.life === 'ended' ? null : record;
  }

  /**
   * A namespace was found: by its processes, or by its id.
   * @param namespace null: it may not be looked at
   * @param inhabitantsOf null: nobody is in it
   */
  found(
    number: number,
    namespace: NamespaceId | null,
    claim: PendingNsid | null,
    inhabitantsOf: ((record: NamespaceRecord) => Inhabitants) | null,
  ): UnifiedEvent[] {
    const known = this.numbers.find(number, namespace);
    const record = known ?? this.#records.make(namespace);
    this.numbers.assign(number, record);
    this.claim(record, claim);
    if (inhabitantsOf !== null) this.inhabited.enter(record, inhabitantsOf(record));
    if (known !== undefined) return [];
    const { nsid, inhabitants } = record;
    return [{ type: 'found', namespace: record.namespace, nsid, ...reported(record.number, inhabitants) }];
  }

  /** A namespace died, by its number. Its links end now, whatever names it still has. */
  died(number: number): UnifiedEvent[] {
    const record = this.numbers.of(number);
    if (record === undefined) return [];
    const before = this.beforeEnd(record);
    this.numbers.drop(record);
    record.life = 'ended';
    return [...before, ...this.#afterLast(record)];
  }

  /**
   * Whether what the kernel reports of nsids says anything of a name that goes: the namespace
   * behind it has an nsid, or claims one.
   * @param last the namespace that the name had last, if any
   */
  concernsNsids(path: string, last: NamespaceId | null): boolean {
    const record = this.names.get(path)?.record;
    if (record !== undefined) return !isUnresolved(record);
    const lastRecord = last === null ? null : (this.placeholders.get(path)?.lastRecord ?? null);
    if (lastRecord !== null && !isUnresolved(lastRecord)) return true;
    const found = last === null ? undefined : this.#records.find(last);
    return found !== undefined && !isUnresolved(found);
  }

  /** @param inUse the kernel's answer for {@link recordToAsk} */
  unmounted(located: LocatedName, inUse: boolean | null): UnifiedEvent[] {
    const left = this.#leave(located.path, inUse);
    this.placeholders.add(located, 'unmounted', left);
    const { namespace = null, nsid = null } = left ?? {};
    const alive = left?.isAlive(inUse) ?? null;
    const told: UnifiedEvent = { type: 'unmounted', ...bare(located), namespace, nsid, alive };
    return left === null ? [told] : [told, ...this.#afterLast(left)];
  }

  /**
   * @param last the namespace that the name had last, if any
   * @param inUse the kernel's answer for {@link recordToAsk}
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
    const record = this.nsids.end(nsid);
    return record === undefined || !this.#records.has(record) ? [] : this.#afterLast(record);
  }

  /** The nsid that the kernel says a namespace has; null: none, or nobody knows. */
  claim(record: NamespaceRecord, claim: PendingNsid | null): void {
    if (claim === null || record.nsid !== null) return;
    const owner = claim.generation === 0 ? this.nsids.of(claim.nsid) : undefined;
    if (owner === undefined || !isSameNamespace(owner, record)) {
      this.nsids.claim(record, claim);
      return;
    }
    // Both are one namespace: this record stays, with the nsid.
    this.nsids.assign(claim.nsid, record);
    this.numbers.handOver(owner, record);
    this.inhabited.handOver(owner, record);
    this.#records.remove(owner);
  }

  /**
   * As {@link claim}, when all that differs after a loss has been emitted: an nsid that changed
   * hands meanwhile does not differ, so its former owner is gone. @returns what to emit
   */
  takeOver(record: NamespaceRecord, claim: PendingNsid): UnifiedEvent[] {
    const { nsid, generation } = claim;
    const owner = this.nsids.of(nsid);
    const isOther = owner !== undefined && (isBare(owner) || !isSameNamespace(owner, record));
    if (!isOther || generation > 0 || record.nsid !== null || this.nsids.isClaimed(nsid)) {
      this.claim(record, claim);
      return [];
    }
    const ended = this.removed(nsid);
    this.claim(record, claim);
    return [...ended, ...this.assigned(nsid)];
  }

  /** What was reported of the claimed nsids may be lost: names are to be asked again. */
  forgetClaims(): void {
    for (const record of this.nsids.forgetClaims())
      if (record.names.size === 0 && record.number === null) this.#records.drop(record);
    this.names.resetUnresolved();
  }

  /** Whether it is the observer's own namespace. */
  isOwn(namespace: NamespaceId): boolean {
    return this.#records.find(namespace)?.kind === 'own';
  }

  /** Nsids are not listened to any more: what is known of them is worth nothing. */
  forgetNsids(): void {
    this.nsids.clear();
    this.#records.forgetNsids();
  }

  /** Deaths are not watched any more. */
  forgetNumbers(): void {
    this.numbers.clear();
    this.#records.dropUnfollowed();
  }

  /** The live state, oldest first. */
  entries(): InventoryEntry[] {
    const all = [...this.#records.entries(), ...this.placeholders.entries()];
    return all.sort((a, b) => a.order - b.order).map(({ entry }) => entry);
  }

  #assign(nsid: number): NamespaceRecord {
    const claimed = this.nsids.resolve(nsid);
    // Its death may have been emitted meanwhile.
    const isThere = claimed !== null && this.#records.has(claimed);
    const record = isThere ? claimed : this.#records.make(null);
    this.nsids.assign(nsid, record);
    return record;
  }

  /** Takes a name off its record. */
  #detach(name: NameRecord): void {
    if (this.names.detach(name)) this.nsids.lostNames(name.record);
  }

  /** @returns the namespace that loses the name; null: the name had none */
  #leave(path: string, inUse: boolean | null): NamespaceRecord | null {
    const name = this.names.get(path);
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
    const { nsid, namespace } = record;
    if (record.life === 'ended') {
      const before = this.beforeEnd(record);
      if (nsid !== null) this.nsids.endReported(nsid, record);
      this.numbers.drop(record);
      const last = this.inhabited.lastOf(record);
      this.inhabited.leave(record);
      this.#records.drop(record);
      return [...before, { type: 'destroyed', nsid, namespace, names: namesOf(record), ...last }];
    }
    // Without an nsid its end is not reported.
    if (!record.isFollowed) this.#records.drop(record);
    return [];
  }
}
