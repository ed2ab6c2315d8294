/**
 * What the inventory holds: a record for each namespace, and one for each name that leads to one.
 * Names that lead to none: placeholders.ts.
 *
 * What is known of a namespace's life:
 *
 * | life    | means                       | `alive` after its last name  | assigned | removed |
 * | ------- | --------------------------- | ---------------------------- | -------- | ------- |
 * | unknown | no nsid: no end is reported | null                         | alive    | -       |
 * | alive   | has an nsid                 | the kernel's answer, or true | -        | ended   |
 * | gone    | nobody has its nsid         | false                        | gone     | ended   |
 * | ended   | its nsid was removed        | false                        | -        | -       |
 *
 * Its number in the scratch table (scratch-table.ts) counts as an nsid here.
 */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { reported } from './inhabitants.ts';
import type { Inhabitants } from './inhabitants.ts';
import type { NumberedNamespace } from './namespace-target.ts';
import type { Alive, InventoryEntry, InventoryName, LocatedName } from './unified-events.ts';

/** In place of a number: the namespace died before it could be numbered. */
export const DEAD = -1;

/** What a record stands for: a namespace, or the observer's own one. */
export type RecordKind = 'namespace' | 'own';

export class NamespaceRecord {
  readonly kind: RecordKind;
  /** Null: it is not known which one it is. */
  namespace: NamespaceId | null;
  /** The nsid that was emitted as assigned to it. */
  nsid: number | null = null;
  /** Its number in the scratch table, or {@link DEAD}; null: it has none. */
  number: number | null = null;
  /** The nsid that it has according to the kernel, while that has not been emitted. */
  claimedNsid: number | null = null;
  life: 'unknown' | 'alive' | 'gone' | 'ended' = 'unknown';
  readonly names: Set<NameRecord> = new Set();
  /** Who is in it, as of the last look at processes; null: nobody, or nobody looked. */
  inhabitants: Inhabitants | null = null;
  /** By what it is asked for where nothing else leads to it: a link did, which may go. */
  numbered: NumberedNamespace | null = null;
  /** The same before the last one left it, for the event of its end. */
  lastInhabitants: Inhabitants | null = null;
  /** The names before the last one went, for the event of its end. */
  lastNames: LocatedName[] = [];
  /** Grows from entry to entry of the inventory. */
  readonly order: number;

  constructor(namespace: NamespaceId | null, kind: RecordKind, order = 0) {
    this.namespace = namespace;
    this.kind = kind;
    this.order = order;
  }

  /** An nsid was assigned to it. */
  assign(nsid: number): void {
    this.nsid = nsid;
    if (this.life === 'unknown') this.life = 'alive';
  }

  /** Nsids are not listened to any more. */
  forgetNsid(): void {
    this.nsid = null;
    if (this.number === null) this.#forgetLife();
  }

  /** Deaths are not watched any more. */
  forgetNumber(): void {
    this.number = null;
    if (this.nsid === null) this.#forgetLife();
  }

  /** Whether its end will be reported. */
  get isFollowed(): boolean {
    return this.number !== null || !isUnresolved(this);
  }

  /**
   * Whether it lives now.
   * @param inUse whether somebody has its nsid; null: the kernel was not asked, or cannot tell
   */
  isAlive(inUse: boolean | null): Alive {
    // Its end may be known already: but when this name went, the others were there.
    if (this.kind === 'own' || this.names.size > 0) return true;
    if (this.life === 'gone' || this.life === 'ended') return false;
    // Without an answer, it lives until its end is reported.
    return inUse ?? (this.life === 'alive' ? true : null);
  }

  /** That it is gone still holds. */
  #forgetLife(): void {
    if (this.life === 'alive') this.life = 'unknown';
    // Nothing is left by which its end could be reported.
    if (this.life === 'ended') this.life = 'gone';
  }
}

/** Whether nothing but its nsid is known. One with a number lives, and keeps its nsid. */
export const isBare = ({ namespace, number }: NamespaceRecord): boolean =>
  namespace === null && number === null;

/** Whether its nsid is not known: it has none, or none is known. */
export const isUnresolved = ({ nsid, claimedNsid }: NamespaceRecord): boolean =>
  nsid === null && claimedNsid === null;

/** A name that leads to a namespace. */
export interface NameRecord extends LocatedName {
  record: NamespaceRecord;
  /**
   * The namespace that was found behind it. Before Linux 6.18 its `since` may differ from that of
   * the record, if nothing held the namespace when that was made.
   */
  observed: NamespaceId | null;
  /** Grows from name to name. */
  order: number;
}

/** The nsid of a namespace, as the kernel answered. */
export interface PendingNsid {
  nsid: number;
  /**
   * How often the nsid is still to be emitted as assigned until it is this namespace's; 0: it has
   * been. pending-nsids.ts has an example.
   */
  generation: number;
}

/** The namespace behind a name, as it was found. */
export interface Behind {
  namespace: NamespaceId;
  claim: PendingNsid | null;
  /** Its number in the scratch table, or {@link DEAD}; left out: it has none. */
  number?: number | null;
}

/**
 * Whether the owner of an nsid and a record that claims the same nsid are one namespace: nothing
 * else is known of the owner; or it lost its last name, and with that (before Linux 6.18) the time
 * by which it was known. Two records with numbers are never one namespace.
 */
export function isSameNamespace(owner: NamespaceRecord, record: NamespaceRecord): boolean {
  const [a, b] = [owner.namespace, record.namespace];
  if (owner.names.size > 0) return false;
  if (owner.number !== null && record.number !== null) return false;
  if (a === null || b === null) return true;
  return owner.life === 'alive' && a.id === null && a.dev === b.dev && a.ino === b.ino;
}

export const bare = ({ name, path, directory }: LocatedName): LocatedName => ({ name, path, directory });

const nameOf = ({ name, path, directory }: NameRecord): InventoryName => ({
  name,
  path,
  directory,
  ready: true,
});

/** As the live state shows it. @param inhabited whether processes are looked at */
export function entryOf(record: NamespaceRecord, inhabited: boolean): InventoryEntry {
  const entry: InventoryEntry = {
    namespace: record.namespace,
    nsid: record.nsid,
    names: [...record.names].map(nameOf),
    own: record.kind === 'own',
    lingering: record.names.size === 0 && record.lastNames.length > 0,
  };
  if (!inhabited) return entry;
  const { number, inhabitants } = record;
  return Object.assign(entry, reported(number, inhabitants), { processes: inhabitants?.processes ?? 0 });
}

/** The names it has, or had last. */
export function namesOf(record: NamespaceRecord): LocatedName[] {
  return record.names.size > 0 ? [...record.names].map(bare) : record.lastNames;
}
