/**
 * The nsids that a network namespace has assigned, each with the names of its namespace. Nsids are
 * listed first, then names are queried: so an nsid without a name had none when it was listed, and
 * the names add nsids that a truncated list lacks.
 */
import type { NsidOrError } from '../../../netlink/nsid-by-reference.ts';
import type { BegunListing } from '../../../netlink/nsid-client.ts';
import type { IncompleteReason, NsidListing } from '../../../netlink/nsid-listing.ts';
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

/** What was answered: the nsids that are assigned, and those that names have. */
interface Answers<Name> {
  listing: NsidListing;
  names: readonly Name[];
  /** Of this process's namespace; null: none. */
  own: number | null;
  /** Of each name. */
  nsids: readonly NsidOrError[];
  /** What was asked by, the own first, as the nsids of all. */
  paths: readonly string[];
}

/** Asks for what is assigned, and then for the names. */
export async function askNsids<Name extends Named>(
  source: TableSource,
  listNames: () => Promise<readonly Name[]>,
): Promise<Answers<Name>> {
  const begun = await source.list();
  let { listing } = begun;
  // Then no name has one either, and thousands need not be asked for.
  if (listing.complete && listing.entries.length === 0)
    return { listing, names: [], own: null, nsids: [], paths: [] };
  const names = await listNames();
  const paths = [OWN, ...names.map(({ path }) => path)];
  const [own, ...nsids] = await source.nsidsOf(paths);
  if (own instanceof Error) throw own;
  if (!listing.complete)
    listing = await begun.finish([own, ...nsids].filter((nsid) => typeof nsid === 'number'));
  return { listing, names, own: own ?? null, nsids, paths };
}

/** The names that could not be asked for. One that has been deleted since is none. */
export function failuresOf({ names, nsids }: Pick<Answers<Named>, 'names' | 'nsids'>): NsidTable['failed'] {
  const failed: NsidTable['failed'] = [];
  for (const [index, error] of nsids.entries())
    if (error instanceof Error && error.code !== 'ENOENT')
      failed.push({ name: (names[index] as Named).name, error });
  return failed;
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
  const answers = await askNsids(source, listNames);
  const { listing, names, own, nsids, paths } = answers;
  const all = [own, ...nsids];
  const currents = here === source.nsidsOf || paths.length === 0 ? all : await here(paths);
  const rows = new Map(
    listing.entries.map(({ nsid, current }): [number, NsidRow] => [
      nsid,
      { nsid, names: [], own: false, current },
    ]),
  );
  for (const [index, nsid] of all.entries()) {
    if (typeof nsid !== 'number') continue;
    const row = rows.get(nsid) ?? { nsid, names: [], own: false, current: null };
    rows.set(nsid, row);
    // The first is that of the own namespace.
    if (index === 0) row.own = true;
    else row.names.push(names[index - 1] as Named);
    const current = currents[index];
    if (typeof current === 'number') row.current ??= current;
  }
  const ascending = [...rows.values()].sort((a, b) => a.nsid - b.nsid);
  return { rows: ascending, incomplete: listing.reason ?? null, failed: failuresOf(answers) };
}
