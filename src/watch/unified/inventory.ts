/**
 * The inventory: what namespaces there are, as facts from both sources come to it, and what is told
 * of them. Pure: facts in, events out. A namespace is a record; it is found by its names, its
 * identity and its id. A fact that comes late or early changes neither what is told nor how often:
 *
 * | fact                                 | record                                  | told                                        |
 * | ------------------------------------ | --------------------------------------- | ------------------------------------------- |
 * | a name is created, or mounted        | that of the identity gets the name; else a new one | `created`, `mounted` with the id that was told |
 * | … and the kernel says its id is N    | N belongs to a record without identity: they are one. N was not told yet, or still belongs to another: a claim | - |
 * | id N assigned                        | the first that claims N; else a new one without identity | `nsidAssigned` |
 * | id N removed, no name left           | ends                                    | `destroyed`                                 |
 * | id N removed, names left             | freed: the names go next                | nothing yet                                 |
 * | a name is unmounted or deleted       | loses the name                          | `unmounted`, `deleted` with `alive`         |
 * | … the last one, freed                | ends                                    | then `destroyed`                            |
 * | … the last one, it has an id         | lingers, or waits for its end           | -                                           |
 * | … the last one, no id                | forgotten: nobody will tell of its end  | -                                           |
 */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import { PendingNsids } from './pending-nsids.ts';
import { NamespaceIndex } from './namespace-index.ts';
import { UnresolvedNames } from './unresolved-names.ts';
import { bare, entryOf, isSame, NamespaceRecord, namesOf } from './namespace-record.ts';
import type { Behind, PendingNsid, NameRecord } from './namespace-record.ts';
import type { Alive, InventoryEntry, LocatedName, UnifiedEvent } from './unified-events.ts';

/** Not among the names: the file by which a process finds its own namespace. */
const SELF = {
  name: '',
  path: THREAD_NAMESPACE,
  directory: '',
  reason: null,
  seen: null,
  last: null,
  order: 0,
};

