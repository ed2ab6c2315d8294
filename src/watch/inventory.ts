/**
 * The inventory: what namespaces there are, as facts from both sources come to it, and what is told of them. Pure: facts in, events
 * out. A namespace is a record; it is found by its names, its identity and its id. A fact that comes late or early changes neither
 * what is told nor how often:
 *
 * | fact                                 | record                                  | told                                        |
 * | ------------------------------------ | --------------------------------------- | ------------------------------------------- |
 * | a name is created, or mounted        | that of the identity gets the name; else a new one | `created`, `mounted` with the id that was told |
 * | … and the kernel says its id is N    | N belongs to a record without identity: they are one. N was not told yet, or still belongs to another: a claim | - |
 * | id N assigned                        | that with the claim to N, or that was found; else a new one without identity | `nsidAssigned` |
 * | id N removed, no name left           | ends                                    | `destroyed`                                 |
 * | id N removed, names left             | freed: the names go next                | nothing yet                                 |
 * | a name is unmounted or deleted       | loses the name                          | `unmounted`, `deleted` with `alive`         |
 * | … the last one, freed                | ends                                    | then `destroyed`                            |
 * | … the last one, it has an id         | lingers, or waits for its end           | -                                           |
 * | … the last one, no id                | forgotten: nobody will tell of its end  | -                                           |
 */
import { sameNamespace } from '../netns/identity.ts';
import type { NamespaceId } from '../netns/identity.ts';
import type { NotReadyReason } from '../netns/observe.ts';
import type { Alive, InventoryEntry, InventoryName, LocatedName, UnifiedEvent } from './unified-events.ts';

/** A namespace, or a name that stands for none. */
export class NamespaceRecord {
  identity: NamespaceId | null;
  /** Told as assigned. */
  nsid: number | null = null;
  /** What the kernel says its id is, although that has not been told yet. */
  claim: number | null = null;
  readonly names: Set<NameRecord> = new Set();
  /** The names before the last one went, for those who are told of its end. */
  lastNames: LocatedName[] = [];
  readonly own: boolean;
  /** The kernel has removed its id, so that it is no more, or said that nobody uses it. */
  freed = false;
  /** RTM_DELNSID has come. */
  ended = false;

  constructor(identity: NamespaceId | null, own: boolean) {
    this.identity = identity;
    this.own = own;
  }
}

/** A name that is there. */
export interface NameRecord extends LocatedName {
  /** Why there is no namespace behind it; null: there is. */
  reason: NotReadyReason | null;
  record: NamespaceRecord;
}

/** What stands behind a name, as it was found. */
export type Behind = { namespace: NamespaceId; claim: number | null } | { reason: NotReadyReason };

/** How many names that are gone may be kept beyond as many as there are. */
const SLACK = 64;

export class Inventory {
  /** The observer's own namespace. */
  readonly #own: NamespaceId | null;
  readonly #beginnings: (nsid: number) => number;
  /** By path. */
  readonly #names = new Map<string, NameRecord>();
  readonly #records = new Set<NamespaceRecord>();
  readonly #byIdentity = new Map<string, NamespaceRecord>();
  readonly #byNsid = new Map<number, NamespaceRecord>();
  /** Who says that an id is his, and how often it is to be told as assigned to others before. */
  readonly #claims = new Map<number, { record: NamespaceRecord; after: number }[]>();
  /** In the order in which they came; some of them have got an id since, or are gone. */
  #idless: NameRecord[] = [];

  /** @param beginnings how often an id has been assigned without having been told: the last time, to whoever says that it is his */
  constructor(own: NamespaceId | null, beginnings: (nsid: number) => number = () => 0) {
    this.#own = own;
    this.#beginnings = beginnings;
  }

