/**
 * The rows of `nlink list`: names with their namespaces, then namespaces without a name that have
 * an nsid here or processes in them. The kernel has no way from an nsid to its namespace, but a
 * process in it leads there.
 */
import type { ProcessesByNamespace } from '../../../netns/processes/processes-by-namespace.ts';
import type { LocatedName, NamespaceEntry } from '../../../netns/names/entry.ts';
import { sameLiving } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../../netns/identity/observe.ts';
import type { UnseenProcesses } from '../../../netns/processes/process-scan.ts';
import type { Procfs } from '../../../netns/processes/procfs.ts';
import type { NameVerdict } from '../../../netns/diagnosis/verdict.ts';
import type { Matcher } from '../../../reference/glob.ts';
import { OWN, readNsidTable } from '../shared/nsid-table.ts';
import type { NsidTable } from '../shared/nsid-table.ts';
import type { NsidConnection, Io } from '../../host/io.ts';
import { judged } from '../../host/name-verdicts.ts';
import { withOwners } from './owners.ts';
import type { Owned } from './owners.ts';

/** What is known of a namespace, whatever stands for it. */
interface Known {
  /** Its id here; null: none, or none that is known. */
  nsid: number | null;
  /** Whether it is the namespace of this process. */
  own: boolean;
  /** Null: a name that is not ready, or an id of which nothing more is known. */
  namespace: NamespaceId | null;
  /**
   * How many processes are in it, as far as was seen; null: none was seen, and there may be some,
   * or they were not counted.
   */
  processes: number | null;
  /** Whether there are no more of them than those; null: they were not counted. */
  processesComplete: boolean | null;
  /**
   * How many more are in it by another thread than the main one; null: nobody looked, since there
   * are others.
   */
  byThread: number | null;
}

/** A name, or a namespace that has none. */
export type ListRow = Known &
  (
    | ({ ready: true } & LocatedName)
    | ({ ready: false; reason: NotReadyReason; verdict: NameVerdict | null } & LocatedName)
    | { name: null }
  );

export interface Listed {
  /** Names as they are listed, directory by directory; then what has none, by its nsid. */
  rows: Owned<ListRow>[];
  /** What is missing of the nsids; an error: none could be queried, and why. */
  ids: Pick<NsidTable, 'incomplete' | 'failed'> | Error;
  /** Counts the processes that could not be inspected; null: none were counted. */
  unseen: (() => UnseenProcesses) | null;
}

export interface ListWanted {
  directories: readonly string[];
  /** Which names are wanted, and nothing without a name; null: all. */
  matches: Matcher | null;
  /** Whether to count processes. */
  processes: boolean;
  /** Also namespaces with neither a name nor an id. */
  all: boolean;
  /** Where processes are looked for. */
  proc: string;
}

type Entry = LocatedName & NamespaceEntry;

/** @throws SystemError of a directory that may not be read, … */
export async function readList(io: Io, wanted: ListWanted): Promise<Listed> {
  const { directories, matches, processes, all, proc } = wanted;
  const own = await io.calls.identityAt(OWN);
  const listed: Entry[] = [];
  for (const directory of directories)
    for (const entry of await io.listNamespaces({ directory }))
      if (matches?.(entry.name) !== false) listed.push({ ...entry, directory });
  const entries = await judged(listed, proc, io);
  const census = processes ? await io.calls.processesByNamespace(proc) : null;
  const { connection, fault } = await connectionOf(io);
  try {
    const table = connection === null ? null : await idsOf(connection, entries);
    const nsids = new Map(table?.rows.flatMap(({ nsid, names }) => names.map(({ path }) => [path, nsid])));
    const ownId = table?.rows.find((row) => row.own)?.nsid ?? null;
    const rows = entries.map((entry) => rowOf(entry, { nsid: nsids.get(entry.path) ?? null, own, census }));
    if (census !== null) await lookAtThreads(rows, proc, io);
    const nameless = (matches === null ? (table?.rows ?? []) : [])
      .filter(({ names }) => names.length === 0)
      .map(({ nsid }) => nsid);
    const unnamed =
      census !== null && (nameless.length > 0 || all)
        ? await seenByProcesses(io, connection, census, { rows, own, ownId })
        : [];
    return {
      rows: await withOwners([...rows, ...merged(nameless, unnamed, { own, ownId, all })], census, io.calls),
      ids: table ?? (fault as Error),
      unseen: census?.unseen ?? null,
    };
  } finally {
    connection?.close();
  }
}

