/** All records of the inventory, oldest first, and how that of a namespace is found. */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { NamespaceIndex } from './namespace-index.ts';
import { entryOf, NamespaceRecord } from './namespace-record.ts';
import type { RecordKind } from './namespace-record.ts';
import type { InventoryEntry, NamespaceInhabitants } from './unified-events.ts';

/**
 * Whether two paths lead to one namespace now, which identities alone do not tell before Linux
 * 6.18.
 */
export type LeadToOne = (path: string, other: string) => boolean;

/** What is told of the links of a namespace. */
export type LinksOf = (
  record: NamespaceRecord,
) => Required<Pick<InventoryEntry, 'links' | 'linksState'>> & Pick<NamespaceInhabitants, 'number'>;

export class NamespaceRecords {
  /** The record of the observer's own namespace. */
  readonly own: NamespaceRecord | null;
  readonly #records = new Set<NamespaceRecord>();
  readonly #index = new NamespaceIndex();
  readonly #leadToOne: LeadToOne;
  /** Whether processes are looked at, so that entries say who is in a namespace. */
  inhabited = false;
  /** What entries say of links; null: they are not watched. */
  linksOf: LinksOf | null = null;
  #order = 0;

  constructor(own: NamespaceId | null, leadToOne: LeadToOne) {
    this.#leadToOne = leadToOne;
    this.own = own === null ? null : this.make(own, 'own');
    this.#index.own = this.own;
  }

  make(namespace: NamespaceId | null, kind: RecordKind = 'namespace'): NamespaceRecord {
    const record = new NamespaceRecord(namespace, kind, this.nextOrder());
    this.#records.add(record);
    if (namespace !== null) this.#index.add(record, namespace);
    return record;
  }

  /** That of the newest entry of the inventory. */
  nextOrder(): number {
    return ++this.#order;
  }

  find(namespace: NamespaceId): NamespaceRecord | undefined {
    return this.#index.find(namespace);
  }

  /** The record of the namespace that a path leads to. Makes one if there is none. */
  at(path: string, namespace: NamespaceId): NamespaceRecord {
    const other = this.#index.lookalike(namespace);
    const [name] = other?.names ?? [];
    if (other !== undefined && name !== undefined && this.#leadToOne(path, name.path)) return other;
    return this.#index.find(namespace) ?? this.make(namespace);
  }

  /** It is known now which namespace a record stands for. */
  identify(record: NamespaceRecord, namespace: NamespaceId): void {
    if (record.namespace !== null) return;
    record.namespace = namespace;
    this.#index.add(record, namespace);
  }

  has(record: NamespaceRecord): boolean {
    return this.#records.has(record);
  }

  /** Nothing more will be reported of it. The observer's own stays. */
  drop(record: NamespaceRecord): void {
    if (record.kind === 'own') record.lastNames = [];
    else this.remove(record);
  }

  remove(record: NamespaceRecord): void {
    this.#records.delete(record);
    this.#index.remove(record);
  }

  /** Nsids are not listened to any more. */
  forgetNsids(): void {
    for (const record of this.#records) record.forgetNsid();
    this.dropUnfollowed();
  }

  /** Drops those of which nothing more will be reported. */
  dropUnfollowed(): void {
    for (const record of this.#records) if (record.names.size === 0 && !record.isFollowed) this.drop(record);
  }

  /** As the live state shows it. */
  entryOf(record: NamespaceRecord): InventoryEntry {
    const entry = entryOf(record, this.inhabited);
    return this.linksOf === null ? entry : Object.assign(entry, this.linksOf(record));
  }

  /** The live state; with who is in them, the observer's own is always one of them. */
  entries(): { order: number; entry: InventoryEntry }[] {
    return [...this.#records]
      .filter(
        ({ names, life, kind }) => names.size > 0 || life === 'alive' || (this.inhabited && kind === 'own'),
      )
      .map((record) => ({ order: record.order, entry: this.entryOf(record) }));
  }
}
