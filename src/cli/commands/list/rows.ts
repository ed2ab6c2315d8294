/**
 * The rows of `nlink list`: names with their namespaces, then namespaces without a name that have
 * an nsid here or processes in them. The kernel has no way from an nsid to its namespace, but a
 * process in it leads there.
 */
import type { NamespaceEntry } from '../../../netns/names/entry.ts';
import type { Io } from '../../host/io.ts';
import { judged } from '../../host/name-verdicts.ts';
import { OWN } from '../shared/nsid-table.ts';
import { rowsByCount } from './counted.ts';
import { rowsByInhabited } from './inhabited-rows.ts';
import type { Listed, ListWanted } from './listed.ts';
import { connectionOf, idsOf } from './named-ids.ts';
import type { Entry } from './named-ids.ts';

/** @throws SystemError of a directory that may not be read, … */
export async function readList(io: Io, wanted: ListWanted): Promise<Listed> {
  const { directories, matches, proc } = wanted;
  const own = await io.calls.identityAt(OWN);
  const listed: Entry[] = [];
  for (const directory of directories)
    for (const entry of await io.listNamespaces({ directory }))
      if (matches?.(entry.name) !== false) listed.push(locatedIn(directory, entry));
  const entries = await judged(listed, proc, io);
  const { connection, fault } = await connectionOf(io);
  try {
    const ids = await idsOf(connection, entries);
    const named = { entries, ids, own, connection, wanted, io };
    const found = wanted.all ? await rowsByInhabited(named) : await rowsByCount(named);
    return { ...found, ids: fault ?? ids };
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
