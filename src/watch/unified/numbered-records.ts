/** The records by the numbers of their namespaces in the scratch table (scratch-table.ts). */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { DEAD } from './namespace-record.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { NamespaceRecords } from './namespace-records.ts';

export class NumberedRecords {
  readonly #all: NamespaceRecords;
  readonly #byNumber = new Map<number, NamespaceRecord>();
  /** Whether the observer's own namespace is to have one as well. */
  includesOwn = false;
  /** Called with each number that a record gets. */
  onAssigned: (number: number) => void = () => {};

  constructor(all: NamespaceRecords) {
    this.#all = all;
  }

  of(number: number): NamespaceRecord | undefined {
    return this.#byNumber.get(number);
  }

  /** The number of a living namespace, if it is known to have one; null: unknown. */
  numberOf(namespace: NamespaceId): number | null {
    // Without an id of the kernel's it may be another namespace.
    return namespace.id === null ? null : (this.#all.find(namespace)?.number ?? null);
  }

  /** Whether there is a record of a namespace, with a number or without. */
  isKnown(namespace: NamespaceId): boolean {
    return this.#all.find(namespace) !== undefined;
  }

  /**
   * The record of the namespace that a name leads to. A number says for sure which namespace it is.
   * @param number null: it has none
   */
  recordAt(path: string, namespace: NamespaceId, number: number | null): NamespaceRecord {
    const numbered = number === null ? undefined : this.#identified(number, namespace);
    if (numbered !== undefined) return numbered;
    const record = this.#all.at(path, namespace);
    return number === null || record.number === null ? record : this.#all.make(namespace);
  }

  /**
   * The record of the namespace with a number, if there is one, which may have had none so far.
   * @param namespace null: unknown
   */
  find(number: number, namespace: NamespaceId | null): NamespaceRecord | undefined {
    const numbered = this.#identified(number, namespace);
    if (numbered !== undefined || namespace === null) return numbered;
    const record = this.#all.find(namespace);
    return record?.number === null ? record : undefined;
  }

  /**
   * A namespace got a number, so it lives; or it has that number by another record, which is to be
   * the only one then; or it is {@link DEAD}.
   */
  assign(number: number, record: NamespaceRecord): void {
    if (number === DEAD) {
      record.life = 'ended';
      return;
    }
    const other = this.#byNumber.get(number);
    if (other !== undefined && other !== record) this.#merge(record, other);
    else if (record.number === null) {
      record.number = number;
      if (record.life === 'unknown') record.life = 'alive';
      this.#byNumber.set(number, record);
      this.onAssigned(number);
    }
  }

  /** The record with the number of another one stands for that namespace from now on. */
  handOver(from: NamespaceRecord, to: NamespaceRecord): void {
    if (from.number === null || to.number !== null) return;
    this.drop(from);
    this.assign(from.number, to);
  }

  /** Whether a namespace is still to be numbered. */
  lacks({ number, kind }: NamespaceRecord): boolean {
    return number === null && (kind !== 'own' || this.includesOwn);
  }

  /** All numbers that records have. */
  get all(): Iterable<number> {
    return this.#byNumber.keys();
  }

  /** Nothing more is to be known of a namespace by its number. */
  drop({ number }: NamespaceRecord): void {
    if (number !== null) this.#byNumber.delete(number);
  }

  /** Deaths are not watched any more. */
  clear(): void {
    for (const record of this.#byNumber.values()) record.forgetNumber();
    this.#byNumber.clear();
  }

  /** The one with the number; it is known now which namespace that is. */
  #identified(number: number, namespace: NamespaceId | null): NamespaceRecord | undefined {
    const record = this.#byNumber.get(number);
    if (record !== undefined && namespace !== null) this.#all.identify(record, namespace);
    return record;
  }

  #merge(record: NamespaceRecord, into: NamespaceRecord): void {
    for (const name of record.names) {
      name.record = into;
      into.names.add(name);
    }
    record.names.clear();
    this.#all.remove(record);
    if (record.namespace !== null) this.#all.identify(into, record.namespace);
  }
}
