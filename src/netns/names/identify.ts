/**
 * Which names a network namespace has. `ip netns identify` (ip-netns(8)) prints one of them for a
 * process; this gives all, from one or several directories. Costs one listing of each directory
 * (list.ts).
 */
import { requireOptions } from '../../errors.ts';
import { directoriesOption } from '../../reference/directory.ts';
import type { DirectoriesOptions } from '../../reference/directory.ts';
import { joinPath } from '../../reference/names.ts';
import { checkReference } from '../../reference/reference.ts';
import type { CheckedReference, NamespaceReference } from '../../reference/reference.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';
import type { LocatedName } from './entry.ts';
import { holdNamespace } from '../identity/held.ts';
import { sameLiving } from '../identity/identity.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { listDirectory } from './list.ts';
import { Observer } from '../identity/observe.ts';
import { procOption } from '../processes/procfs.ts';
import type { ProcOptions } from '../processes/procfs.ts';

/**
 * Options of {@link identify}: in which directories names are looked for, and which procfs numbers
 * the process.
 */
export interface IdentifyOptions extends DirectoriesOptions, ProcOptions {}

/** What {@link identify} found. */
export interface IdentifiedNamespace {
  /**
   * Every name it has, directory by directory, in the order of `listNamespaces`. Empty: it has none
   * there.
   */
  names: LocatedName[];
  /** Its identity. */
  namespace: NamespaceId;
}

/**
 * Identifies a network namespace: its identity, and all names that it has. A symbolic link is a
 * name of what it leads to. A directory that does not exist holds none. Of a process with threads
 * in several namespaces, that of the main thread counts.
 *
 * Needs no privilege for one's own processes; another user's, or one with more capabilities, takes
 * CAP_SYS_PTRACE (ptrace(2), PTRACE_MODE_READ_FSCREDS). The namespace is held open during the call.
 * Linux 3.19; `namespace.id` since 6.18.
 * @param reference `{ pid }` (in the PID namespace that the procfs is mounted for), a name (looked
 *   up in the first of the directories), `{ path }` or `{ fd }`. Default: the calling process
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_INVALID_NAME`,
 *   `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`,
 *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `ENOENT` (no such process, name or path), `EACCES` (another user's process; a
 *   directory may not be read or searched), `EPERM` (another user's process, with /proc mounted
 *   with `hidepid=1`), `ENOTDIR` (a directory is a file), `EMFILE`
 */
export async function identify(
  reference?: NamespaceReference,
  options: IdentifyOptions = {},
): Promise<IdentifiedNamespace> {
  requireOptions(options);
  const directories = directoriesOption(options);
  const proc = procOption(options.proc);
  // By process.pid it would be another process where /proc is mounted for another PID namespace.
  const checked: CheckedReference =
    reference === undefined
      ? { path: '/proc/self/ns/net' }
      : checkReference('reference', reference, directories[0], proc);
  return identifyIn(linux(), checked, directories);
}

/** {@link identify} with other system calls. */
export async function identifyIn(
  system: System,
  reference: CheckedReference,
  directories: readonly string[],
): Promise<IdentifiedNamespace> {
  const observer = new Observer(system);
  const { namespace, release } = holdNamespace(system, observer, reference);
  try {
    const names = directories.flatMap((directory) =>
      (listDirectory(system, observer, directory, true) ?? [])
        .filter(({ found }) => found.kind === 'namespace' && sameLiving(found.namespace, namespace))
        .map(({ name }) => ({ name, path: joinPath(directory, name), directory })),
    );
    return { names, namespace };
  } finally {
    release();
  }
}
