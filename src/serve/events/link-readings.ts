/**
 * What of links no event tells, and the kernel is asked for: counters and addresses. However many
 * ask, it costs as much as one: those who ask for a namespace while it is read share what is read;
 * the addresses of all are read at most each two seconds, and until then are those of before.
 */
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import { TimeSlice } from '../../netns/processes/time-slice.ts';
import type { LinkAddress } from '../../watch/links/link-types.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';

/** By ifindex, as `10.0.0.2/24`; null: they may not be read. */
export type AddressTexts = ReadonlyMap<number, readonly string[]> | null;

export interface LinkReading {
  addresses: AddressTexts;
  /** By ifindex; null: they may not be read. */
  statistics: ReadonlyMap<number, LinkStatistics> | null;
  /** When they were read. */
  time: Date;
}

/** What is asked; both may reject. */
export interface LinkReader {
  statistics: (entry: InventoryEntry) => Promise<ReadonlyMap<number, LinkStatistics> | null>;
  addresses: (entry: InventoryEntry) => Promise<ReadonlyMap<number, readonly LinkAddress[]> | null>;
}

const SELDOM = 2000;

export class LinkReadings {
  readonly #reader: LinkReader;
  readonly #now: () => number;
  readonly #running = new Map<string, Promise<LinkReading>>();
  #all: { of: Promise<ReadonlyMap<string, AddressTexts>>; until: number } | null = null;

  /** @param now milliseconds that only grow */
  constructor(reader: LinkReader, now: () => number) {
    this.#reader = reader;
    this.#now = now;
  }

  of(entry: InventoryEntry): Promise<LinkReading> {
    const key = readingKey(entry);
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const reading = this.#read(entry).finally(() => this.#running.delete(key));
    this.#running.set(key, reading);
    return reading;
  }

  /** @returns by {@link readingKey} */
  all(entries: readonly InventoryEntry[]): Promise<ReadonlyMap<string, AddressTexts>> {
    if (this.#all !== null && this.#now() < this.#all.until) return this.#all.of;
    const all = { of: this.#readAll(entries), until: Infinity };
    this.#all = all;
    void all.of.finally(() => (all.until = this.#now() + SELDOM));
    return all.of;
  }

  async #read(entry: InventoryEntry): Promise<LinkReading> {
    const statistics = await orNull(this.#reader.statistics(entry));
    const time = new Date();
    return { statistics, addresses: await this.#addresses(entry), time };
  }

  async #readAll(entries: readonly InventoryEntry[]): Promise<ReadonlyMap<string, AddressTexts>> {
    const found = new Map<string, AddressTexts>();
    const slice = new TimeSlice();
    for (const entry of entries) {
      if (entry.linksState === undefined) continue;
      await slice.check();
      found.set(readingKey(entry), await this.#addresses(entry));
    }
    return found;
  }

  async #addresses(entry: InventoryEntry): Promise<AddressTexts> {
    const found = await orNull(this.#reader.addresses(entry));
    if (found === null) return null;
    return new Map([...found].map(([ifindex, all]) => [ifindex, all.map(addressText)]));
  }
}

const addressText = ({ address, prefixLength }: LinkAddress): string => `${address}/${prefixLength}`;

/** What cannot be had, as before Linux 4.20 addresses of other namespaces, is not known. */
const orNull = <T>(asked: Promise<T | null>): Promise<T | null> => asked.catch(() => null);

/** The same for one namespace, as long as it is there. */
export const readingKey = ({ number, nsid, own }: InventoryEntry): string =>
  own ? 'own' : `${number ?? `nsid ${nsid}`}`;
