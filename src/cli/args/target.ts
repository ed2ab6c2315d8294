/**
 * NAME|PATH|PID: which namespace one word means. What holds a slash is a
 * path; digits are a name if one of the directories has such a name, otherwise a process;
 * everything else is a name, in the first directory that has it.
 */
import { INT_MAX } from '../../sys/limits.ts';
import type { Named } from '../../netns/names/entry.ts';
import { absolutePath } from '../../reference/directory.ts';
import { checkName, joinPath } from '../../reference/names.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import type { NsidConnection, Io } from '../host/io.ts';

/** A namespace as it was meant. A name's path is the file that stands for it. */
export type Target = Named | { path: string } | { pid: number; directories: readonly string[] };

/** Whether a word can be the number of a process. */
export function isPid(word: string): boolean {
  const pid = /^\d+$/.test(word) ? Number(word) : 0;
  return pid > 0 && pid <= INT_MAX;
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
 * @throws as `getNsid`
 */
export const nsidOf = (connection: NsidConnection, target: Target): Promise<number | null> =>
  connection.getNsid(referenceOf(target));
