/**
 * Why names that were found not ready are so, for all commands that show names: the verdicts of
 * netns/diagnosis/verdict.ts, by path.
 */
import { codedError } from '../output/coded-error.ts';
import type { LocatedName, NamespaceEntry } from '../../netns/names/entry.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import { joinPath, splitPath } from '../../reference/names.ts';
import type { InventoryEntry, InventoryName } from '../../watch/unified/unified-events.ts';
import { shown } from '../../format/escape.ts';
import type { Io } from './io.ts';
import { remedyFor, whyNotReady } from '../output/verdict-text.ts';

/** What a command asks with. */
type VerdictIo = Pick<Io, 'calls' | 'listNamespaces'>;

type Listed = LocatedName & NamespaceEntry;

/** By path. Null: it is ready or gone by now. None: nothing could be found out. */
async function verdictsOn(
  suspects: readonly LocatedName[],
  proc: string,
  { calls }: Pick<Io, 'calls'>,
): Promise<ReadonlyMap<string, NameVerdict | null>> {
  const found = new Map<string, NameVerdict | null>();
  for (const directory of new Set(suspects.map((entry) => entry.directory))) {
    const names = suspects.filter((entry) => entry.directory === directory).map(({ name }) => name);
    for (const [name, verdict] of await calls.verdictsOn(directory, names, proc))
      found.set(joinPath(directory, name), verdict);
  }
  return found;
}

/**
 * The entries of a listing, those that are not ready with the reason; what has become ready
 * meanwhile is listed as that.
 */
export async function judged(entries: readonly Listed[], proc: string, io: VerdictIo): Promise<Listed[]> {
  const suspects = entries.filter((entry) => !entry.ready && entry.reason === 'not-a-namespace');
  if (suspects.length === 0) return [...entries];
  const verdicts = await verdictsOn(suspects, proc, io);
  const changed = suspects.filter(({ path }) => verdicts.get(path) === null);
  const now = new Map<string, Listed>();
  for (const directory of new Set(changed.map((entry) => entry.directory)))
    for (const entry of await io.listNamespaces({ directory })) now.set(entry.path, { ...entry, directory });
  return entries.flatMap((entry): Listed[] => {
    if (entry.ready || entry.reason !== 'not-a-namespace') return [entry];
    const verdict = verdicts.get(entry.path);
    if (verdict === undefined) return [{ ...entry, reason: 'unknown' }];
    if (verdict !== null) return [{ ...entry, reason: verdict.reason, verdict }];
    const changedTo = now.get(entry.path);
    // Gone; or a file again, on which nobody has looked.
    if (changedTo === undefined) return [];
    return [changedTo.ready ? changedTo : { ...changedTo, reason: 'pending' }];
  });
}

/**
 * What was there at the start of a watcher, with the reasons. The watcher reports what has changed
 * meanwhile.
 * @param isMeant whether a name is worth asking for
 */
export async function judgedInventory(
  namespaces: readonly InventoryEntry[],
  isMeant: (name: string) => boolean,
  proc: string,
  io: Pick<Io, 'calls'>,
): Promise<readonly InventoryEntry[]> {
  const isSuspect = (entry: InventoryName): boolean =>
    !entry.ready && entry.reason === 'not-a-namespace' && isMeant(entry.name);
  const suspects = namespaces.flatMap(({ names }) => names).filter(isSuspect);
  if (suspects.length === 0) return namespaces;
  const verdicts = await verdictsOn(suspects, proc, io);
  const withReason = (entry: InventoryName): InventoryName => {
    if (entry.ready || !isSuspect(entry)) return entry;
    const verdict = verdicts.get(entry.path);
    if (verdict === undefined) return { ...entry, reason: 'unknown' };
    return verdict === null ? { ...entry, reason: 'pending' } : { ...entry, reason: verdict.reason, verdict };
  };
  return namespaces.map((namespace) => ({ ...namespace, names: namespace.names.map(withReason) }));
}

/**
 * The error for a path that is no network namespace, with the reason; the error itself where
 * nothing could be found out, or the path is none in a directory.
 * @param proc where procfs is mounted
 */
export async function withVerdict(
  error: Error,
  path: string,
  proc: string,
  { calls }: Pick<Io, 'calls'>,
): Promise<Error> {
  const { directory, name } = splitPath(path);
  const verdict = (await calls.verdictsOn(directory, [name], proc)).get(name);
  if (verdict === undefined || verdict === null || verdict.file.kind === 'symlink') return error;
  const { reason, file } = verdict;
  const kind = FILES[file.kind];
  const remedy = remedyFor({ path, reason, verdict }, proc);
  const lines = [
    `${shown(path)} is no network namespace (${reason}): ${whyNotReady(verdict)}; ${kind} ${file.mode.toString(8).padStart(4, '0')}`,
    ...(remedy === undefined ? [] : [remedy]),
  ];
  return codedError('ERR_NLINK_NOT_A_NAMESPACE', lines.join('\n'), { cause: error, verdict });
}

const FILES: Readonly<Record<NameVerdict['file']['kind'], string>> = {
  empty: 'an empty file, mode',
  // The reason says already that it has content.
  content: 'mode',
  symlink: 'a symbolic link, mode',
  other: 'no regular file, mode',
};
