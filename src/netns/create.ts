/**
 * Makes a named network namespace with the system calls of `ip netns add` (ip-netns(8)), so that each can use what the
 * other made: a file, on which a new namespace is mounted, in a directory whose mounts are shared. All or nothing.
 */
import { constants } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { NlinkError } from '../errors.ts';
import type { DirectoryOptions } from '../reference/directory.ts';
import { cPath } from '../reference/names.ts';
import { inNamespace, requireRoundTrip, THREAD_NAMESPACE } from '../reference/round-trip.ts';
import { check, errno, systemError } from '../sys/errno.ts';
import { LOCK_EX, LOCK_NB, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, UMOUNT_NOFOLLOW } from '../sys/flags.ts';
import { linux } from '../sys/system.ts';
import type { CPath, System } from '../sys/system.ts';
import { holdDirectory, ofDescriptor } from './held-directory.ts';
import type { NamespaceId } from './identity.ts';
import { Observer } from './observe.ts';
import { namespaceFile } from './target.ts';
import type { NamespaceFile, NamespaceTarget } from './target.ts';

/** For how long another process's lock on the directory is waited for, in milliseconds; then it goes on without. */
const LOCK_ATTEMPTS = 100;
const LOCK_PAUSE_MS = 10;
const NO_SOURCE = cPath('none');

/**
 * Makes a network namespace under a name that nothing has yet, in the way of `ip netns add`. Fails without leaving anything
 * behind. The loopback device of a new namespace is down.
 *
 * A name is made in the directory of names, which is itself made if it is missing (mode 0755; not its parents) and mounted on
 * itself as a shared mount once, so that the namespaces appear in other mount namespaces as well. With `{ path }` nothing but that
 * file is made, and the mounts of its directory stay as they are, unless it lies in the directory of `ip netns`.
 *
 * Needs CAP_SYS_ADMIN, and a network namespace that this process may return to: root, or `unshare -Urnm`.
 * @returns the identity of the new namespace
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_NO_WAY_BACK` (in `unshare -Ur`
 *   without `-n`), `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL`
 * @throws SystemError `EEXIST` (the name is taken; of several who make it at once one alone succeeds), `EPERM` (no
 *   privilege), `ENOENT` (the directory's parent is missing), `ENOSPC` (the sysctl user.max_net_namespaces), …
 */
export async function createNamespace(
  target: NamespaceTarget,
  options: DirectoryOptions = {},
): Promise<NamespaceId> {
  return create(linux(), namespaceFile(target, options));
}

/** {@link createNamespace} with other system calls. `abort`: see {@link inNamespace}. */
export async function create(system: System, file: NamespaceFile, abort?: () => never): Promise<NamespaceId> {
  requireRoundTrip(system);
  const observer = new Observer(system);
  if (file.directory === null) return mountNew(system, observer, file.path, abort);
  makeDirectory(system, file.directory);
  const lock = await lockDirectory(system, file.directory);
  // Nothing waits from here on: the lock is held until all is done, so that a failure can still undo the directory's mount.
  try {
    const made = shareDirectory(system, file.directory);
    try {
      return mountNew(system, observer, file.path, abort);
    } catch (error) {
      // Busy if somebody who takes no lock has mounted something there: then it stays.
      if (made && lock !== null) system.umount(cPath(file.directory), UMOUNT_NOFOLLOW);
      throw error;
    }
  } finally {
    if (lock !== null) system.close(lock);
  }
}

function makeDirectory(system: System, directory: string): void {
  const result = system.mkdir(cPath(directory), 0o755);
  if (result >= 0 || result === -errno.EEXIST) return;
  const remedy =
    result === -errno.ENOENT ? 'its parent directory does not exist; make that first' : undefined;
  throw systemError(-result, 'mkdir', directory, remedy);
}

/** Keeps others who make names from mounting the directory on itself as well: each layer would hide the one before. */
async function lockDirectory(system: System, directory: string): Promise<number | null> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY;
  const fd = check(system.open(cPath(directory), flags), 'open', directory);
  for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
    const result = system.flock(fd, LOCK_EX | LOCK_NB);
    if (result >= 0) return fd;
    if (result !== -errno.EWOULDBLOCK) break;
    await setTimeout(LOCK_PAUSE_MS);
  }
  // A file system without locks, or somebody who never lets go: `ip netns add` goes on as well.
  system.close(fd);
  return null;
}

/** Makes mounts in the directory propagate. @returns whether it had to be mounted on itself for that */
function shareDirectory(system: System, directory: string): boolean {
  const path = cPath(directory);
  const result = system.mount(NO_SOURCE, path, MS_SHARED | MS_REC);
  if (result >= 0) return false;
  // Only a mount can be shared, and this is no mount yet.
  if (result !== -errno.EINVAL) throw systemError(-result, 'mount', directory);
  check(system.mount(path, path, MS_BIND | MS_REC), 'mount', directory);
  const shared = system.mount(NO_SOURCE, path, MS_SHARED | MS_REC);
  if (shared >= 0) return true;
  system.umount(path, UMOUNT_NOFOLLOW);
  throw systemError(-shared, 'mount', directory);
}

/**
 * Makes the file, a namespace, and mounts one on the other: on the very file that was made, whatever has been put in its place.
 */
function mountNew(
  system: System,
  observer: Observer,
  path: string,
  abort: (() => never) | undefined,
): NamespaceId {
  const held = holdDirectory(system, path);
  if (typeof held === 'number') throw openError(-held, path);
  const { file, release } = held;
  try {
    const fd = system.open(file, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, 0);
    if (fd < 0) throw openError(-fd, path);
    try {
      return inNamespace(system, 'new', () => mountOwn(system, observer, { path, file, fd }), abort);
    } catch (error) {
      system.unlink(file);
      throw error;
    } finally {
      system.close(fd);
    }
  } finally {
    release();
  }
}

function openError(number: number, path: string): Error {
  const remedies: Record<number, string> = {
    [errno.EEXIST]: 'the name is taken, by a namespace or by the file of a former one',
    [errno.ENOENT]: 'its directory does not exist; make that first',
  };
  return systemError(number, 'open', path, remedies[number]);
}

/** Mounts the thread's own namespace on the file that is open. */
function mountOwn(
  system: System,
  observer: Observer,
  { path, file, fd }: { path: string; file: CPath; fd: number },
): NamespaceId {
  const own = cPath(THREAD_NAMESPACE);
  check(system.mount(own, cPath(ofDescriptor(fd)), MS_BIND), 'mount', path);
  try {
    // Asked here: the name may be taken away again as soon as it is there. And only now: the mount holds the inode.
    const found = observer.observe(own, true);
    if (found.kind === 'namespace') return found.namespace;
    throw new NlinkError(
      'ERR_NLINK_UNSUPPORTED_KERNEL',
      `${THREAD_NAMESPACE} does not tell which namespace it is`,
    );
  } catch (error) {
    system.umount(file, MNT_DETACH | UMOUNT_NOFOLLOW);
    throw error;
  }
}