export class Inventory {
  /** What the observer's own namespace can always be asked by. */
  readonly #self: NameRecord | null;
  /** By path. */
  readonly #names = new Map<string, NameRecord>();
  readonly #records = new Set<NamespaceRecord>();
  readonly #identities = new NamespaceIndex();
  readonly #byNsid = new Map<number, NamespaceRecord>();
  /** Ids that are removed, of namespaces whose names have still to go. */
  readonly #ending = new Map<number, NamespaceRecord>();
  readonly #claims = new PendingNsids();
  readonly #idless = new UnresolvedNames(({ path, record, order }) => {
    const there = record.nsid === null && record.claim === null;
    return there && this.#names.get(path)?.order === order;
  });
  readonly #leadToOne: (path: string, other: string) => boolean;
  /** That of the newest name. */
  #order = 0;

  /**
   * @param leadToOne whether two paths lead to one namespace now, which identities alone do not
   * tell before Linux 6.18
   */
  constructor(own: NamespaceId | null, leadToOne: (path: string, other: string) => boolean = () => false) {
    this.#leadToOne = leadToOne;
    this.#self = own === null ? null : { ...SELF, seen: own, record: this.#make(own, true) };
    this.#identities.own = this.#self?.record ?? null;
  }

  /**
   * A name is there. Told by {@link created} and {@link mounted}; nothing is told of what was there
   * before.
   */
  add(located: LocatedName, behind: Behind): NameRecord {
    const { name, path, directory } = located;
    const reason = 'reason' in behind ? behind.reason : null;
    const seen = 'namespace' in behind ? behind.namespace : null;
    const record = seen === null ? this.#make(null) : this.#recordOf(seen, path);
    const added = { name, path, directory, reason, record, seen, last: null, order: ++this.#order };
    this.#names.set(path, added);
    record.names.add(added);
    if ('namespace' in behind) this.claim(record, behind.claim);
    if (reason === null && record.nsid === null && record.claim === null)
      this.#idless.add(added, this.#names.size);
    return added;
  }

  created(located: LocatedName, behind: Behind): UnifiedEvent[] {
    const { record } = this.add(located, behind);
    const head = { type: 'created' as const, ...bare(located) };
    return 'reason' in behind
      ? [{ ...head, ready: false, ...behind, namespace: null, nsid: null }]
      : [{ ...head, ready: true, namespace: record.identity ?? behind.namespace, nsid: record.nsid }];
  }

  /** A name that had no namespace has one now. */
  mounted(located: LocatedName, namespace: NamespaceId, claim: PendingNsid | null): UnifiedEvent[] {
    this.#detach(located.path);
    const { record } = this.add(located, { namespace, claim });
    return [
      { type: 'mounted', ...bare(located), namespace: record.identity ?? namespace, nsid: record.nsid },
    ];
  }

  /**
   * The id by which to ask the kernel whether the namespace behind a name lives on when the name is
   * gone; null: there is no need to ask, or no way.
   */
  lifeAt(path: string): PendingNsid | null {
    const record = this.#names.get(path)?.record;
    if (record === undefined || record.own || record.freed || record.names.size > 1) return null;
    return record.nsid === null ? this.#claims.of(record) : { nsid: record.nsid, turn: 0 };
  }

  /** @param assigned what the kernel says of the id of {@link lifeAt} */
  unmounted(located: LocatedName, assigned: boolean | null): UnifiedEvent[] {
    const left = this.#leave(located.path, assigned);
    const { identity: namespace, nsid } = left.record;
    const placeholder = this.#make(null);
    const name: NameRecord = {
      ...bare(located),
      reason: 'unmounted',
      record: placeholder,
      seen: null,
      last: left.record,
      order: ++this.#order,
    };
    placeholder.names.add(name);
    this.#names.set(located.path, name);
    return [
      { type: 'unmounted', ...bare(located), namespace, nsid, alive: left.alive },
      ...this.#afterLast(left.record),
    ];
  }

  /**
   * @param last the namespace that the name had last, if any
   * @param assigned what the kernel says of the id of {@link lifeAt}
   */
  deleted(located: LocatedName, last: NamespaceId | null, assigned: boolean | null): UnifiedEvent[] {
    const had = this.#names.get(located.path);
    if (had === undefined)
      return [{ type: 'deleted', ...bare(located), namespace: last, nsid: null, alive: null }];
    const left = this.#leave(located.path, assigned);
    // A name that was unmounted before has left its namespace already.
    const record =
      had.reason === null || last === null ? left.record : (this.#identities.find(last) ?? had.last);
    const alive = last === null ? null : record === left.record ? left.alive : this.#aliveNow(record);
    // Of one that has been told of as gone the id is free.
    const nsid = record !== null && this.#records.has(record) ? record.nsid : null;
    const namespace = last === null ? null : (record?.identity ?? last);
    return [{ type: 'deleted', ...bare(located), namespace, nsid, alive }, ...this.#afterLast(left.record)];
  }

  /** The kernel told that an id was assigned. */
  assigned(nsid: number): UnifiedEvent[] {
    const record = this.#assign(nsid);
    return [{ type: 'nsidAssigned', nsid, namespace: record.identity, names: namesOf(record) }];
  }

  /** An id that was assigned before anything was told. */
  adopt(nsid: number): void {
    this.#assign(nsid);
  }

  /** The kernel told that an id was removed. */
  removed(nsid: number): UnifiedEvent[] {
    const record = this.#byNsid.get(nsid);
    if (record === undefined) return [];
    this.#byNsid.delete(nsid);
    record.freed = true;
    record.ended = true;
    if (record.names.size > 0) this.#ending.set(nsid, record);
    return this.#afterLast(record);
  }

  /** What the kernel says is the id of a namespace. Null: none, or nobody knows. */
  claim(record: NamespaceRecord, claim: PendingNsid | null): void {
    if (claim === null || record.nsid !== null) return;
    const { nsid, turn } = claim;
    const holder = this.#byNsid.get(nsid);
    if (turn === 0 && holder !== undefined && isSame(holder, record)) {
      this.#merge(holder, record);
      return;
    }
    if (record.claim === null) this.#claims.add(record, claim);
  }

  /**
   * As {@link claim}, when all that differs after a loss has been told: an id that changed hands
   * meanwhile does not differ, so that whoever had it is no more. @returns what is told
   */
  takeOver(record: NamespaceRecord, claim: PendingNsid): UnifiedEvent[] {
    const { nsid, turn } = claim;
    const holder = this.#byNsid.get(nsid);
    const known = holder !== undefined && (holder.identity === null || !isSame(holder, record));
    if (!known || turn > 0 || record.nsid !== null || this.#claims.has(nsid)) {
      this.claim(record, claim);
      return [];
    }
    const ended = this.removed(nsid);
    this.claim(record, claim);
    return [...ended, ...this.assigned(nsid)];
  }

  /** What was to be told of the claims may be lost: they are to be asked for again. */
  forgetClaims(): void {
    for (const record of this.#claims.clear()) if (record.names.size === 0) this.#drop(record);
    this.#idless.reset([...this.#names.values()].filter(({ reason }) => reason === null));
  }

  /** Whether the end of who had this id is still to be told, since it has names. */
  isEnding(nsid: number): boolean {
    return this.#ending.has(nsid);
  }

  /** The ids that somebody has said are his, and that are not told as his. */
  claimed(): number[] {
    return this.#claims.ids;
  }

  /** Whether it is the observer's own namespace. */
  isOwn(namespace: NamespaceId): boolean {
    return this.#identities.find(namespace)?.own === true;
  }

  /** Whether somebody has said that this id is his, so that nobody has to be asked. */
  isClaimed(nsid: number): boolean {
    return this.#claims.has(nsid);
  }

  /**
   * Names of namespaces whose id is not known, the newest first; before all, the observer's own.
   * @param place before the newest, those beside the name with this order
   */
  *withoutId(place = 0): Generator<NameRecord, void> {
    const self = this.#self;
    if (self !== null && self.record.nsid === null && self.record.claim === null) yield self;
    yield* this.#idless.newestFirst(place);
  }

  /** Ids can no longer be listened to: what is known of them is worth nothing. */
  forgetIds(): void {
    this.#byNsid.clear();
    this.#ending.clear();
    this.#claims.clear();
    for (const record of this.#records) {
      record.nsid = null;
      // `destroyed` names the id, which is not known any more; that the namespace is no more still
      // holds.
      record.ended = false;
      if (record.names.size === 0) this.#drop(record);
    }
  }

  /** The live state, oldest first. */
  entries(): InventoryEntry[] {
    const live = [...this.#records].filter(
      ({ names, freed, nsid }) => names.size > 0 || (!freed && nsid !== null),
    );
    return live.map(entryOf);
  }

  #make(identity: NamespaceId | null, own = false): NamespaceRecord {
    const record = new NamespaceRecord(identity, own);
    this.#records.add(record);
    if (identity !== null) this.#identities.add(record, identity);
    return record;
  }

  #recordOf(identity: NamespaceId, path: string): NamespaceRecord {
    const other = this.#identities.lookalike(identity);
    const [name] = other?.names ?? [];
    if (other !== undefined && name !== undefined && this.#leadToOne(path, name.path)) return other;
    return this.#identities.find(identity) ?? this.#make(identity);
  }

  #assign(nsid: number): NamespaceRecord {
    const record = this.#claims.take(nsid) ?? this.#make(null);
    record.nsid = nsid;
    this.#byNsid.set(nsid, record);
    return record;
  }

  /** Two records turn out to be one namespace: `record` stays, with the id. */
  #merge(holder: NamespaceRecord, record: NamespaceRecord): void {
    record.nsid = holder.nsid;
    if (holder.nsid !== null) this.#byNsid.set(holder.nsid, record);
    this.#remove(holder);
  }

  /** Takes a name off its record. */
  #detach(path: string): NameRecord | undefined {
    const name = this.#names.get(path);
    if (name === undefined) return undefined;
    this.#names.delete(path);
    const { record } = name;
    if (record.names.size === 1) record.lastNames = namesOf(record);
    record.names.delete(name);
    if (name.reason !== null) this.#drop(record);
    return name;
  }

  #leave(path: string, assigned: boolean | null): { record: NamespaceRecord; alive: Alive } {
    const name = this.#detach(path);
    if (name === undefined) return { record: new NamespaceRecord(null, false), alive: null };
    const { record } = name;
    if (assigned === false) record.freed = true;
    return { record, alive: name.reason === null ? this.#aliveNow(record, assigned) : null };
  }

  #aliveNow(record: NamespaceRecord | null, assigned: boolean | null = null): Alive {
    if (record === null) return null;
    // Its end may be known already: but when this name went, the others were there.
    if (record.own || record.names.size > 0) return true;
    if (record.freed) return false;
    if (assigned !== null) return assigned;
    // It is still here because its end has not been told.
    return record.nsid === null ? null : true;
  }

  /** What is told when a namespace has lost its last name. */
  #afterLast(record: NamespaceRecord): UnifiedEvent[] {
    if (record.names.size > 0) return [];
    if (record.ended) {
      const nsid = record.nsid as number;
      if (this.#ending.get(nsid) === record) this.#ending.delete(nsid);
      this.#drop(record);
      return [{ type: 'destroyed', nsid, namespace: record.identity, names: namesOf(record) }];
    }
    // Without an id nobody tells of its end.
    if (record.nsid === null && record.claim === null) this.#drop(record);
    return [];
  }

  #drop(record: NamespaceRecord): void {
    if (record.own) {
      record.lastNames = [];
      return;
    }
    this.#remove(record);
  }

  #remove(record: NamespaceRecord): void {
    this.#records.delete(record);
    this.#identities.remove(record);
  }
}
