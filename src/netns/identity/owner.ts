/**
 * Which user namespace owns a network namespace (user_namespaces(7)), and so whose rights count in
 * it: NS_GET_USERNS in ioctl_nsfs(2).
 */
import { cPath } from '../../reference/names.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import { emptyStatus } from '../../sys/stat.ts';

/** The owner of a namespace. */
export interface NamespaceOwner {
  /** Inode of the user namespace, as in `user:[4026531837]`. */
  userNamespace: bigint;
  /** The user who made that user namespace, as seen from here; null before Linux 4.11. */
  uid: number | null;
}

/**
 * Opens the namespace for an instant. Null where it may not be known: the user namespace is neither
 * one's own nor below that; the file may not be opened; Linux before 4.9.
 */
export function ownerOf(system: InspectionSystem, path: string): NamespaceOwner | null {
  const fd = system.open(cPath(path), 0);
  if (fd < 0) return null;
  const user = system.owningNamespace(fd);
  system.close(fd);
  if (user < 0) return null;
  const status = emptyStatus();
  const result = system.stat(cPath(`/proc/self/fd/${user}`), true, status);
  const uid = system.ownerUid(user);
  system.close(user);
  return result < 0 ? null : { userNamespace: status.ino, uid: uid < 0 ? null : uid };
}
