/**
 * Which network namespace it is. Inode numbers alone do not tell: they are used again within moments. The kernel's own id
 * (`ns_id` of the nsfs file handle, NS_GET_ID in ioctl_nsfs(2), Linux 6.18) is never used again.
 */

/** Identity of a network namespace. Compare with {@link sameNamespace}, never by `ino` alone. */
export interface NamespaceId {
  /** The kernel's 64-bit id, never used again while the machine runs; null before Linux 6.18. Equals `SO_NETNS_COOKIE`. */
  id: bigint | null;
  /** Device of the nsfs file system, as `stat.dev`. */
  dev: bigint;
  /** Inode number, as in `net:[4026531840]`: unique among the living, used again within moments. */
  ino: bigint;
  /**
   * Modification time of the nsfs inode, in nanoseconds since 1970: when the inode was made. Tells two users of one
   * `ino` apart. A namespace that loses every name and descriptor, but not its processes, gets a new one.
   */
  since: bigint;
}

/** Whether both are the same namespace: by `id` where both have one, else by `dev`, `ino` and `since` together. */
export function sameNamespace(a: NamespaceId, b: NamespaceId): boolean {
  if (a.id !== null && b.id !== null) return a.id === b.id;
  return a.dev === b.dev && a.ino === b.ino && a.since === b.since;
}
