/**
 * Which file is meant by a name or a path, for what creates and deletes it. A name stays in its
 * directory: it is checked before a path is made of it.
 */
import { invalidArgument, requireOptions } from '../../errors.ts';
import { absolutePath, directoryOption, IP_DIRECTORIES } from '../../reference/directory.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { checkName, joinPath } from '../../reference/names.ts';

/**
 * A named network namespace: its name in the directory of names, or the path of its file anywhere.
 *
 * Narrower than `NamespaceReference` on purpose. What makes or removes a name works on a file,
 * which a process or a descriptor has not; so the compiler refuses `{ pid }` and `{ fd }`, and at
 * run time they are refused before anything happens (`ERR_NLINK_INVALID_ARGUMENT`).
 */
export type NamespaceTarget =
  | string
  | {
      /** Of its file, relative or absolute. */
      path: string;
    };

/** The file that is meant. */
export interface NamespaceFile {
  path: string;
  /**
   * The directory of names, as ip-netns(8) keeps it, if that is where it lies; null for a path
   * elsewhere.
   */
  directory: string | null;
}

/**
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, also for a path whose last part no name can be,
 *   `ERR_NLINK_INVALID_ARGUMENT`
 */
export function namespaceFile(target: NamespaceTarget, options: DirectoryOptions): NamespaceFile {
  requireOptions(options);
  if (typeof target === 'string') {
    checkName(target);
    const directory = directoryOption(options.directory);
    return { path: joinPath(directory, target), directory };
  }
  if (target === null || typeof target !== 'object' || !('path' in target))
    throw invalidArgument('target', 'a name or { path } (a process or descriptor has no name)', target);
  const path = absolutePath('target.path', target.path);
  const parent = path.slice(0, path.lastIndexOf('/'));
  checkName(path.slice(parent.length + 1));
  return { path, directory: IP_DIRECTORIES.has(parent) ? parent : null };
}
