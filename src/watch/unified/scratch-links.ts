/**
 * Links by the scratch table (scratch-table.ts): all namespaces with a number are read, and nothing
 * is left in the table of any. One that only a link leads to gets a number as well, and becomes an
 * entry.
 */
import { NsidHere } from '../../netlink/nsid-here.ts';
import type { GraphNamespace } from '../links/link-node.ts';
import type { LinkSockets } from '../links/link-watcher-options.ts';
import { attempt, chain } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Inventory } from './inventory.ts';
import type { KernelSources } from './kernel-sources.ts';
import type { LinkTable } from './link-table.ts';
import type { NamespaceRecord, PendingNsid } from './namespace-record.ts';
import type { NumberedNamespace } from './namespace-target.ts';
import type { ScratchTable } from './scratch-table.ts';
import type { UnifiedEvent } from './unified-events.ts';

export class ScratchLinks implements LinkTable {
  readonly sockets: LinkSockets;
  readonly self = null;
  readonly all = true;
  readonly #inventory: Inventory;
  readonly #kernel: KernelSources;
  readonly #table: ScratchTable;
  /** Numbers of namespaces that were found by links, and are not entries yet. */
  readonly #found: number[] = [];

  constructor(inventory: Inventory, kernel: KernelSources, table: ScratchTable, sockets: LinkSockets) {
    this.#inventory = inventory;
    this.#kernel = kernel;
    this.#table = table;
    this.sockets = sockets;
  }

  follow(add: (nsid: number, number: number) => void): void {
    const { numbers } = this.#inventory;
    const addNumber = (number: number): void => add(this.#table.nsidOf(number), number);
    for (const number of numbers.all) addNumber(number);
    numbers.onAssigned = addNumber;
  }

  nsidOf({ number }: NamespaceRecord): number | null {
    return number === null ? null : this.#table.nsidOf(number);
  }

  recordOf({ number }: GraphNamespace): NamespaceRecord | undefined {
    return number === null ? undefined : this.#inventory.numbers.of(number);
  }

  isSelf(): boolean {
    return false;
  }

  discover(nsid: number): number {
    const number = this.#table.numberOf(nsid);
    this.#found.push(number);
    return number;
  }

  nextFound(): MaybePromise<UnifiedEvent[]> | null {
    const number = this.#found.shift();
    if (number === undefined) return null;
    return chain(this.#claimOf(number), (claim) => this.#enter(number, claim));
  }

  enterFound(): UnifiedEvent[] {
    return this.#found.splice(0).flatMap((number) => {
      const claim = this.#claimOf(number);
      // The kernel answers at once, as a rule.
      return this.#enter(number, claim instanceof Promise ? null : claim);
    });
  }

  died(number: number): number {
    const at = this.#found.indexOf(number);
    if (at >= 0) this.#found.splice(at, 1);
    return this.#table.nsidOf(number);
  }

  close(): void {
    this.#inventory.numbers.onAssigned = () => {};
  }

  #claimOf(number: number): MaybePromise<PendingNsid | null> {
    return this.#kernel.nsids?.claimOfUnnamed(this.#askBy(number)) ?? null;
  }

  #askBy(number: number): NumberedNamespace {
    return { nsidHere: () => this.#nsidHere(number) };
  }

  /** A namespace becomes an entry, unless it is one. @returns what to emit */
  #enter(number: number, claim: PendingNsid | null): UnifiedEvent[] {
    const { numbers, inhabited } = this.#inventory;
    if (numbers.of(number) !== undefined) return [];
    const events = this.#inventory.found(number, null, claim, null);
    const record = numbers.of(number);
    if (record !== undefined) inhabited.askBy(record, this.#askBy(number));
    return events;
  }

  /** The nsid that the observer's namespace has for one with a number. */
  #nsidHere(number: number): MaybePromise<number | null | undefined> {
    const own = this.#inventory.inhabited.own?.number ?? null;
    if (own === null) return undefined;
    const query = new NsidHere(this.#table.nsidOf(number), this.#table.nsidOf(own));
    return attempt<number | null | undefined>(
      () => this.#table.engine.requester.exchange(query),
      () => undefined,
    );
  }
}
