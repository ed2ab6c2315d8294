/**
 * The names in a directory and what stands behind each, as `ip netns list` (ip-netns(8)), and the
 * same question for one name. Costs one reading of the directory and two system calls a name; opens
 * no namespace on Linux 6.18 and later.
 */
import { requireOptions } from '../../errors.ts';
import { directoryOption, NamePath } from '../../reference/directory.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import type { Matcher } from '../../reference/glob.ts';
import { cPath, decodeName } from '../../reference/names.ts';
import { checkReference, referenceName, withOpened } from '../../reference/reference.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import { errno, systemError } from '../../sys/errno.ts';
import { emptyStatus, isDirectory } from '../../sys/stat.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';
import { entryOf } from './entry.ts';
import type { NameObservation, NamespaceEntry } from './entry.ts';
import { Observer } from '../identity/observe.ts';

/** Options of {@link listNamespaces}. */
export interface ListOptions extends DirectoryOptions {
  /**
   * Whether an entry that is a symbolic link counts by its target. Default true. False: it is never
   * a namespace.
   */
  followSymlinks?: boolean | undefined;
}

/** A name as the directory holds it. */
export interface ListedName {
  name: string;
  bytes: Buffer;
  found: NameObservation;
  /** When its inode was made, or its content changed last: nanoseconds since 1970. */
  time: bigint;
}

/**
 * Lists the names in a directory, in the order in which they were created as well as that can be
 * known. A name on which no namespace is mounted is listed with `ready: false` and the reason.
 * Subdirectories are no names. A directory that does not exist has none.
 *
 * Needs no privilege beyond permission to read the directory.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`,
 *   `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `EACCES` (the directory may not be read or searched), `ENOTDIR` (it is a
 *   file)
 */
export async function listNamespaces(options: ListOptions = {}): Promise<NamespaceEntry[]> {
  requireOptions(options);
  const directory = directoryOption(options.directory);
  const system = linux();
  const listed = listDirectory(system, new Observer(system), directory, options.followSymlinks ?? true);
  return (listed ?? []).map(({ name, found }) => entryOf(directory, name, found));
}

/**
 * Whether something is there at all: the file of a name or path (with or without a namespace
 * mounted on it), the process, the open descriptor. {@link isNamespace} says whether it can be
 * entered.
 * @param reference a name, `{ path }`, `{ pid }` or `{ fd }`
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, and as {@link listNamespaces}
 * @throws SystemError `EACCES` (a directory on the way may not be searched)
 */
export async function namespaceExists(
  reference: NamespaceReference,
  options: DirectoryOptions = {},
): Promise<boolean> {
  requireOptions(options);
  const path = referenceName(checkReference('reference', reference, options.directory));
  const status = emptyStatus();
  const result = linux().stat(cPath(path), false, status);
  if (result === -errno.ENOENT || result === -errno.ENOTDIR) return false;
  if (result < 0) throw systemError(-result, 'statx', path);
  return !isDirectory(status);
}

/**
 * Whether a network namespace stands behind a reference. Symbolic links are followed. False also
 * where there is no such name, path, process or descriptor.
 * @param reference a name, `{ path }`, `{ pid }` or `{ fd }`
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, and as {@link listNamespaces}
 * @throws SystemError `EACCES` (a directory on the way may not be searched; `{ pid }` of a process
 *   that this user may not trace)
 */
export async function isNamespace(
  reference: NamespaceReference,
  options: DirectoryOptions = {},
): Promise<boolean> {
  requireOptions(options);
  const checked = checkReference('reference', reference, options.directory);
  const system = linux();
  const found = new Observer(system).observe(cPath(referenceName(checked)), true);
  // A link of somebody else's process may lead nowhere, or to its namespace: opening it says why
  // that is not known.
  if ('pid' in checked && found.kind === 'file' && found.reason === 'no-permission')
    return withOpened(system, checked, () => true);
  return found.kind === 'namespace';
}

/**
 * The names in a directory as they are found now, oldest first; null if the directory does not
 * exist. What vanishes meanwhile is left out.
 * @param matches null: all names; else nothing is asked of names that do not match
 * @throws SystemError as {@link listNamespaces}
 */
export function listDirectory(
  system: System,
  observer: Observer,
  directory: string,
  followSymlinks: boolean,
  matches: Matcher | null = null,
): ListedName[] | null {
  const path = new NamePath(directory);
  const names = system.readDirectory(path.directory);
  if (typeof names === 'number') {
    if (names === -errno.ENOENT) return null;
    throw systemError(-names, 'scandir', directory);
  }
  const listed: ListedName[] = [];
  for (const bytes of names) {
    const name = decodeName(bytes);
    if (matches?.(name) === false) continue;
    const found = observer.observe(path.of(bytes), followSymlinks);
    if (found.kind === 'namespace' || found.kind === 'file')
      listed.push({ name, bytes, found, time: observer.changed });
  }
  return byAge(listed);
}

/** A name with the numbers that are compared most: BigInts cost ten times as much. */
interface Aged {
  listed: ListedName;
  /** The time, rounded: what is equal may differ still. */
  time: number;
  mount: number;
}

/**
 * Times of inodes are as coarse as the kernel's tick (1 to 10 ms); ids of mounts grow within one
 * (Linux 6.8), and bytes give the rest some order that stays.
 */
function byAge(names: readonly ListedName[]): ListedName[] {
  const aged = names.map((listed): Aged => {
    return { listed, time: Number(listed.time), mount: mountOf(listed.found) };
  });
  aged.sort(
    (a, b) =>
      a.time - b.time ||
      compare(a.listed.time, b.listed.time) ||
      a.mount - b.mount ||
      Buffer.compare(a.listed.bytes, b.listed.bytes),
  );
  return aged.map(({ listed }) => listed);
}

const mountOf = (found: NameObservation): number => (found.kind === 'namespace' ? found.mountId : 0);
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