/** Without nsids the names can still be listed. */
async function connectionOf(io: Io): Promise<{ connection: NsidConnection | null; fault: Error | null }> {
  try {
    return { connection: await io.openConnection({}), fault: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_NLINK_NETLINK_UNAVAILABLE') throw error;
    return { connection: null, fault: error as Error };
  }
}

const idsOf = (connection: NsidConnection, entries: readonly Entry[]): Promise<NsidTable> => {
  const nsidsOf = (paths: readonly string[]): ReturnType<NsidConnection['getNsids']> =>
    connection.getNsids(paths.map((path) => ({ path })));
  const ready = entries.filter((entry) => entry.ready);
  return readNsidTable({ list: () => connection.beginListing(), nsidsOf }, async () => ready, nsidsOf);
};

/** One's own lives while one asks. */
const isOwn = (found: NamespaceId | null, own: NamespaceId | null): boolean =>
  found !== null && own !== null && sameLiving(found, own);

function rowOf(
  entry: Entry,
  {
    nsid,
    own,
    census,
  }: { nsid: number | null; own: NamespaceId | null; census: ProcessesByNamespace | null },
): ListRow {
  const { name, path, directory, namespace } = entry;
  const known = { name, path, directory, nsid, own: isOwn(namespace, own) };
  if (!entry.ready) {
    const { reason, verdict = null } = entry;
    return { ...known, ...UNCOUNTED, ready: false, reason, verdict, namespace: null };
  }
  const counted = census === null ? UNCOUNTED : countedIn(census, entry.namespace);
  return { ...known, ...counted, ready: true, namespace };
}

type Counted = Pick<Known, 'processes' | 'processesComplete' | 'byThread'>;

const UNCOUNTED: Counted = { processes: null, processesComplete: null, byThread: null };

/** A name keeps its namespace, so that the number of the inode says which it is. */
function countedIn({ namespaces, complete }: ProcessesByNamespace, { dev, ino }: NamespaceId): Counted {
  const found = namespaces.get(ino);
  const seen = found?.dev === dev ? found.pids.length : 0;
  // None is said only where all were looked at.
  return { processes: seen === 0 && !complete ? null : seen, processesComplete: complete, byThread: null };
}

/** A namespace in which no process was seen may still be that of a thread. */
async function lookAtThreads(rows: readonly ListRow[], proc: string, { calls }: Io): Promise<void> {
  const lonely = rows.flatMap((row) =>
    row.namespace !== null && (row.processes ?? 0) === 0 ? [{ row, namespace: row.namespace }] : [],
  );
  if (lonely.length === 0) return;
  const found = await calls.threadsByNamespace(
    lonely.map(({ namespace }) => namespace),
    proc,
  );
  for (const { row, namespace } of lonely) row.byThread = found.get(namespace.ino)?.length ?? 0;
}

/** Namespaces that no name here stands for, seen by a process in each. */
async function seenByProcesses(
  io: Io,
  connection: NsidConnection | null,
  census: ProcessesByNamespace,
  { rows, own, ownId }: { rows: readonly ListRow[]; own: NamespaceId | null; ownId: number | null },
): Promise<Known[]> {
  const named = new Set(rows.map(({ namespace }) => namespace?.ino));
  const seen: Known[] = [];
  for (const { dev, ino, pids } of census.namespaces.values()) {
    if (named.has(ino)) continue;
    const [pid = 0] = pids;
    const isOwn = own?.ino === ino && own.dev === dev;
    const path = `${census.procfs.path}/${pid}/ns/net`;
    const nsid = isOwn ? ownId : await nsidOfProcess(connection, pid, census.procfs);
    // Looked at after its id, so that the process was in this namespace before and after.
    const namespace = isOwn ? own : await io.calls.identityAt(path);
    if (namespace?.ino === ino && namespace.dev === dev)
      seen.push({ nsid, own: isOwn, namespace, ...countedIn(census, namespace) });
  }
  return seen;
}

/** Null also for a process that has ended. */
async function nsidOfProcess(
  connection: NsidConnection | null,
  pid: number,
  { path, own }: Procfs,
): Promise<number | null> {
  if (connection === null) return null;
  // The kernel takes a number to be of this process's own PID namespace.
  const asked = own ? connection.getNsid({ pid }) : connection.getNsid({ path: `${path}/${pid}/ns/net` });
  return asked.catch(() => null);
}

/** Those with an nsid in its order, then the others. */
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
    rows.push({ name: null, ...(byId.get(nsid) ?? { nsid, own: isOwn, namespace, ...UNCOUNTED }) });
  }
  if (!all) return rows;
  const listed = new Set<number | null>(nameless);
  for (const known of unnamed)
    if (known.nsid === null || !listed.has(known.nsid)) rows.push({ name: null, ...known });
  return rows;
}
