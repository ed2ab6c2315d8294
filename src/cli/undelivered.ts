/**
 * Names that are files here, while a namespace is mounted on them where mounts of the host do not come from. Without asking they
 * look like stale ones, and whoever takes them for that deletes a namespace that is in use.
 */
import type { LocatedName } from '../netns/entry.ts';
import { joinPath } from '../reference/names.ts';
import type { InventoryEntry } from '../watch/unified-events.ts';
import type { Io } from './io.ts';

/** The paths of those of the names that are so. */
export async function undelivered(
  suspects: readonly LocatedName[],
  io: Pick<Io, 'calls'>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const directory of new Set(suspects.map((entry) => entry.directory))) {
    const names = suspects.filter((entry) => entry.directory === directory).map(({ name }) => name);
    for (const name of await io.calls.undelivered(directory, names)) found.add(joinPath(directory, name));
  }
  return found;
}

/**
 * What was there at the start, with `no-propagation` where it is the reason.
 * @param isMeant whether a name is worth asking for
 */
export async function diagnosed(
  namespaces: readonly InventoryEntry[],
  isMeant: (name: string) => boolean,
  io: Pick<Io, 'calls'>,
): Promise<readonly InventoryEntry[]> {
  const suspects = namespaces
    .flatMap(({ names }) => names)
    .filter((entry) => !entry.ready && entry.reason === 'not-a-namespace' && isMeant(entry.name));
  const paths = await undelivered(suspects, io);
  if (paths.size === 0) return namespaces;
  return namespaces.map((namespace) => ({
    ...namespace,
    names: namespace.names.map((entry) =>
      !entry.ready && paths.has(entry.path) ? { ...entry, reason: 'no-propagation' } : entry,
    ),
  }));
}
