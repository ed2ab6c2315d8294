/** `--directory`, given once or several times. */
import { absolutePath, DEFAULT_DIRECTORY } from '../reference/directory.ts';
import type { Options } from './command.ts';

/** The directories of names that were given, or the usual one, as absolute paths, each once. At least one. */
export function directoriesOf(options: Options): readonly [string, ...string[]] {
  const [first = DEFAULT_DIRECTORY, ...others] = options.get('directory') ?? [];
  const paths = [first, ...others].map((path) => absolutePath('directory', path));
  return [...new Set(paths)] as [string, ...string[]];
}
