/**
 * What the inventory holds: a record for each namespace, and one for each name; and what the kernel
 * says of their ids.
 */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../netns/identity/observe.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { InventoryEntry, InventoryName, LocatedName } from './unified-events.ts';

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
  /**
   * What was found behind it: before Linux 6.18 with another `since` than the record has, where
   * that was made when nothing held it.
   */
  seen: NamespaceId | null;
  /** The namespace it had before that left it; null: none is known. */
  last: NamespaceRecord | null;
  /** Grows from name to name. */
  order: number;
}

/** What the kernel says is the id of a namespace. */
export interface PendingNsid {
  nsid: number;
  /**
   * How often it is still to be told as assigned until it is this namespace's: those before had it,
   * and are no more. 0: it is told.
   */
  turn: number;
}

/** What stands behind a name, as it was found. */
export type Behind =
  { namespace: NamespaceId; claim: PendingNsid | null } | { reason: NotReadyReason; verdict?: NameVerdict };

/** What stands behind a name that is told of as not ready. */
export const behindOf = ({ reason, verdict }: { reason: NotReadyReason; verdict?: NameVerdict }): Behind =>
  verdict === undefined ? { reason } : { reason, verdict };

/**
 * Whether a record that has an id and one that the kernel says has the same are one namespace:
 * nothing else is known of the first, or it lost its last name, and with it (before Linux 6.18) the
 * time by which it was known.
 */
export function isSame(holder: NamespaceRecord, record: NamespaceRecord): boolean {
  const [a, b] = [holder.identity, record.identity];
  if (a === null || b === null) return holder.names.size === 0;
  return holder.names.size === 0 && !holder.freed && a.id === null && a.dev === b.dev && a.ino === b.ino;
}

export const bare = ({ name, path, directory }: LocatedName): LocatedName => ({ name, path, directory });

const nameOf = ({ name, path, directory, reason }: NameRecord): InventoryName =>
  reason === null ? { name, path, directory, ready: true } : { name, path, directory, ready: false, reason };

/** As the live state shows it. */
export const entryOf = (record: NamespaceRecord): InventoryEntry => ({
  identity: record.identity,
  nsid: record.nsid,
  names: [...record.names].map(nameOf),
  own: record.own,
  lingering: record.names.size === 0 && record.lastNames.length > 0,
});

/** The names it has, or had last. */
export function namesOf(record: NamespaceRecord): LocatedName[] {
  return record.names.size > 0 ? [...record.names].map(bare) : record.lastNames;
}
