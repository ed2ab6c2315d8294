/**
 * Who says that he has an id that has not been told yet, or not yet as his. An id may be told
 * several times before it is, since those who had it before are told of first: each id has a line
 * of owners, one for each time that it begins, of whom all but the last are no more.
 */
import type { PendingNsid, NamespaceRecord } from './namespace-record.ts';

export class PendingNsids {
  /** Null: one that nobody knows. */
  readonly #lines = new Map<number, (NamespaceRecord | null)[]>();

  add(record: NamespaceRecord, { nsid, turn }: PendingNsid): void {
    record.claim = nsid;
    const line = this.#lines.get(nsid) ?? [];
    this.#lines.set(nsid, line);
    while (line.length < turn - 1) line.push(null);
    line.push(record);
  }

  get ids(): number[] {
    return [...this.#lines.keys()];
  }

  has(nsid: number): boolean {
    return this.#lines.has(nsid);
  }

  /** The id begins. @returns whose it is, who claims it no more; null: nobody knows */
  take(nsid: number): NamespaceRecord | null {
    const line = this.#lines.get(nsid) ?? [];
    const record = line.shift() ?? null;
    if (line.length === 0) this.#lines.delete(nsid);
    if (record !== null) record.claim = null;
    return record;
  }

  /** What a record claims. */
  of(record: NamespaceRecord): PendingNsid | null {
    const nsid = record.claim;
    return nsid === null ? null : { nsid, turn: (this.#lines.get(nsid)?.indexOf(record) ?? 0) + 1 };
  }

  /** Nobody claims anything any more. @returns who did */
  clear(): NamespaceRecord[] {
    const records = [...this.#lines.values()].flat().filter((record) => record !== null);
    for (const record of records) record.claim = null;
    this.#lines.clear();
    return records;
  }
}
