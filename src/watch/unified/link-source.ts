/**
 * The links of the inventory's namespaces, as the unified watcher tells of them. Where they are
 * read, and which namespaces may be looked into, is a matter of rights:
 *
 * | who                                  | the own namespace   | others                        |
 * | ------------------------------------ | ------------------- | ----------------------------- |
 * | has all rights                       | live                | live (scratch-links.ts)       |
 * | is root of a user namespace, in a    | live                | live where that owns them,    |
 * | network namespace that this one owns |                     | otherwise closed              |
 * | anybody else                         | live (own-links.ts) | limited (proc-links.ts), or   |
 * |                                      |                     | closed where no process is    |
 */
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import type { GraphNamespace, LinkNode } from '../links/link-node.ts';
import type { LinkSettings } from '../links/link-options.ts';
import type { Link, LinkAddress, LinkReference, LinksState } from '../links/link-types.ts';
import { LinkWatcher } from '../links/link-watcher.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Clock } from '../stream/clock.ts';
import type { Inventory } from './inventory.ts';
import { eventOf, linkOf } from './link-events.ts';
import type { RecordOf } from './link-events.ts';
import type { LinkTable } from './link-table.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { ProcLinks } from './proc-links.ts';
import type { UnifiedEvent } from './unified-events.ts';
import type { UnifiedNamespaceWatcherStats } from './unified-stats.ts';

/** By what links are told of. */
export interface LinkParts {
  inventory: Inventory;
  table: LinkTable;
  /** Null: nobody reads by /proc. */
  processes: ProcLinks | null;
  clock: Clock;
}

export class LinkSource {
  readonly #watcher: LinkWatcher;
  readonly #inventory: Inventory;
  readonly #table: LinkTable;
  readonly #processes: ProcLinks | null;
  readonly #recordOf: RecordOf = (namespace) => this.#table.recordOf(namespace);
  #isLost = false;

