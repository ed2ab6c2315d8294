/** `nlink list --names`: the names alone, for scripts. Each is a word that other commands take. */
import type { NamespaceEntry } from '../../../netns/names/entry.ts';
import { encodeName } from '../../../reference/names.ts';
import type { Matcher } from '../../../reference/glob.ts';
import type { Options } from '../../args/given.ts';
import { shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';

/**
 * Those of the first directory as they are, others as paths. With `--null` the bytes of each and a
 * NUL.
 */
export async function namesAlone(
  directories: readonly string[],
  matches: Matcher | null,
  options: Options,
  io: Pick<Io, 'listNamespaces'>,
): Promise<Uint8Array> {
  const isWanted = ({ name, ready }: NamespaceEntry): boolean =>
    (ready || !options.has('ready')) && (matches === null || matches(name));
  const parts: Buffer[] = [];
  for (const directory of directories)
    for (const entry of await io.listNamespaces({ directory })) {
      if (!isWanted(entry)) continue;
      const word = directory === directories[0] ? entry.name : entry.path;
      parts.push(
        options.has('null')
          ? Buffer.concat([encodeName(word), Buffer.alloc(1)])
          : Buffer.from(`${shown(word)}\n`),
      );
    }
  return Buffer.concat(parts);
}
