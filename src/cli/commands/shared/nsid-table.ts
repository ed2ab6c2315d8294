/**
 * The nsids that a network namespace has assigned, each with the names of its namespace. Nsids are
 * listed first, then names are queried: so an nsid without a name had none when it was listed, and
 * the names add nsids that a truncated list lacks.
 */
import type { NsidOrError } from '../../../netlink/nsid-by-reference.ts';
import type { BegunListing } from '../../../netlink/nsid-client.ts';
import type { IncompleteReason } from '../../../netlink/nsid-listing.ts';
import type { Named } from '../../../netns/names/entry.ts';

/** The network namespace of this process. */
export const OWN = '/proc/self/ns/net';

/** One id. */
export interface NsidRow {
  nsid: number;
  names: Named[];
  /** Whether it is the namespace of this process. */
  own: boolean;
  /** The id of the same namespace in that of this process; null: none is known. */
  current: number | null;
}

export interface NsidTable {
  /** Ascending. */
  rows: NsidRow[];
  /** Why there may be more; null: these are all. */
  incomplete: IncompleteReason | null;
  /** Names that could not be asked for, and why. */
  failed: { name: string; error: Error }[];
}

/** Where a table is asked for. */
export interface TableSource {
  /** `current` as in {@link NsidRow}. It is finished with what the names have. */
  list(): Promise<BegunListing>;
  nsidsOf(paths: readonly string[]): Promise<NsidOrError[]>;
}

/**
 * Reads a table.
 * @param here the nsids of paths in the namespace of this process
 */
export async function readNsidTable(
  source: TableSource,
  listNames: () => Promise<readonly Named[]>,
  here: TableSource['nsidsOf'],
): Promise<NsidTable> {
  const begun = await source.list();
  let { listing } = begun;
  // Then no name has one either, and thousands need not be asked for.
  if (listing.complete && listing.entries.length === 0) return { rows: [], incomplete: null, failed: [] };
  const names = await listNames();
  const paths = [OWN, ...names.map(({ path }) => path)];
  const nsids = await source.nsidsOf(paths);
  const currents = here === source.nsidsOf ? nsids : await here(paths);
  if (!listing.complete) listing = await begun.finish(nsids.filter((nsid) => typeof nsid === 'number'));

  const rows = new Map(
    listing.entries.map(({ nsid, current }): [number, NsidRow] => [
      nsid,
      { nsid, names: [], own: false, current },
    ]),
  );
  const failed: NsidTable['failed'] = [];
  for (const [index, nsid] of nsids.entries()) {
    // The first path is that of the own namespace.
    const name = names[index - 1];
    if (nsid instanceof Error) {
      if (name === undefined) throw nsid;
      // A name that has been deleted since is none.
      if (nsid.code !== 'ENOENT') failed.push({ name: name.name, error: nsid });
    } else if (nsid !== null) {
      const row = rows.get(nsid) ?? { nsid, names: [], own: false, current: null };
      rows.set(nsid, row);
      if (name === undefined) row.own = true;
      else row.names.push(name);
      const current = currents[index];
      if (typeof current === 'number') row.current ??= current;
    }
  }
  const ascending = [...rows.values()].sort((a, b) => a.nsid - b.nsid);
  return { rows: ascending, incomplete: listing.reason ?? null, failed };
}
