/**
 * Which namespaces processes are in, by the inode number of `net/dev` in each (process-look.ts),
 * as of the last scan.
 */
import { reported } from './inhabitants.ts';
import type { Inhabitants } from './inhabitants.ts';
import type { NameRecords } from './name-records.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { LinksOf, NamespaceRecords } from './namespace-records.ts';
import type { NumberedNamespace } from './namespace-target.ts';
import type { InventoryEntry, NamespaceInhabitants } from './unified-events.ts';

export class InhabitedRecords {
  readonly #all: NamespaceRecords;
  readonly #names: NameRecords;
  readonly #byInode = new Map<number, NamespaceRecord>();

  constructor(all: NamespaceRecords, names: NameRecords) {
    this.#all = all;
    this.#names = names;
  }

  /** From now on entries and ends say who is in a namespace. */
  show(): void {
    this.#all.inhabited = true;
  }

  /** Who was in a namespace last; left out where processes are not looked at. */
  lastOf({ number, inhabitants, lastInhabitants }: NamespaceRecord): Partial<NamespaceInhabitants> {
    if (this.#all.inhabited) return reported(number, inhabitants ?? lastInhabitants);
    return this.#all.linksOf === null ? {} : { number };
  }

  /** The observer's own namespace. */
  get own(): NamespaceRecord | null {
    return this.#all.own;
  }

  /** Those that somebody is in. */
  records(): Iterable<NamespaceRecord> {
    return this.#byInode.values();
  }

  at(inode: number): NamespaceRecord | undefined {
    return this.#byInode.get(inode);
  }

  /** A namespace that only a link leads to can be asked for by its number. */
  askBy(record: NamespaceRecord, numbered: NumberedNamespace): void {
    record.numbered = numbered;
    this.#names.standIn(record);
  }

  /** What entries say of links from now on. */
  showLinks(linksOf: LinksOf | null): void {
    this.#all.linksOf = linksOf;
  }

  /** As the live state shows it. */
  entryOf(record: NamespaceRecord): InventoryEntry {
    return this.#all.entryOf(record);
  }

  /** These are in a namespace, in place of those that were. */
  enter(record: NamespaceRecord, inhabitants: Inhabitants): Inhabitants {
    const { inode } = inhabitants;
    const before = this.#byInode.get(inode);
    if (before !== undefined && before !== record) this.leave(before);
    if (record.inhabitants !== null && record.inhabitants.inode !== inode) this.leave(record);
    record.inhabitants = inhabitants;
    this.#byInode.set(inode, record);
    if (inhabitants.target !== null) this.#names.standIn(record);
    return inhabitants;
  }

  /** A record stands for the namespace of another one from now on. */
  handOver(from: NamespaceRecord, to: NamespaceRecord): void {
    const { inhabitants } = from;
    if (inhabitants === null) return;
    this.leave(from);
    this.enter(to, inhabitants);
  }

  /** Nobody is in it any more. */
  leave(record: NamespaceRecord): void {
    const { inhabitants } = record;
    if (inhabitants === null) return;
    if (this.#byInode.get(inhabitants.inode) === record) this.#byInode.delete(inhabitants.inode);
    record.lastInhabitants = inhabitants;
    record.inhabitants = null;
    if (record.numbered === null) this.#names.dropStandIn(record);
  }

  /** Processes are not looked at any more. */
  clear(): void {
    for (const record of this.#byInode.values()) this.leave(record);
  }
}
