/**
 * Which namespaces processes are in, by the inode number of `net/dev` in each (process-look.ts),
 * as of the last scan.
 */
import { reported } from './inhabitants.ts';
import type { Inhabitants } from './inhabitants.ts';
import type { NameRecords } from './name-records.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { NamespaceRecords } from './namespace-records.ts';
import type { NamespaceInhabitants } from './unified-events.ts';

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
    return this.#all.inhabited ? reported(number, inhabitants ?? lastInhabitants) : {};
  }

  /** The observer's own namespace. */
  get own(): NamespaceRecord | null {
    return this.#all.own;
  }

  at(inode: number): NamespaceRecord | undefined {
    return this.#byInode.get(inode);
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
    this.#names.dropStandIn(record);
  }

  /** Processes are not looked at any more. */
  clear(): void {
    for (const record of this.#byInode.values()) this.leave(record);
  }
}
