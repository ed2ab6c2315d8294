/**
 * What is there as JSON: the rows of `nlink list --all --json` and `nlink links --all --json`, one
 * namespace in full, and all of it as a snapshot. Each text is made once for a revision.
 *
 * The inventory may be some events ahead of the feed. So whoever applies the events after a
 * snapshot may be told again what it had; each says how something is, and once more does no harm.
 */
import { recordOf } from '../../format/event-json.ts';
import { safeJson } from '../../format/escape.ts';
import { NamespaceLabels } from '../../format/link-labels.ts';
import { linkRow, linksOf, rowFields } from '../../format/link-row.ts';
import { linkNamespaceOf } from '../../watch/unified/link-namespace.ts';
import type { LinkRow, LinksEntry } from '../../format/link-row.ts';
import { presentOf } from '../../format/output-event.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';
import type { Feed } from './feed.ts';
import { found } from './find-namespace.ts';
import { readingKey } from './link-readings.ts';
import type { AddressTexts, LinkReading } from './link-readings.ts';

/** A snapshot that is no older goes out again, with the events after it. */
const FRESH = 5000;

export interface Snapshot {
  /** The number of the last event before it. */
  seq: number;
  json: string;
}

interface Made {
  revision: number;
  json: string;
}

export class View {
  readonly #feed: Feed;
  readonly #inventory: () => readonly InventoryEntry[];
  readonly #now: () => number;
  readonly #parts: () => ReadonlyMap<string, boolean>;
  #namespaces: Made | null = null;
  #links: Made | null = null;
  #addresses: (Made & { of: ReadonlyMap<string, AddressTexts> }) | null = null;
  #snapshot: (Snapshot & { revision: number; at: number; unavailable: string }) | null = null;

  /**
   * @param now milliseconds
   * @param parts what can be known, and whether it is
   */
  constructor(
    feed: Feed,
    inventory: () => readonly InventoryEntry[],
    now: () => number,
    parts: () => ReadonlyMap<string, boolean> = () => new Map(),
  ) {
    this.#feed = feed;
    this.#inventory = inventory;
    this.#now = now;
    this.#parts = parts;
  }

  /** A look: of what it gives all is of one revision. */
  look(): readonly InventoryEntry[] {
    const entries = this.#inventory();
    this.#feed.look(entries);
    return entries;
  }

  namespaces(entries: readonly InventoryEntry[]): string {
    const { revision } = this.#feed;
    if (this.#namespaces?.revision !== revision)
      this.#namespaces = { revision, json: safeJson(entries.flatMap(namespaceRows)) };
    return this.#namespaces.json;
  }

  links(entries: readonly InventoryEntry[]): string {
    const { revision } = this.#feed;
    if (this.#links?.revision !== revision)
      this.#links = { revision, json: safeJson(linkRows(entries, this.#feed.directory)) };
    return this.#links.json;
  }

  /** @returns null: there is none, and none died not long ago */
  namespace(entries: readonly InventoryEntry[], word: string, reading: LinkReading | null): string | null {
    const one = found(word, entries, this.#feed, reading);
    return one === null ? null : safeJson(one);
  }

  /** @param addresses by `readingKey`; the same map for all who share a reading */
  addresses(entries: readonly InventoryEntry[], addresses: ReadonlyMap<string, AddressTexts>): string {
    const { revision, directory } = this.#feed;
    if (this.#addresses?.revision !== revision || this.#addresses.of !== addresses)
      this.#addresses = { revision, of: addresses, json: safeJson(linkRows(entries, directory, addresses)) };
    return this.#addresses.json;
  }

  /**
   * What clients begin with. The same for all for as long as it serves, so that those who take
   * nothing of theirs do not each hold another one.
   */
  snapshot(): Snapshot {
    const { epoch, seq, ring } = this.#feed;
    const last = this.#snapshot;
    const at = this.#now();
    const unavailable = [...this.#parts()].flatMap(([part, isThere]) => (isThere ? [] : [part]));
    // Whoever hears that a part is gone asks for a snapshot that knows of it.
    const isSame = unavailable.join() === last?.unavailable;
    if (last !== null && isSame && at - last.at < FRESH && ring.has(last.seq)) return last;
    const entries = this.look();
    const { revision } = this.#feed;
    if (isSame && last?.revision === revision) {
      last.at = at;
      return last;
    }
    const head = { type: 'snapshot', epoch, seq, revision, directory: this.#feed.directory, unavailable };
    const rows = `"namespaces":${this.namespaces(entries)},"links":${this.links(entries)}`;
    const json = `${safeJson(head).slice(0, -1)},${rows}}`;
    this.#snapshot = { seq, json, revision, at, unavailable: unavailable.join() };
    return this.#snapshot;
  }
}

/** One for each name, or one for a namespace without any. */
function namespaceRows(entry: InventoryEntry): object[] {
  const { number = null, processes = null, lingering, linksState = null } = entry;
  return presentOf(entry).map((present) => {
    const { type: _, time: __, ...fields } = recordOf(present, undefined);
    return Object.assign(fields, { number, processes, lingering, linksState });
  });
}

/** As `nlink list` has them: those with a name, one's own, others. */
const rankOf = ({ names, own }: InventoryEntry): number => (names.length > 0 ? 0 : own ? 1 : 2);

function linkRows(
  entries: readonly InventoryEntry[],
  directory: string,
  addresses?: ReadonlyMap<string, AddressTexts>,
): object[] {
  const all = [...entries]
    .sort((a, b) => rankOf(a) - rankOf(b))
    .flatMap((entry) => linksEntryOf(entry, addresses?.get(readingKey(entry)) ?? null));
  const rows = all.flatMap((entry) =>
    [...entry.links].sort((a, b) => a.ifindex - b.ifindex).map((link) => linkRow(entry, link)),
  );
  const ends = rows.flatMap(({ link: { peer } }) => (peer === null ? [] : [peer.netns]));
  const labels = new NamespaceLabels([...all.map(({ netns }) => netns), ...ends], directory);
  return rows.map((row) => {
    const fields = rowFields(row, (netns) => labels.of(netns));
    return addresses === undefined ? fields : Object.assign(fields, { addresses: addressesOf(row) });
  });
}

const addressesOf = ({ entry: { addresses }, link }: LinkRow): readonly string[] | null =>
  addresses === null ? null : (addresses.get(link.ifindex) ?? []);

function linksEntryOf(entry: InventoryEntry, addresses: AddressTexts): LinksEntry[] {
  const { linksState } = entry;
  if (linksState === undefined) return [];
  const netns = linkNamespaceOf(entry);
  return [{ netns, linksState, links: linksOf(entry), statistics: null, addresses }];
}
