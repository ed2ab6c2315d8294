/**
 * The file that a command makes, or removes, by one word: a name in the directory, or a path if it
 * holds a slash.
 */
import type { NamespaceTarget } from '../../netns/names/target.ts';
import { absolutePath } from '../../reference/directory.ts';
import { checkName, joinPath, splitPath } from '../../reference/names.ts';

/** What one word stands for. */
export interface NameTarget {
  /** As it was given. */
  word: string;
  /** The last part of the path. */
  name: string;
  path: string;
  directory: string;
  /** For the library. */
  target: NamespaceTarget;
}

/** @throws NlinkError `ERR_NLINK_INVALID_NAME`, also for a path whose last part no name can be */
export function nameTargetOf(word: string, directory: string): NameTarget {
  const isPath = word.includes('/');
  const path = isPath ? absolutePath('path', word) : joinPath(directory, word);
  const { directory: parent, name } = splitPath(path);
  checkName(name);
  return {
    word,
    name,
    path,
    directory: isPath ? parent : directory,
    target: isPath ? { path } : name,
  };
}