  /** A name is there. Told by {@link created} and {@link mounted}; nothing is told of what was there before. */
  add(located: LocatedName, behind: Behind): NameRecord {
    const { name, path, directory } = located;
    const reason = 'reason' in behind ? behind.reason : null;
    const record = 'reason' in behind ? this.#make(null) : this.#recordOf(behind.namespace);
    const added = { name, path, directory, reason, record };
    this.#names.set(path, added);
    record.names.add(added);
    if ('namespace' in behind) this.claim(record, behind.claim);
    if (reason === null && this.#lacksId(added)) this.#remember(added);
    return added;
  }

  created(located: LocatedName, behind: Behind): UnifiedEvent[] {
    const { record } = this.add(located, behind);
    const head = { type: 'created' as const, ...bare(located) };
    return 'reason' in behind
      ? [{ ...head, ready: false, reason: behind.reason, namespace: null, nsid: null }]
      : [{ ...head, ready: true, namespace: behind.namespace, nsid: record.nsid }];
  }

  /** A name that had no namespace has one now. */
  mounted(located: LocatedName, namespace: NamespaceId, claim: number | null): UnifiedEvent[] {
    this.#detach(located.path);
    const { record } = this.add(located, { namespace, claim });
    return [{ type: 'mounted', ...bare(located), namespace, nsid: record.nsid }];
  }

  /**
   * The id by which to ask the kernel whether the namespace behind a name lives on when the name is gone; null: there is no
   * need to ask, or no way.
   */
  lifeAt(path: string): number | null {
    const record = this.#names.get(path)?.record;
    if (record === undefined || record.own || record.freed || record.names.size > 1) return null;
    return record.nsid ?? record.claim;
  }

  /** @param assigned what the kernel says of the id of {@link lifeAt} */
  unmounted(located: LocatedName, assigned: boolean | null): UnifiedEvent[] {
    const left = this.#leave(located.path, assigned);
    const { identity: namespace, nsid } = left.record;
    const placeholder = this.#make(null);
    const name: NameRecord = { ...bare(located), reason: 'not-a-namespace', record: placeholder };
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
    const record = had.reason === null || last === null ? left.record : this.#byIdentity.get(keyOf(last));
    const alive = last === null ? null : record === left.record ? left.alive : this.#aliveNow(record);
    return [
      { type: 'deleted', ...bare(located), namespace: last, nsid: record?.nsid ?? null, alive },
      ...this.#afterLast(left.record),
    ];
  }

  /**
   * The kernel told that an id was assigned.
   * @param found the record that has it, where that was found out by asking
   * @param ended whether it is known to have been removed since
   */
  assigned(nsid: number, found: NamespaceRecord | null, ended = false): UnifiedEvent[] {
    const record = this.#assign(nsid, found);
    if (ended) record.freed = true;
    return [{ type: 'nsidAssigned', nsid, namespace: record.identity, names: namesOf(record) }];
  }

  /** An id that was assigned before anything was told. */
  adopt(nsid: number): void {
    this.#assign(nsid, null);
  }

  /** The kernel told that an id was removed. */
  removed(nsid: number): UnifiedEvent[] {
    const record = this.#byNsid.get(nsid);
    if (record === undefined) return [];
    this.#byNsid.delete(nsid);
    record.freed = true;
    record.ended = true;
    return record.names.size > 0 ? [] : this.#afterLast(record);
  }

  /** What the kernel says is the id of a namespace. Null: none, or nobody knows. */
  claim(record: NamespaceRecord, nsid: number | null): void {
    if (nsid === null || record.nsid !== null) return;
    const holder = this.#byNsid.get(nsid);
    if (holder !== undefined && isSame(holder, record)) {
      this.#merge(holder, record);
      return;
    }
    if (record.claim === nsid) return;
    record.claim = nsid;
    const claims = this.#claims.get(nsid) ?? [];
    claims.push({ record, after: Math.max(0, this.#beginnings(nsid) - 1) });
    this.#claims.set(nsid, claims);
  }

  /** Whether somebody has said that this id is his, so that nobody has to be asked. */
  isClaimed(nsid: number): boolean {
    return this.#claims.get(nsid)?.some(({ after }) => after === 0) === true;
  }

  /** Names of namespaces whose id is not known, the newest first. */
  *withoutId(): Generator<NameRecord, void> {
    const names = this.#idless;
    // Those that have got one meanwhile mostly stand at the end.
    while (names.length > 0 && !this.#lacksId(names.at(-1) as NameRecord)) names.pop();
    for (let at = names.length - 1; at >= 0; at--) {
      const name = names[at] as NameRecord;
      if (this.#lacksId(name)) yield name;
    }
  }

  /** Ids can no longer be listened to: what is known of them is worth nothing. */
  forgetIds(): void {
    this.#byNsid.clear();
    this.#claims.clear();
    for (const record of this.#records) {
      record.nsid = null;
      record.claim = null;
      if (record.names.size === 0) this.#drop(record);
    }
  }

  /** The live state, oldest first. */
  entries(): InventoryEntry[] {
    const entries: InventoryEntry[] = [];
    for (const record of this.#records) {
      if (record.freed && record.names.size === 0) continue;
      entries.push({
        identity: record.identity,
        nsid: record.nsid,
        names: [...record.names].map(nameOf),
        own: record.own,
        lingering: record.names.size === 0 && record.lastNames.length > 0,
      });
    }
    return entries;
  }

  /** For {@link withoutId}. */
  #remember(name: NameRecord): void {
    if (this.#idless.length > 2 * this.#names.size + SLACK)
      this.#idless = this.#idless.filter((other) => this.#lacksId(other));
    this.#idless.push(name);
  }

  #lacksId(name: NameRecord): boolean {
    const { nsid, claim } = name.record;
    return nsid === null && claim === null && this.#names.get(name.path) === name;
  }

  #make(identity: NamespaceId | null): NamespaceRecord {
    const own = identity !== null && this.#own !== null && sameNamespace(identity, this.#own);
    const record = new NamespaceRecord(identity, own);
    this.#records.add(record);
    if (identity !== null) this.#byIdentity.set(keyOf(identity), record);
    return record;
  }

  #recordOf(identity: NamespaceId): NamespaceRecord {
    return this.#byIdentity.get(keyOf(identity)) ?? this.#make(identity);
  }

  #assign(nsid: number, found: NamespaceRecord | null): NamespaceRecord {
    const claims = this.#claims.get(nsid) ?? [];
    const claimant = claims.find(({ after }) => after === 0)?.record;
    const later = claims.filter(({ after }) => after > 0);
    for (const claim of later) claim.after--;
    if (later.length > 0) this.#claims.set(nsid, later);
    else this.#claims.delete(nsid);
    const record = claimant ?? found ?? this.#make(null);
    record.claim = null;
    record.nsid = nsid;
    this.#byNsid.set(nsid, record);
    return record;
  }

  /** Two records turn out to be one namespace: `record` stays, with the id. */
  #merge(holder: NamespaceRecord, record: NamespaceRecord): void {
    record.nsid = holder.nsid;
    if (holder.nsid !== null) this.#byNsid.set(holder.nsid, record);
    this.#records.delete(holder);
    if (holder.identity !== null && this.#byIdentity.get(keyOf(holder.identity)) === holder)
      this.#byIdentity.delete(keyOf(holder.identity));
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

  #aliveNow(record: NamespaceRecord | undefined, assigned: boolean | null = null): Alive {
    if (record === undefined) return null;
    if (record.freed) return false;
    if (record.own || record.names.size > 0) return true;
    if (assigned !== null) return assigned;
    // It is still here because its end has not been told.
    return record.nsid === null ? null : true;
  }

  /** What is told when a namespace has lost its last name. */
  #afterLast(record: NamespaceRecord): UnifiedEvent[] {
    if (record.names.size > 0) return [];
    if (record.ended) {
      this.#drop(record);
      return [
        {
          type: 'destroyed',
          nsid: record.nsid as number,
          namespace: record.identity,
          names: namesOf(record),
        },
      ];
    }
    // Without an id nobody tells of its end.
    if (record.nsid === null && record.claim === null) this.#drop(record);
    return [];
  }

  #drop(record: NamespaceRecord): void {
    this.#records.delete(record);
    if (record.identity === null) return;
    const key = keyOf(record.identity);
    if (this.#byIdentity.get(key) === record) this.#byIdentity.delete(key);
  }
}

/** What a namespace is found by: the kernel's id, or what stands for it before Linux 6.18. */
function keyOf({ id, dev, ino, since }: NamespaceId): string {
  return id === null ? `${dev}:${ino}:${since}` : `id ${id}`;
}

/**
 * Whether a record that has an id and one that the kernel says has the same are one namespace: nothing else is known of the first, or
 * it lost its last name, and with it (before Linux 6.18) the time by which it was known.
 */
function isSame(holder: NamespaceRecord, record: NamespaceRecord): boolean {
  const [a, b] = [holder.identity, record.identity];
  if (holder.names.size > 0 || holder.freed) return false;
  return a === null || b === null || (a.id === null && a.dev === b.dev && a.ino === b.ino);
}

const bare = ({ name, path, directory }: LocatedName): LocatedName => ({ name, path, directory });

const nameOf = ({ name, path, directory, reason }: NameRecord): InventoryName =>
  reason === null ? { name, path, directory, ready: true } : { name, path, directory, ready: false, reason };

/** The names it has, or had last. */
function namesOf(record: NamespaceRecord): LocatedName[] {
  return record.names.size > 0 ? [...record.names].map(bare) : record.lastNames;
}
