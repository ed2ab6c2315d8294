/**
 * Puts the calling thread into a network namespace, with what programs find of it in the file
 * system, as `ip netns exec` does (ip-netns(8)): in a mount namespace of its own, /sys shows its
 * devices, and the files in /etc/netns/NAME lie over those in /etc. Whatever fails, the host's
 * mounts stay as they are. For good, in a process that becomes another program or ends; or for as
 * long as it takes to start a program there, which is a child of this process then.
 */
import { entryError, withNamespace } from '../../reference/enter.ts';
import { keepingMounts, requireMountRoundTrip } from '../../reference/mount-round-trip.ts';
import { cPath } from '../../reference/names.ts';
import { referenceName, withOpened } from '../../reference/reference.ts';
import type { CheckedReference } from '../../reference/reference.ts';
import { hasAdmin, requireRoundTrip } from '../../reference/round-trip.ts';
import { check, errno, systemError } from '../../sys/errno.ts';
import { CLONE_NEWNET, CLONE_NEWNS, MNT_DETACH, MS_RDONLY, MS_REC, MS_SLAVE } from '../../sys/flags.ts';
import { mountsFull, namespacesFull } from '../../sys/shortage.ts';
import type { System } from '../../sys/system.ts';
import { layOver } from './etc-overlay.ts';
import type { OverlayFault } from './etc-overlay.ts';
import { holdSysMounts } from './sys-mounts.ts';

const ROOT = cPath('/');
const SYS = cPath('/sys');

/** What of the file system a program is to find. */
export interface View {
  /** Whose files in /etc/netns are meant; null: none. */
  name: string | null;
  /** Whether what is mounted below /sys is there as well. */
  sysMounts: boolean;
}

/**
 * Enters for good. Needs no way back, so that it works in `unshare -Urm` as well.
 * @returns what could not be laid where it belongs
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`
 * @throws SystemError `ENOENT`, `EACCES`, `EPERM`, … The thread may be in the other namespace by
 *   then
 */
export function enterForGood(system: System, reference: CheckedReference, view: View): OverlayFault[] {
  withOpened(system, reference, (fd) => {
    try {
      check(system.setns(fd, CLONE_NEWNET), 'setns', referenceName(reference));
    } catch (error) {
      throw entryError(error, reference);
    }
  });
  return takeView(system, referenceName(reference), view);
}

/**
 * Calls `work` inside, and comes back: a child that it starts stays there.
 * @param work synchronous; gets the files that could not be mounted in their place
 * @param abort ends the process if the thread cannot come back
 * @throws what {@link enterForGood} does, and `work`; what {@link requireReturn} does, before
 *   anything changed
 */
export function inside<T>(
  system: System,
  reference: CheckedReference,
  view: View,
  work: (faults: OverlayFault[]) => T,
  abort?: () => never,
): T {
  const path = referenceName(reference);
  const enter = (): T => keepingMounts(system, () => work(takeView(system, path, view)), abort);
  return withNamespace(system, reference, enter, abort);
}

/**
 * Fails where the thread could not come back from {@link inside}.
 * @throws NlinkError `ERR_NLINK_NO_RETURN`
 * @throws SystemError
 */
export function requireReturn(system: System): void {
  requireRoundTrip(system);
  requireMountRoundTrip(system);
}

/**
 * Fails where {@link enterForGood} would because of missing privilege, without entering anything.
 * @throws SystemError `EPERM`
 */
export function requireAdmin(system: System): void {
  if (!hasAdmin(system)) throw systemError(errno.EPERM, 'setns');
}

/** From here on nothing that is mounted or unmounted is seen by others. */
function unshareMounts(system: System, path: string): void {
  const unshared = system.unshare(CLONE_NEWNS);
  if (unshared < 0) {
    const full = unshared === -errno.ENOSPC ? namespacesFull('mnt') : undefined;
    throw systemError(-unshared, 'unshare', undefined, full);
  }
  const result = system.mount(cPath('none'), ROOT, MS_SLAVE | MS_REC);
  if (result >= 0) return;
  const why = 'the root directory must be a mount point, which it is not in a chroot';
  throw systemError(-result, 'mount', '/', `${why}; ${without(path)}`);
}

/** Mounts of the thread's own, as seen from the network namespace that it is in. */
function takeView(system: System, path: string, { name, sysMounts }: View): OverlayFault[] {
  unshareMounts(system, path);
  // Before there is another /sys over them.
  const held = sysMounts ? holdSysMounts(system) : null;
  try {
    const isNew = mountSys(system, path, name, held !== null);
    const faults = isNew ? held?.putBack() : [];
    return [...(faults ?? []), ...(name === null ? [] : layOver(system, name))];
  } finally {
    held?.release();
  }
}

/** @returns whether there is another one now */
function mountSys(system: System, path: string, name: string | null, overTheOld: boolean): boolean {
  const source = cPath(name ?? 'sysfs');
  // Refused where a user namespace may not uncover what is below, or nothing is mounted: then it is
  // covered.
  if (!overTheOld) system.umount(SYS, MNT_DETACH);
  let result = system.mount(source, SYS, 0, 'sysfs');
  // What is read-only may not be covered by what is not, in a user namespace.
  if (result === -errno.EPERM) result = system.mount(source, SYS, MS_RDONLY, 'sysfs');
  // Busy: the one that could not be uncovered shows this very namespace.
  if (result >= 0 || result === -errno.EBUSY) return result >= 0;
  const full = result === -errno.ENOSPC ? mountsFull() : undefined;
  const why = full ?? "the namespace's own /sys cannot be mounted (a container may forbid it, or have none)";
  throw systemError(-result, 'mount', '/sys', `${why}; ${without(path)}`);
}

/** What to do where there can be no mounts. */
const without = (path: string): string => `nsenter --net=${path} COMMAND does without`;
