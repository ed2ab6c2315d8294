/**
 * Lets the calling thread leave its mount namespace and brings it back (setns(2), unshare(2)). Safe
 * for the same reasons as round-trip.ts: nothing else runs in between, and all that the way back
 * takes is done once before the thread leaves.
 *
 * | the thread  | a call fails                                    | then                         |
 * | ----------- | ----------------------------------------------- | ---------------------------- |
 * | checks      | open, unshare (CLONE_FS), fchdir, chroot, setns | refused; nothing has changed |
 * | is away     | whatever `work` does                            | it returns; its error passes |
 * | returns     | setns, fchdir, chroot: ENOMEM, EINTR            | tried again for a second     |
 * | returns     | any other, or ENOMEM for a second               | the process ends             |
 *
 * Entering a mount namespace leads to its root directory, so root and working directory are put
 * back too. A thread that shares them with others may not enter one (`mntns_install` in
 * `fs/namespace.c`): this one gets its own, for good.
 */
import { constants } from 'node:fs';
import { check } from '../sys/errno.ts';
import { CLONE_FS, CLONE_NEWNS, O_PATH } from '../sys/flags.ts';
import type { System } from '../sys/system.ts';
import { cPath } from './names.ts';
import { insist } from './round-trip.ts';

const THREAD_MOUNTS = '/proc/thread-self/ns/mnt';
const HERE = cPath('.');
const PLACE = O_PATH | constants.O_DIRECTORY;

/** Descriptors of where the thread is at home. */
interface Home {
  mounts: number;
  root: number;
  directory: number;
}

/**
 * Calls `work`, which may take the calling thread into other mount namespaces.
 *
 * For a program that is nlink's own: from then on `process.chdir` and umask of the main thread are
 * not those of the other threads.
 * @param work synchronous
 * @param abort ends the process if the thread cannot return after all
 * @throws SystemError where the thread could not return (no CAP_SYS_ADMIN or CAP_SYS_CHROOT, mounts
 *   of another user namespace, a working directory that may not be entered), before anything
 *   changed; and what `work` throws
 */
export function keepingMounts<T>(system: System, work: () => T, abort?: () => never): T {
  return atHome(system, (home) => {
    checkReturn(system, home);
    try {
      return work();
    } finally {
      insist('mount', () => system.setns(home.mounts, CLONE_NEWNS), abort);
      for (const [, step] of stepsTo(system, home)) insist('mount', step, abort);
    }
  });
}

/** Fails where {@link keepingMounts} would. @throws SystemError */
export function requireMountRoundTrip(system: System): void {
  atHome(system, (home) => checkReturn(system, home));
}

function atHome<T>(system: System, work: (home: Home) => T): T {
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const fd = check(system.open(cPath(path), flags), 'open', path);
    opened.push(fd);
    return fd;
  };
  try {
    return work({ mounts: open(THREAD_MOUNTS, 0), root: open('/', PLACE), directory: open('.', PLACE) });
  } finally {
    for (const fd of opened) system.close(fd);
  }
}

/** Root and working directory, in a mount namespace that has them. */
const stepsTo = (system: System, { root, directory }: Home): (readonly [string, () => number])[] => [
  ['fchdir', () => system.fchdir(root)],
  ['chroot', () => system.chroot(HERE)],
  ['fchdir', () => system.fchdir(directory)],
];

/** Goes home from home. Refused, it is in its working directory still. */
function checkReturn(system: System, home: Home): void {
  check(system.unshare(CLONE_FS), 'unshare');
  check(system.fchdir(home.directory), 'fchdir');
  try {
    takeSteps(system, home);
    check(system.setns(home.mounts, CLONE_NEWNS), 'setns');
    takeSteps(system, home);
  } catch (error) {
    system.fchdir(home.directory);
    throw error;
  }
}

function takeSteps(system: System, home: Home): void {
  for (const [name, step] of stepsTo(system, home)) check(step(), name);
}
