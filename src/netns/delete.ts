/**
 * Takes the name off a network namespace with the system calls of `ip netns del` (ip-netns(8)): unmounts it, then removes the
 * file. Touches nothing that is not a name of a network namespace or what is left of one.
 */
import { setTimeout } from 'node:timers/promises';
import { NlinkError } from '../errors.ts';
import type { DirectoryOptions } from '../reference/directory.ts';
import { check, errno, systemError } from '../sys/errno.ts';
import type { SystemError } from '../sys/errno.ts';
import { MNT_DETACH, UMOUNT_NOFOLLOW } from '../sys/flags.ts';
import { linux } from '../sys/system.ts';
import type { CPath, System } from '../sys/system.ts';
import { holdDirectory } from './held-directory.ts';
import { leadsNowhere, Observer } from './observe.ts';
import type { Observation } from './observe.ts';
import { namespaceFile } from './target.ts';
import type { NamespaceFile, NamespaceTarget } from './target.ts';

/** For how long a file is tried that somebody mounts something on again and again, in milliseconds. */
const ATTEMPTS = 10;
const PAUSE_MS = 10;

/**
 * Deletes a name, in the way of `ip netns del`. The namespace itself ends when nobody uses it any more: processes, sockets,
 * descriptors and other names keep it. A file that no namespace is mounted on any more is removed as well; of a symbolic
 * link only the link.
 *
 * Needs CAP_SYS_ADMIN for what is mounted; for the rest, write permission on the directory.
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE` (a file with content, a namespace of another kind, a link to either: left
 *   alone), `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`,
 *   `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL`
 * @throws SystemError `ENOENT` (no such name, or somebody else deleted it first), `EISDIR` (a directory: left alone),
 *   `EPERM`, `EACCES`, `EBUSY` (it is mounted on once more below a mount that covers the directory)
 */
export async function deleteNamespace(
  target: NamespaceTarget,
  options: DirectoryOptions = {},
): Promise<void> {
  await remove(linux(), namespaceFile(target, options));
}

/** {@link deleteNamespace} with other system calls. */
export async function remove(system: System, { path }: NamespaceFile): Promise<void> {
  const observer = new Observer(system);
  const held = holdDirectory(system, path);
  if (typeof held === 'number') {
    if (leadsNowhere(held)) throw unlinkError(errno.ENOENT, path);
    throw systemError(-held, 'open', path);
  }
  const { file, release } = held;
  try {
    for (let attempt = 1; ; attempt++) {
      const mounted = requireName(observer, file, path);
      if (mounted !== 'link') unmountAll(system, file, path, mounted === 'mounted');
      const result = system.unlink(file);
      if (result >= 0) return;
      // Mounted on again meanwhile, by somebody who had made the file just now.
      if (result !== -errno.EBUSY || attempt === ATTEMPTS) throw unlinkError(-result, path);
      await setTimeout(PAUSE_MS);
    }
  } finally {
    release();
  }
}

/** Makes sure that the path is a name of a network namespace, or was one, and tells what it is now. */
function requireName(observer: Observer, file: CPath, path: string): 'mounted' | 'marker' | 'link' {
  const found = look(observer, file, path);
  if (found.kind === 'missing') throw unlinkError(errno.ENOENT, path);
  if (found.kind === 'directory') throw unlinkError(errno.EISDIR, path);
  if (found.kind === 'namespace') return found.symlink ? 'link' : 'mounted';
  if (found.fresh) return 'marker';
  // A link whose target ended, or is hidden, was a name of a process's namespace.
  if (found.reason === 'dangling-symlink' || found.reason === 'no-permission') return 'link';
  const what = found.reason === 'wrong-type' ? 'a namespace of another kind' : 'a file with content';
  throw new NlinkError(
    'ERR_NLINK_NOT_A_NAMESPACE',
    `'${path}' ${found.symlink ? 'leads to' : 'is'} ${what}, not a network namespace, and is left alone`,
  );
}

/** An error names the path that the user gave. */
function look(observer: Observer, file: CPath, path: string): Observation {
  try {
    return observer.observe(file, true);
  } catch (error) {
    const { errno: number, syscall } = error as SystemError;
    throw systemError(-number, syscall, path);
  }
}

/** One name can carry several mounts: `mount --bind` adds one, and each of ip(8) where the directory was mounted twice. */
function unmountAll(system: System, file: CPath, path: string, mounted: boolean): void {
  for (;;) {
    const result = system.umount(file, MNT_DETACH | UMOUNT_NOFOLLOW);
    // EINVAL: nothing is mounted there (any more).
    if (result === -errno.EINVAL) return;
    // Without privilege nobody tells that nothing is mounted there; if something is, removing the file will.
    if (result === -errno.EPERM && !mounted) return;
    check(result, 'umount2', path);
  }
}

function unlinkError(number: number, path: string): Error {
  const remedies: Record<number, string> = {
    [errno.ENOENT]: 'no network namespace has this name',
    [errno.EBUSY]:
      'it is mounted on once more where no path leads: made before its directory was mounted on itself, as the first ' +
      '`ip netns add` does; unmount the directory (umount -l) to get at it',
    [errno.EISDIR]: 'this is a directory, not the name of a network namespace',
  };
  return systemError(number, 'unlink', path, remedies[number]);
}