  private constructor({ inventory, table, processes, clock }: LinkParts, { shows }: LinkSettings) {
    this.#inventory = inventory;
    this.#table = table;
    this.#processes = processes;
    this.#watcher = new LinkWatcher(clock, table.sockets, {
      discover: (nsid) => table.discover(nsid),
      isSelf: (nsid) => table.isSelf(nsid),
      isVisible: shows,
      self: table.self,
      all: table.all,
    });
  }

  /**
   * Reads the links of all namespaces that the table has.
   * @throws NetlinkError, SystemError, NlinkError
   */
  static async open(parts: LinkParts, settings: LinkSettings): Promise<LinkSource> {
    let source: LinkSource | null = null;
    try {
      source = new LinkSource(parts, settings);
      await source.#load();
      return source;
    } catch (error) {
      if (source === null) parts.table.close();
      else source.close();
      throw error;
    }
  }

  /** Whether one may not look into the observer's own namespace: then hardly into any. */
  get isRefused(): boolean {
    const { own } = this.#inventory.inhabited;
    return own !== null && this.#graphOf(own)?.state === 'closed';
  }

  /** From now on `wake` is called when {@link next} or {@link step} may have something. */
  start(wake: () => unknown): void {
    this.#watcher.start(wake);
    this.#processes?.start(wake);
  }

  /** As `LinkTable.nextFound`. What {@link next} has may tell of that. */
  nextFound(): MaybePromise<UnifiedEvent[]> | null {
    return this.#table.nextFound();
  }

  /** What is emitted next; undefined: nothing for now. */
  next(): UnifiedEvent | undefined {
    // What was known by /proc goes before the same is told by the table.
    const limited = this.#processes?.next();
    if (limited !== undefined) return limited;
    const notice = this.#watcher.next();
    if (notice === undefined) return undefined;
    if (notice.type !== 'resynced') return eventOf(notice, this.#recordOf);
    this.#isLost = true;
    return this.next();
  }

  /** As `LinkWatcher.step`. */
  step(): MaybePromise<void> | null {
    return this.#watcher.step();
  }

  /** A namespace died that may be none of the inventory's. @returns what is emitted */
  died(number: number): UnifiedEvent[] {
    const nsid = this.#table.died(number);
    if (nsid !== null) this.#watcher.gone(nsid);
    return this.#all();
  }

  /** Nothing is known of links any more. @returns what is emitted */
  end(): UnifiedEvent[] {
    this.#watcher.forget();
    const events = this.#all();
    this.close();
    return events;
  }

  /** Whether events of links were lost since this was asked last, and all links are known again. */
  takeLoss(): boolean {
    const lost = this.#isLost;
    this.#isLost = false;
    return lost;
  }

  /**
   * Counters of links, by index; null: one may not look there, or it is gone.
   * @throws SystemError, NlinkError
   */
  statisticsOf(reference: LinkReference): MaybePromise<Map<number, LinkStatistics> | null> {
    const record = this.#recordBy(reference);
    if (record === undefined) return null;
    const namespace = this.#graphOf(record);
    if (namespace?.state !== 'live') return this.#processes?.statisticsOf(record) ?? null;
    return this.#watcher.reader.statistics(namespace);
  }

  /** Addresses of links, by index; null as {@link statisticsOf}. @throws the same */
  addressesOf(reference: LinkReference): MaybePromise<Map<number, LinkAddress[]> | null> {
    const record = this.#recordBy(reference);
    const namespace = record === undefined ? undefined : this.#graphOf(record);
    return namespace?.state === 'live' ? this.#watcher.reader.addresses(namespace) : null;
  }

  get counters(): UnifiedNamespaceWatcherStats['links'] {
    const { datagrams, overflows, asked, listed } = this.#watcher.counters;
    return { datagrams, overflows, asked, listed, approximate: this.#watcher.isApproximate };
  }

  pause(): void {
    this.#watcher.pause();
  }

  resume(): void {
    this.#watcher.resume();
  }

  ref(): void {
    this.#watcher.ref();
  }

  unref(): void {
    this.#watcher.unref();
  }

  close(): void {
    this.#inventory.beforeEnd = () => [];
    this.#inventory.inhabited.showLinks(null);
    this.#processes?.close();
    this.#table.close();
    this.#watcher.close();
  }

  async #load(): Promise<void> {
    this.#table.follow((nsid, number) => {
      this.#processes?.forget();
      this.#watcher.add(nsid, number);
    });
    await this.#watcher.load();
    this.#table.enterFound();
    this.#processes?.load();
    this.#inventory.inhabited.showLinks((record) => this.#linksOf(record));
    this.#inventory.beforeEnd = (record) => this.#before(record);
  }

  /** @returns what is emitted of the links of a namespace that died, and of all before */
  #before(record: NamespaceRecord): UnifiedEvent[] {
    const nsid = this.#table.nsidOf(record);
    if (nsid !== null) this.#watcher.gone(nsid);
    return [...this.#all(), ...(this.#processes?.died(record) ?? [])];
  }

  #all(): UnifiedEvent[] {
    const events = this.#table.enterFound();
    for (let event = this.next(); event !== undefined; event = this.next()) events.push(event);
    return events;
  }

  #recordBy({ number = null, own, nsid }: LinkReference): NamespaceRecord | undefined {
    const { inhabited, numbers, nsids } = this.#inventory;
    if (own) return inhabited.own ?? undefined;
    if (number !== null) return numbers.of(number);
    return nsid === null ? undefined : nsids.of(nsid);
  }

  #graphOf(record: NamespaceRecord): GraphNamespace | undefined {
    const nsid = this.#table.nsidOf(record);
    return nsid === null ? undefined : this.#watcher.graph.namespaces.get(nsid);
  }

  #linksOf(record: NamespaceRecord): { number: number | null; links: Link[]; linksState: LinksState } {
    const { number } = record;
    const namespace = this.#graphOf(record);
    const limited = namespace?.state === 'live' ? null : (this.#processes?.linksOf(record) ?? null);
    if (limited !== null) return { number, links: limited, linksState: 'limited' };
    const links: Link[] = [];
    for (const { published } of this.#nodesIn(namespace))
      if (published !== null) links.push(linkOf(published, this.#recordOf));
    const linksState = record.life === 'ended' ? 'closed' : this.#stateOf(namespace);
    return { number, links, linksState };
  }

  /** Those that are there, and those that left and of which that was not told yet. */
  *#nodesIn(namespace: GraphNamespace | undefined): Generator<LinkNode, void> {
    if (namespace === undefined) return;
    yield* namespace.links.values();
    for (const node of this.#watcher.graph.departed) if (node.namespace === namespace) yield node;
  }

  #stateOf(namespace: GraphNamespace | undefined): LinksState {
    // Who has no nsid in one's own table is not read by it.
    if (namespace === undefined) return this.#table.self === null ? 'pending' : 'closed';
    if (namespace.state === 'unread') return 'pending';
    if (namespace.state === 'closed') return 'closed';
    return this.#watcher.isApproximate ? 'approximate' : 'live';
  }
}
