/**
 * A new name for a network namespace, as ip-netns(8) makes one: a file that nobody had, on which
 * the namespace is mounted, in a directory whose mounts are shared. All or nothing: whatever fails,
 * neither file nor mount is left.
 */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { cPath } from '../../reference/names.ts';
import { check, errno, systemError } from '../../sys/errno.ts';
import {
  LOCK_EX,
  LOCK_NB,
  MNT_DETACH,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  UMOUNT_NOFOLLOW,
} from '../../sys/flags.ts';
import { fileSystemFull, mountsFull } from '../../sys/shortage.ts';
import type { CPath, System } from '../../sys/system.ts';
import { holdDirectory, ofDescriptor } from './held-directory.ts';
import type { NamespaceFile } from './target.ts';

/**
 * For how long another process's lock on the directory is waited for, in milliseconds; then it goes
 * on without.
 */
const LOCK_ATTEMPTS = 100;
const LOCK_PAUSE_MS = 10;
const NO_SOURCE = cPath('none');

/**
 * Mounts what is at `source` on the new file, and gives what `then` says of it. If that throws, it
 * is unmounted again.
 * @throws SystemError of mount(2)
 */
type Bind = <T>(source: CPath, then: () => T) => T;

/**
 * Makes the file of a name, and its directory where that is one of names.
 * @param mount synchronous: mounts the namespace by the {@link Bind} it is given
 * @throws SystemError `EEXIST` (the name is taken), `ENOENT` (its directory, or that one's parent,
 *   is missing), …; and what `mount` throws
 */
export async function makeName<T>(
  system: System,
  { path, directory }: NamespaceFile,
  mount: (bind: Bind) => T,
): Promise<T> {
  if (directory === null) return makeFile(system, path, mount);
  makeDirectory(system, directory);
  const lock = await lockDirectory(system, directory);
  // Nothing waits from here on: the lock is held until all is done, so that a failure can still
  // undo the directory's mount.
  try {
    const made = shareDirectory(system, directory);
    try {
      return makeFile(system, path, mount);
    } catch (error) {
      // Busy if somebody who takes no lock has mounted something there: then it stays.
      if (made && lock !== null) system.umount(cPath(directory), UMOUNT_NOFOLLOW);
      throw error;
    }
  } finally {
    if (lock !== null) system.close(lock);
  }
}

function makeDirectory(system: System, directory: string): void {
  const result = system.mkdir(cPath(directory), 0o755);
  if (result >= 0 || result === -errno.EEXIST) return;
  const remedies: Record<number, () => string | undefined> = {
    [-errno.ENOENT]: () => 'its parent directory does not exist; make that first',
    [-errno.ENOSPC]: () => fileSystemFull(dirname(directory)),
  };
  throw systemError(-result, 'mkdir', directory, remedies[result]?.());
}

/**
 * Keeps others who make names from mounting the directory on itself as well: each layer would hide
 * the one before.
 */
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

/**
 * Makes mounts in the directory propagate. @returns whether it had to be mounted on itself for that
 */
function shareDirectory(system: System, directory: string): boolean {
  const path = cPath(directory);
  const result = system.mount(NO_SOURCE, path, MS_SHARED | MS_REC);
  if (result >= 0) return false;
  // Only a mount can be shared, and this is no mount yet.
  if (result !== -errno.EINVAL) throw systemError(-result, 'mount', directory);
  checkMount(system.mount(path, path, MS_BIND | MS_REC), directory);
  const shared = system.mount(NO_SOURCE, path, MS_SHARED | MS_REC);
  if (shared >= 0) return true;
  system.umount(path, UMOUNT_NOFOLLOW);
  throw systemError(-shared, 'mount', directory);
}

/**
 * Makes the file, and lets something be mounted on it: on the very file that was made, whatever has
 * been put in its place.
 */
function makeFile<T>(system: System, path: string, mount: (bind: Bind) => T): T {
  const held = holdDirectory(system, path);
  if (typeof held === 'number') throw openError(-held, path);
  const { file, release } = held;
  try {
    const fd = system.open(file, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, 0);
    if (fd < 0) throw openError(-fd, path);
    const bind: Bind = (source, then) => {
      checkMount(system.mount(source, cPath(ofDescriptor(fd)), MS_BIND), path);
      try {
        return then();
      } catch (error) {
        system.umount(file, MNT_DETACH | UMOUNT_NOFOLLOW);
        throw error;
      }
    };
    try {
      return mount(bind);
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
  const remedies: Record<number, () => string | undefined> = {
    [errno.EEXIST]: () => 'the name is taken, by a namespace or by the file of a former one',
    [errno.ENOENT]: () => 'its directory does not exist; make that first',
    [errno.ENOSPC]: () => fileSystemFull(dirname(path)),
  };
  return systemError(number, 'open', path, remedies[number]?.());
}

function checkMount(result: number, path: string): void {
  if (result >= 0) return;
  throw systemError(-result, 'mount', path, result === -errno.ENOSPC ? mountsFull() : undefined);
}
