/**
 * Which namespaces claim an nsid that has not been emitted as theirs.
 *
 * The kernel says which nsid a namespace has *now*. But events are emitted in order, and in what
 * was read ahead the nsid may be assigned several times: each time it gets its next owner, and all
 * owners but the last are gone. A claim's *generation* says which of these owners the namespace is:
 * the first, the second... Generation 0 is the owner that was emitted already.
 *
 * An example: three namespaces A, B and C have nsid 7 in turn. `created` of each asks for its nsid.
 * A is asked early. When C is asked, all is read ahead; nobody could ask B, since it was gone.
 *
 * | what happens                         | backlog        | owners of 7  | emitted              |
 * | ------------------------------------ | -------------- | ------------ | -------------------- |
 * | 7 is assigned; A asked: generation 1 | +7             | A            | `created` A          |
 * | 7 goes from A to B, and from B to C  | +7 -7 +7 -7 +7 | A            |                      |
 * | C is asked: generation 3             | +7 -7 +7 -7 +7 | A, nobody, C | `created` C          |
 * | +7: {@link PendingNsids.resolve}     | -7 +7 -7 +7    | nobody, C    | `nsidAssigned`, A    |
 * | -7                                   | +7 -7 +7       | nobody, C    | `destroyed`, A       |
 * | +7: resolve                          | -7 +7          | C            | `nsidAssigned`, null |
 * | -7                                   | +7             | C            | `destroyed`, null    |
 * | +7: resolve                          |                |              | `nsidAssigned`, C    |
 * | C is asked again: generation 0       |                |              |                      |
 *
 * Others count with the same generations: nsid-reader.ts how often an nsid is still to be assigned,
 * nsid-backlog.ts whether an owner of some generation ends in the backlog, inventory.ts whose the
 * nsid is of generation 0.
 */
import type { NamespaceRecord, PendingNsid } from './namespace-record.ts';

export class PendingNsids {
  /** The owners to come of each nsid, in order; null: nobody knows that one. */
  readonly #owners = new Map<number, (NamespaceRecord | null)[]>();

  /** A record claims an nsid. */
  add(record: NamespaceRecord, { nsid, generation }: PendingNsid): void {
    record.claimedNsid = nsid;
    const owners = this.#owners.get(nsid) ?? [];
    this.#owners.set(nsid, owners);
    while (owners.length < generation - 1) owners.push(null);
    owners.push(record);
  }

  /** The nsids that are claimed. */
  get nsids(): number[] {
    return [...this.#owners.keys()];
  }

  has(nsid: number): boolean {
    return this.#owners.has(nsid);
  }

  /** The nsid is assigned. @returns to whom, who claims it no longer; null: nobody knows */
  resolve(nsid: number): NamespaceRecord | null {
    const owners = this.#owners.get(nsid) ?? [];
    const record = owners.shift() ?? null;
    if (owners.length === 0) this.#owners.delete(nsid);
    if (record !== null) record.claimedNsid = null;
    return record;
  }

  /** What a record claims. */
  of(record: NamespaceRecord): PendingNsid | null {
    const nsid = record.claimedNsid;
    if (nsid === null) return null;
    return { nsid, generation: (this.#owners.get(nsid)?.indexOf(record) ?? 0) + 1 };
  }

  /** Nobody claims anything any longer. @returns who did */
  clear(): NamespaceRecord[] {
    const records = [...this.#owners.values()].flat().filter((record) => record !== null);
    for (const record of records) record.claimedNsid = null;
    this.#owners.clear();
    return records;
  }
}
