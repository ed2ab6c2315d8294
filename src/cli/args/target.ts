/**
 * NAME|PATH|PID: which namespace is meant by one word, and asking for it. What holds a slash is a
 * path; digits are a name if one of the directories has such a name, otherwise a process;
 * everything else is a name, in the first directory that has it.
 */
import type { Named } from '../../netns/names/entry.ts';
import { absolutePath } from '../../reference/directory.ts';
import { checkName, joinPath } from '../../reference/names.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import { argumentOf } from '../spec/types.ts';
import type { Given } from '../spec/types.ts';
import { directoriesOf } from './directories.ts';
import { safeJson, shown } from '../output/escape.ts';
import type { IdConnection, Io } from '../host/io.ts';
import { named } from '../output/json.ts';
import { withHint } from './name-target.ts';
import { withVerdict } from '../host/name-verdicts.ts';

/** A namespace as it was meant. A name's path is the file that stands for it. */
export type Target = Named | { path: string } | { pid: number; directories: readonly string[] };

/** The largest number of a process, an int in C. */
const PID_MAX = 2 ** 31 - 1;

/** Whether a word can be the number of a process. */
export function isPid(word: string): boolean {
  const pid = /^\d+$/.test(word) ? Number(word) : 0;
  return pid > 0 && pid <= PID_MAX;
}

/** @throws NlinkError `ERR_NLINK_INVALID_NAME` */
export async function targetOf(
  word: string,
  directories: readonly [string, ...string[]],
  io: Pick<Io, 'namespaceExists'>,
): Promise<Target> {
  if (word.includes('/')) return { path: absolutePath('path', word) };
  checkName(word);
  const isNumber = isPid(word);
  for (const directory of isNumber || directories.length > 1 ? directories : []) {
    if (await io.namespaceExists(word, { directory })) return { name: word, path: joinPath(directory, word) };
  }
  return isNumber ? { pid: Number(word), directories } : { name: word, path: joinPath(directories[0], word) };
}

/** The target for the library. */
export const referenceOf = (target: Target): NamespaceReference =>
  'pid' in target ? { pid: target.pid } : { path: target.path };

/**
 * The id that it has in the connection's namespace; null: none.
 * @throws as `getNsidForPid` and `getNsidForPath`
 */
export const nsidOf = (connection: IdConnection, target: Target): Promise<number | null> =>
  'pid' in target ? connection.getNsidForPid(target.pid) : connection.getNsidForPath(target.path);

/**
 * Runs what `nlink id` and `nlink set` are about, on a connection of its own, and gives the answer
 * as text.
 */
export async function askAbout(
  given: Given,
  io: Io,
  ask: (connection: IdConnection, target: Target) => Promise<number | null>,
): Promise<string> {
  const { options } = given;
  const target = await targetOf(argumentOf(given, 'target'), directoriesOf(options), io);
  const connection = await io.openConnection({});
  try {
    const nsid = await withMeaning(target, io, () => ask(connection, target));
    return options.has('json') ? `${safeJson({ nsid, ...meant(target) })}\n` : `${nsid ?? 'none'}\n`;
  } finally {
    connection.close();
  }
}

function meant(target: Target): object {
  if ('pid' in target) return { pid: target.pid };
  return 'name' in target ? named(target) : target;
}

/**
 * Whoever mistyped a name is told which was meant, and of digits that they were taken for a
 * process; whoever named something that is no namespace, why not.
 * @param proc where procfs is mounted
 */
export async function withMeaning<T>(
  target: Target,
  io: Pick<Io, 'calls'>,
  ask: () => Promise<T>,
  proc = '/proc',
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // EINVAL: netlink's word for it.
    if ((code === 'ERR_NLINK_NOT_A_NAMESPACE' || code === 'EINVAL') && 'path' in target)
      throw await withVerdict(error as Error, target.path, proc, io);
    if ('name' in target) {
      const directory = target.path.slice(0, -target.name.length - 1) || '/';
      throw await withHint(error, { ...target, directory }, io);
    }
    // ENOENT: its file in /proc.
    if (!('pid' in target) || (code !== 'ESRCH' && code !== 'ENOENT')) throw error;
    const said = `${message}; ${target.pid} is no name in ${target.directories.map(shown).join(', ')} either`;
    throw Object.assign(new Error(said, { cause: error }), { code });
  }
}
