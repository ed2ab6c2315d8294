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
import { askNsids, failuresOf, OWN } from '../shared/nsid-table.ts';
import type { NsidTable } from '../shared/nsid-table.ts';
import type { NsidConnection, Io } from '../../host/io.ts';
import { judged } from '../../host/name-verdicts.ts';
import { findOwners } from './owners.ts';
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
type Row = Owned<ListRow>;

/** @throws SystemError of a directory that may not be read, … */
export async function readList(io: Io, wanted: ListWanted): Promise<Listed> {
  const { directories, matches, processes, all, proc } = wanted;
  const own = await io.calls.identityAt(OWN);
  const listed: Entry[] = [];
  for (const directory of directories)
    for (const entry of await io.listNamespaces({ directory }))
      if (matches?.(entry.name) !== false) listed.push(locatedIn(directory, entry));
  const entries = await judged(listed, proc, io);
  const census = processes ? await io.calls.processesByNamespace(proc) : null;
  const { connection, fault } = await connectionOf(io);
  try {
    const ids = connection === null ? NO_IDS : await idsOf(connection, entries);
    const rows = entries.map((entry) => rowOf(entry, ids.of.get(entry) ?? null, own, census));
    if (census !== null) await lookAtThreads(rows, proc, io);
    const nameless = matches === null ? ids.nameless : [];
    const unnamed =
      census !== null && (nameless.length > 0 || all)
        ? await seenByProcesses(io, connection, census, { rows, own, ownId: ids.own })
        : [];
    for (const row of merged(nameless, unnamed, { own, ownId: ids.own, all })) rows.push(row);
    await findOwners(rows, census, io.calls);
    return { rows, ids: fault ?? ids, unseen: census?.unseen ?? null };
  } finally {
    connection?.close();
  }
}

/** Written out, as all that is made for each of thousands of names: a spread takes far longer. */
function locatedIn(directory: string, entry: NamespaceEntry): Entry {
  const { name, path } = entry;
  if (entry.ready) return { name, path, ready: true, namespace: entry.namespace, directory };
  return { ...entry, directory };
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

/** The nsids here. */
interface Ids extends Pick<NsidTable, 'incomplete' | 'failed'> {
  /** Of the names that have one. */
  of: ReadonlyMap<Entry, number>;
  own: number | null;
  /** Those that no name has, ascending. */
  nameless: number[];
}

const NO_IDS: Ids = { of: new Map(), own: null, nameless: [], incomplete: null, failed: [] };

async function idsOf(connection: NsidConnection, entries: readonly Entry[]): Promise<Ids> {
  const answers = await askNsids(
    {
      list: () => connection.beginListing(),
      nsidsOf: (paths) => connection.getNsids(paths.map((path) => ({ path }))),
    },
    async () => entries.filter((entry) => entry.ready),
  );
  const { listing, names, nsids, own } = answers;
  const of = new Map<Entry, number>();
  const named = new Set<number>();
  for (let at = 0; at < names.length; at++) {
    const nsid = nsids[at];
    if (typeof nsid !== 'number') continue;
    of.set(names[at] as Entry, nsid);
    named.add(nsid);
  }
  const nameless = listing.entries.map(({ nsid }) => nsid).filter((nsid) => !named.has(nsid));
  if (own !== null && !named.has(own) && !nameless.includes(own)) {
    nameless.push(own);
    nameless.sort((a, b) => a - b);
  }
  return { of, own, nameless, incomplete: listing.reason ?? null, failed: failuresOf(answers) };
}

/** One's own lives while one asks. */
const isOwn = (found: NamespaceId | null, own: NamespaceId | null): boolean =>
  found !== null && own !== null && sameLiving(found, own);

function rowOf(
  entry: Entry,
  nsid: number | null,
  ownNamespace: NamespaceId | null,
  census: ProcessesByNamespace | null,
): Row {
  const { name, path, directory, namespace } = entry;
  const own = isOwn(namespace, ownNamespace);
  if (!entry.ready) {
    const { reason, verdict = null } = entry;
    const known = { name, path, directory, nsid, own, ...UNCOUNTED, owner: null };
    return { ...known, ready: false, reason, verdict, namespace: null };
  }
  const { processes, processesComplete, byThread } =
    census === null ? UNCOUNTED : countedIn(census, entry.namespace);
  return {
    name,
    path,
    directory,
    nsid,
    own,
    processes,
    processesComplete,
    byThread,
    owner: null,
    ready: true,
    namespace: entry.namespace,
  };
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
  const lonely = rows.filter((row) => row.namespace !== null && (row.processes ?? 0) === 0);
  if (lonely.length === 0) return;
  const found = await calls.threadsByNamespace(
    lonely.map(({ namespace }) => namespace as NamespaceId),
    proc,
  );
  for (const row of lonely)
    row.byThread = found.size === 0 ? 0 : (found.get((row.namespace as NamespaceId).ino)?.length ?? 0);
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
): Row[] {
  const byId = new Map(unnamed.map((known) => [known.nsid, known]));
  const rows: Row[] = [];
  for (const nsid of nameless) {
    const isOwn = nsid === ownId;
    const namespace = isOwn ? own : null;
    const known = byId.get(nsid) ?? { nsid, own: isOwn, namespace, ...UNCOUNTED };
    rows.push({ name: null, ...known, owner: null });
  }
  if (!all) return rows;
  const listed = new Set<number | null>(nameless);
  for (const known of unnamed)
    if (known.nsid === null || !listed.has(known.nsid)) rows.push({ name: null, ...known, owner: null });
  return rows;
}
