/** `--directory`, given once or several times, and `--containers`. */
import { absolutePath, DEFAULT_DIRECTORY } from '../../reference/directory.ts';
import type { Options } from './given.ts';
import { shown } from '../../format/escape.ts';
import type { Io } from '../host/io.ts';
import { note } from '../output/output.ts';

/**
 * The directories of names that were given, or the usual one, as absolute paths, each once. At
 * least one.
 */
export function directoriesOf(options: Options): readonly [string, ...string[]] {
  const [first = DEFAULT_DIRECTORY, ...others] = options.get('directory') ?? [];
  const paths = [first, ...others].map((path) => absolutePath('directory', path));
  return [...new Set(paths)] as [string, ...string[]];
}

/**
 * Those of {@link directoriesOf}, and with `--containers` those of container runtimes; what may not
 * be read is said on stderr.
 */
export function allDirectoriesOf(
  options: Options,
  io: Pick<Io, 'containerDirectories' | 'stderr' | 'quiet'>,
): readonly [string, ...string[]] {
  const directories = directoriesOf(options);
  if (!options.has('containers')) return directories;
  const { watched, refused } = io.containerDirectories(directories);
  if (refused.length > 0) note(`skipped, not readable for this user: ${refused.map(shown).join(', ')}`, io);
  return [...directories, ...watched];
}

/**
 * Says which of the directories that were given do not exist: they are listed as if they were
 * empty, and may be mistyped.
 */
export async function noteMissing(
  options: Options,
  io: Pick<Io, 'calls' | 'stderr' | 'quiet'>,
): Promise<void> {
  if (!options.has('directory')) return;
  for (const directory of directoriesOf(options))
    if (await io.calls.isMissing(directory)) note(`${shown(directory)} does not exist`, io);
}
