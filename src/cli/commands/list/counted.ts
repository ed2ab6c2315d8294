/**
 * Rows with the processes that this user may look at (/proc/PID/ns/net takes the right to trace
 * them): how many are in the namespace of each name, and in those that have an nsid and no name.
 */
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { ProcessesByNamespace } from '../../../netns/processes/processes-by-namespace.ts';
import type { Procfs } from '../../../netns/processes/procfs.ts';
import type { Io, NsidConnection } from '../../host/io.ts';
import type { FoundRows, Named } from './listed.ts';
import { inhabitantsOf, rowOf, unnamedRows } from './row.ts';
import type { Counted, ListRow, Unnamed } from './row.ts';

export async function rowsByCount(named: Named): Promise<FoundRows> {
  const { entries, ids, own, wanted, io } = named;
  const { matches, processes, proc } = wanted;
  const census = processes ? await io.calls.processesByNamespace(proc) : null;
  const rows = entries.map((entry) => {
    const { namespace } = entry;
    const counted = census === null || namespace === null ? null : countedIn(census, namespace);
    return rowOf(entry, ids.of.get(entry) ?? null, own, counted === null ? null : inhabitantsOf(counted));
  });
  if (census !== null) await lookAtThreads(rows, proc, io);
  const nameless = matches === null ? ids.nameless : [];
  const unnamed = census === null || nameless.length === 0 ? [] : await seenBy(census, rows, named);
  // Those that have no nsid either are not asked for.
  const assigned = new Set<number | null>(nameless);
  const listed = unnamed.filter(({ known }) => assigned.has(known.nsid));
  rows.push(...unnamedRows(nameless, listed, { own, ownId: ids.own }));
  if (census !== null) await findOwners(rows, census, io);
  return { rows, unseen: census?.unseen ?? null, whyMayBeNamed: '' };
}

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
async function seenBy(
  census: ProcessesByNamespace,
  rows: readonly ListRow[],
  { ids, own, connection, io }: Named,
): Promise<Unnamed[]> {
  const named = new Set(rows.map(({ namespace }) => namespace?.ino));
  const seen: Unnamed[] = [];
  for (const { dev, ino, pids } of census.namespaces.values()) {
    if (named.has(ino)) continue;
    const [pid = 0] = pids;
    const isOwn = own?.ino === ino && own.dev === dev;
    const path = `${census.procfs.path}/${pid}/ns/net`;
    const nsid = isOwn ? ids.own : ((await nsidOfProcess(connection, pid, census.procfs)) ?? null);
    // Looked at after its id, so that the process was in this namespace before and after.
    const namespace = isOwn ? own : await io.calls.identityAt(path);
    if (namespace?.ino !== ino || namespace.dev !== dev) continue;
    const known = { nsid, own: isOwn, namespace, ...inhabitantsOf(countedIn(census, namespace)) };
    seen.push({ known, mayBeNamed: false });
  }
  return seen;
}

/** Undefined: it cannot be asked for, or has ended. */
export async function nsidOfProcess(
  connection: NsidConnection | null,
  pid: number,
  { path, own }: Procfs,
): Promise<number | null | undefined> {
  if (connection === null) return undefined;
  // The kernel takes a number to be of this process's own PID namespace.
  const asked = own ? connection.getNsid({ pid }) : connection.getNsid({ path: `${path}/${pid}/ns/net` });
  return asked.catch(() => undefined);
}

/** Fills in the container or unit of the first process in each that has one. */
async function findOwners(
  rows: readonly ListRow[],
  { namespaces, procfs }: ProcessesByNamespace,
  { calls }: Io,
): Promise<void> {
  for (const row of rows) {
    const found = row.namespace === null ? undefined : namespaces.get(row.namespace.ino);
    if (found !== undefined && found.dev === row.namespace?.dev)
      row.owner = await calls.ownerOf(found.pids, procfs.path);
  }
}
