/**
 * Puts the calling thread into a network namespace for good, with what programs find of it in the file system, as `ip netns exec`
 * does (ip-netns(8)): in a mount namespace of its own, /sys shows its devices, and the files in /etc/netns/NAME lie over those in
 * /etc. Whatever fails, the host's mounts stay as they are. For a process that becomes another program, or ends.
 */
import { entryError } from '../reference/enter.ts';
import { cPath, decodeName, joinPath } from '../reference/names.ts';
import { referenceName, withOpened } from '../reference/reference.ts';
import type { CheckedReference } from '../reference/reference.ts';
import { hasAdmin } from '../reference/round-trip.ts';
import { check, errno, errnoName, systemError } from '../sys/errno.ts';
import { CLONE_NEWNET, CLONE_NEWNS, MNT_DETACH, MS_BIND, MS_RDONLY, MS_REC, MS_SLAVE } from '../sys/flags.ts';
import { readRefusal } from '../sys/permission.ts';
import { emptyStatus, isDirectory } from '../sys/stat.ts';
import type { System } from '../sys/system.ts';

/** Where ip-netns(8) has files for the names. */
const OVERLAYS = '/etc/netns';
const ROOT = cPath('/');
const SYS = cPath('/sys');

/** A file of a name that could not be laid over the one in /etc. */
export interface OverlayFault {
  from: string;
  onto: string;
  /** Of mount(2), or of reading the directory. */
  code: string;
  remedy: string;
}

/**
 * Enters for good. Needs no way back, so that it works in `unshare -Urm` as well.
 * @param name whose files in /etc/netns are meant; null: none
 * @returns which of them could not be laid over those in /etc
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`
 * @throws SystemError `ENOENT`, `EACCES`, `EPERM`, … The thread may be in the other namespace by then
 */
export function enterForGood(
  system: System,
  reference: CheckedReference,
  name: string | null,
): OverlayFault[] {
  const path = referenceName(reference);
  withOpened(system, reference, (fd) => {
    try {
      check(system.setns(fd, CLONE_NEWNET), 'setns', path);
    } catch (error) {
      throw entryError(error, reference);
    }
  });
  unshareMounts(system, path);
  mountSys(system, path, name);
  return name === null ? [] : layOver(system, name);
}

/**
 * Fails where {@link enterForGood} would for want of privilege, without entering anything.
 * @throws SystemError `EPERM`
 */
export function requireAdmin(system: System): void {
  if (!hasAdmin(system)) throw systemError(errno.EPERM, 'setns');
}

/** From here on nothing that is mounted or unmounted is seen by others. */
function unshareMounts(system: System, path: string): void {
  const unshared = system.unshare(CLONE_NEWNS);
  if (unshared < 0) {
    const full = 'the limit of mount namespaces is reached: raise the sysctl user.max_mnt_namespaces';
    throw systemError(-unshared, 'unshare', undefined, unshared === -errno.ENOSPC ? full : undefined);
  }
  const result = system.mount(cPath('none'), ROOT, MS_SLAVE | MS_REC);
  if (result >= 0) return;
  const why = 'the root directory must be a mount point, which it is not in a chroot';
  throw systemError(-result, 'mount', '/', `${why}; ${without(path)}`);
}

function mountSys(system: System, path: string, name: string | null): void {
  const source = cPath(name ?? 'sysfs');
  // Refused where a user namespace may not uncover what is below, or nothing is mounted: then it is covered.
  system.umount(SYS, MNT_DETACH);
  let result = system.mount(source, SYS, 0, 'sysfs');
  // What is read-only may not be covered by what is not, in a user namespace.
  if (result === -errno.EPERM) result = system.mount(source, SYS, MS_RDONLY, 'sysfs');
  // Busy: the one that could not be uncovered shows this very namespace.
  if (result >= 0 || result === -errno.EBUSY) return;
  const why = "the namespace's own /sys cannot be mounted (a container may forbid it, or have none)";
  throw systemError(-result, 'mount', '/sys', `${why}; ${without(path)}`);
}

/** What to do where there can be no mounts. */
const without = (path: string): string => `nsenter --net=${path} COMMAND does without`;

function layOver(system: System, name: string): OverlayFault[] {
  const directory = joinPath(OVERLAYS, name);
  const entries = system.readDirectory(cPath(directory));
  if (typeof entries === 'number') {
    if (entries === -errno.ENOENT || entries === -errno.ENOTDIR) return [];
    return [fault(directory, '/etc', -entries, readRefusal(directory) ?? 'let this user read the directory')];
  }
  const faults: OverlayFault[] = [];
  for (const entry of entries.map(decodeName).sort()) {
    const from = joinPath(directory, entry);
    const onto = `/etc/${entry}`;
    const result = system.mount(cPath(from), cPath(onto), MS_BIND);
    if (result < 0) faults.push(fault(from, onto, -result, remedy(system, from, onto)));
  }
  return faults;
}

function fault(from: string, onto: string, number: number, text: string): OverlayFault {
  return { from, onto, code: errnoName(number), remedy: text };
}

/** mount(2) tells which of the two it did not like by the same error. */
function remedy(system: System, from: string, onto: string): string {
  const status = emptyStatus();
  if (system.stat(cPath(from), true, status) < 0) return `${from} leads nowhere; remove it`;
  const kind = isDirectory(status) ? 'directory' : 'file';
  if (system.stat(cPath(onto), true, status) < 0) return `make an empty ${kind} ${onto} first`;
  if (isDirectory(status) !== (kind === 'directory'))
    return 'one of them is a directory and the other is not; make them alike';
  return `see mount(2)`;
}
