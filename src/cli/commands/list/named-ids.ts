/** The nsids here, and which of the names have them. */
import type { LocatedName, NamespaceEntry } from '../../../netns/names/entry.ts';
import type { Io, NsidConnection } from '../../host/io.ts';
import { askNsids, failuresOf } from '../shared/nsid-table.ts';
import type { NsidTable } from '../shared/nsid-table.ts';

export type Entry = LocatedName & NamespaceEntry;

export interface Ids extends Pick<NsidTable, 'incomplete' | 'failed'> {
  /** Of the names that have one. */
  of: ReadonlyMap<Entry, number>;
  /** Names that could not be asked for. */
  unknown: ReadonlySet<Entry>;
  own: number | null;
  /** Those that no name has, ascending. */
  nameless: number[];
}

/** Without nsids the names can still be listed. */
export async function connectionOf(
  io: Io,
): Promise<{ connection: NsidConnection | null; fault: Error | null }> {
  try {
    return { connection: await io.openConnection({}), fault: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_NLINK_NETLINK_UNAVAILABLE') throw error;
    return { connection: null, fault: error as Error };
  }
}

/** @param connection null: there is none, and no name could be asked for */
export async function idsOf(connection: NsidConnection | null, entries: readonly Entry[]): Promise<Ids> {
  if (connection === null) {
    const unknown = new Set(entries);
    return { of: new Map(), unknown, own: null, nameless: [], incomplete: null, failed: [] };
  }
  const answers = await askNsids(
    {
      list: () => connection.beginListing(),
      nsidsOf: (paths) => connection.getNsids(paths.map((path) => ({ path }))),
    },
    async () => entries.filter((entry) => entry.ready),
  );
  const { listing, names, nsids, own } = answers;
  const of = new Map<Entry, number>();
  const unknown = new Set<Entry>();
  const named = new Set<number>();
  for (let at = 0; at < names.length; at++) {
    const nsid = nsids[at];
    if (nsid instanceof Error) unknown.add(names[at] as Entry);
    if (typeof nsid !== 'number') continue;
    of.set(names[at] as Entry, nsid);
    named.add(nsid);
  }
  const nameless = listing.entries.map(({ nsid }) => nsid).filter((nsid) => !named.has(nsid));
  if (own !== null && !named.has(own) && !nameless.includes(own)) {
    nameless.push(own);
    nameless.sort((a, b) => a - b);
  }
  return { of, unknown, own, nameless, incomplete: listing.reason ?? null, failed: failuresOf(answers) };
}
