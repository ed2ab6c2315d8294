/**
 * What `nlink list` tells: the names with what stands behind each, and namespaces without a name that have an id here, or are seen by
 * their processes. The kernel knows no way from an id to its namespace; but a process in it does, if one is seen.
 */
import type { ProcessCensus } from '../netns/census.ts';
import type { LocatedName, NamespaceEntry } from '../netns/entry.ts';
import { sameLiving } from '../netns/identity.ts';
import type { NamespaceId } from '../netns/identity.ts';
import type { NotReadyReason } from '../netns/observe.ts';
import { OWN, readTable } from './id-table.ts';
import type { IdTable } from './id-table.ts';
import type { IdConnection, Io } from './io.ts';
import { undelivered } from './undelivered.ts';

/** What is known of a namespace, whatever stands for it. */
interface Known {
  /** Its id here; null: none, or none that is known. */
  nsid: number | null;
  /** Whether it is the namespace of this process. */
  own: boolean;
  /** Null: a name that is not ready, or an id of which nothing more is known. */
  namespace: NamespaceId | null;
  /** How many processes are in it; null: not counted, or nobody knows which they are. */
  processes: number | null;
}

/** A name, or a namespace that has none. */
export type ListRow = Known &
  (
    | ({ ready: true } & LocatedName)
    | ({ ready: false; reason: NotReadyReason } & LocatedName)
    | { name: null }
  );

export interface Listed {
  /** Names as they are listed, directory by directory; then what has none, by its id. */
  rows: ListRow[];
  /** Ids, as far as they were to be had; null: not, and why. */
  ids: Pick<IdTable, 'incomplete' | 'failed'> | Error;
  /** False: there are processes that this user may not look at. */
  processesComplete: boolean;
}

export interface ListWanted {
  directories: readonly string[];
  /** Whether to count processes. */
  processes: boolean;
  /** Also namespaces with neither a name nor an id. */
  all: boolean;
}

type Entry = LocatedName & NamespaceEntry;

/** @throws SystemError of a directory that may not be read, … */
export async function readList(io: Io, { directories, processes, all }: ListWanted): Promise<Listed> {
  const own = await io.calls.identityAt(OWN);
  const listed: Entry[] = [];
  for (const directory of directories)
    for (const entry of await io.listNamespaces({ directory })) listed.push({ ...entry, directory });
  const entries = await diagnosed(listed, io);
  const census = processes ? await io.calls.processCensus() : null;
  const { connection, fault } = await connectionOf(io);
  try {
    const table = connection === null ? null : await idsOf(connection, entries);
    const nsids = new Map(table?.rows.flatMap(({ nsid, names }) => names.map(({ path }) => [path, nsid])));
    const ownId = table?.rows.find((row) => row.own)?.nsid ?? null;
    const rows = entries.map((entry) => rowOf(entry, { nsid: nsids.get(entry.path) ?? null, own, census }));
    const nameless = (table?.rows ?? []).filter(({ names }) => names.length === 0).map(({ nsid }) => nsid);
    const unnamed =
      census !== null && (nameless.length > 0 || all)
        ? await seenByProcesses(io, connection, census, { rows, own, ownId })
        : [];
    return {
      rows: [...rows, ...merged(nameless, unnamed, { own, ownId, all })],
      ids: table ?? (fault as Error),
      processesComplete: census?.complete ?? true,
    };
  } finally {
    connection?.close();
  }
}

/** Markers on which mounts of the host never arrive are told apart from those on which nothing was mounted. */
async function diagnosed(entries: readonly Entry[], io: Io): Promise<Entry[]> {
  const suspects = entries.filter((entry) => !entry.ready && entry.reason === 'not-a-namespace');
  if (suspects.length === 0) return [...entries];
  const found = await undelivered(suspects, io);
  return entries.map((entry) =>
    !entry.ready && found.has(entry.path) ? { ...entry, reason: 'no-propagation' } : entry,
  );
}

/** Without ids the names are still there to be listed. */
async function connectionOf(io: Io): Promise<{ connection: IdConnection | null; fault: Error | null }> {
  try {
    return { connection: await io.openConnection({}), fault: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_NLINK_NETLINK_UNAVAILABLE') throw error;
    return { connection: null, fault: error as Error };
  }
}

const idsOf = (connection: IdConnection, entries: readonly Entry[]): Promise<IdTable> => {
  const nsidsOf: IdConnection['getNsids'] = (paths) => connection.getNsids(paths);
  const ready = entries.filter((entry) => entry.ready);
  return readTable({ list: (known) => connection.listNsids({ known }), nsidsOf }, async () => ready, nsidsOf);
};

/** One's own lives while one asks. */
const isOwn = (found: NamespaceId | null, own: NamespaceId | null): boolean =>
  found !== null && own !== null && sameLiving(found, own);

function rowOf(
  entry: Entry,
  { nsid, own, census }: { nsid: number | null; own: NamespaceId | null; census: ProcessCensus | null },
): ListRow {
  const { name, path, directory, namespace } = entry;
  const known = { name, path, directory, nsid, own: isOwn(namespace, own) };
  if (!entry.ready) return { ...known, ready: false, reason: entry.reason, namespace: null, processes: null };
  return {
    ...known,
    ready: true,
    namespace,
    processes: census === null ? null : countOf(census, entry.namespace),
  };
}

/** A name keeps its namespace, so that the number of the inode says which it is. */
function countOf(census: ProcessCensus, { dev, ino }: NamespaceId): number {
  const found = census.namespaces.get(ino);
  return found?.dev === dev ? found.pids.length : 0;
}

/** Namespaces that no name here stands for, seen by a process in each. */
async function seenByProcesses(
  io: Io,
  connection: IdConnection | null,
  census: ProcessCensus,
  { rows, own, ownId }: { rows: readonly ListRow[]; own: NamespaceId | null; ownId: number | null },
): Promise<Known[]> {
  const named = new Set(rows.map(({ namespace }) => namespace?.ino));
  const seen: Known[] = [];
  for (const { dev, ino, pids } of census.namespaces.values()) {
    if (named.has(ino)) continue;
    const [pid = 0] = pids;
    const isOwn = own?.ino === ino && own.dev === dev;
    const nsid = isOwn ? ownId : await nsidOfProcess(connection, pid);
    // Looked at after its id, so that the process was in this namespace before and after.
    const namespace = isOwn ? own : await io.calls.identityAt(`/proc/${pid}/ns/net`);
    if (namespace?.ino === ino && namespace.dev === dev)
      seen.push({ nsid, own: isOwn, namespace, processes: pids.length });
  }
  return seen;
}

/** Null also for a process that has ended. */
async function nsidOfProcess(connection: IdConnection | null, pid: number): Promise<number | null> {
  return connection === null ? null : connection.getNsidForPid(pid).catch(() => null);
}

/** Those with an id by their ids, then the others. */
function merged(
  nameless: readonly number[],
  unnamed: readonly Known[],
  { own, ownId, all }: { own: NamespaceId | null; ownId: number | null; all: boolean },
): ListRow[] {
  const byId = new Map(unnamed.map((known) => [known.nsid, known]));
  const rows: ListRow[] = [];
  for (const nsid of nameless) {
    const isOwn = nsid === ownId;
    const namespace = isOwn ? own : null;
    rows.push({ name: null, ...(byId.get(nsid) ?? { nsid, own: isOwn, namespace, processes: null }) });
  }
  if (!all) return rows;
  const listed = new Set<number | null>(nameless);
  for (const known of unnamed)
    if (known.nsid === null || !listed.has(known.nsid)) rows.push({ name: null, ...known });
  return rows;
}
