/**
 * Which record an nsid belongs to: its owner, who claims it next, and whose names have still to go
 * although the nsid was removed.
 */
import type { NamespaceRecord, PendingNsid } from './namespace-record.ts';
import { PendingNsids } from './pending-nsids.ts';

export class NsidOwners {
  /** Emitted as assigned. */
  readonly #owners = new Map<number, NamespaceRecord>();
  /**
   * Nsids whose owner is not known, or could not be told from another namespace: without a kernel
   * id it is known by a name alone.
   */
  readonly #unknown = new Set<number>();
  readonly #claims = new PendingNsids();
  /** Removed nsids of namespaces that still have names. */
  readonly #ending = new Map<number, NamespaceRecord>();

  /** Called with each nsid that a record gets. */
  onAssigned: (nsid: number) => void = () => {};

  /** All nsids that records have. */
  get all(): Iterable<number> {
    return this.#owners.keys();
  }

  of(nsid: number): NamespaceRecord | undefined {
    return this.#owners.get(nsid);
  }

  /** The record that claims to be the next owner, and claims it no longer. */
  resolve(nsid: number): NamespaceRecord | null {
    return this.#claims.resolve(nsid);
  }

  /** The nsid belongs to this record from now on. */
  assign(nsid: number, record: NamespaceRecord): void {
    record.assign(nsid);
    this.#owners.set(nsid, record);
    if (isUnknown(record)) this.#unknown.add(nsid);
    else this.#unknown.delete(nsid);
    this.onAssigned(nsid);
  }

  /**
   * Whether an nsid that was emitted may be that of a namespace that has just got its name: it is
   * not known which one has it.
   */
  get hasUnknown(): boolean {
    return this.#unknown.size > 0;
  }

  /** A record has lost its last name. */
  lostNames(record: NamespaceRecord): void {
    const { nsid } = record;
    if (nsid !== null && isUnknown(record) && this.#owners.get(nsid) === record) this.#unknown.add(nsid);
  }

  /** The kernel removed an nsid. @returns whose it was */
  end(nsid: number): NamespaceRecord | undefined {
    const record = this.#owners.get(nsid);
    if (record === undefined) return undefined;
    this.#owners.delete(nsid);
    this.#unknown.delete(nsid);
    record.life = 'ended';
    if (record.names.size > 0) this.#ending.set(nsid, record);
    return record;
  }

  /** The last name of an ended namespace has gone. */
  endReported(nsid: number, record: NamespaceRecord): void {
    if (this.#ending.get(nsid) === record) this.#ending.delete(nsid);
  }

  /** Whether the end of the last owner of this nsid is still to be emitted, since it has names. */
  isEnding(nsid: number): boolean {
    return this.#ending.has(nsid);
  }

  claim(record: NamespaceRecord, claim: PendingNsid): void {
    if (record.claimedNsid === null) this.#claims.add(record, claim);
  }

  /** Whether a namespace claims this nsid, so that no other has to be asked. */
  isClaimed(nsid: number): boolean {
    return this.#claims.has(nsid);
  }

  /** The nsids that a namespace claims, and that were not emitted as its. */
  get claimed(): number[] {
    return this.#claims.nsids;
  }

  /** The nsid that a record has or claims. */
  nsidOf(record: NamespaceRecord): PendingNsid | null {
    return record.nsid === null ? this.#claims.of(record) : { nsid: record.nsid, generation: 0 };
  }

  /** @returns who claimed anything */
  forgetClaims(): NamespaceRecord[] {
    return this.#claims.clear();
  }

  clear(): void {
    this.#owners.clear();
    this.#unknown.clear();
    this.#ending.clear();
    this.#claims.clear();
  }
}

const isUnknown = ({ kind, namespace, names }: NamespaceRecord): boolean =>
  kind !== 'own' && names.size === 0 && (namespace === null || namespace.id === null);
