/**
 * Which network namespace it is. Inode numbers alone do not tell: they are used again within
 * moments. The kernel's own id (`ns_id` of the nsfs file handle, NS_GET_ID in ioctl_nsfs(2), Linux
 * 6.18) is never used again.
 */

/** Identity of a network namespace. Compare with {@link sameNamespace}, never by `ino` alone. */
export interface NamespaceId {
  /**
   * The kernel's 64-bit id, never used again while the machine runs; null before Linux 6.18. Equals
   * `SO_NETNS_COOKIE`.
   */
  id: bigint | null;
  /** Device of the nsfs file system, as `stat.dev`. */
  dev: bigint;
  /** Inode number, as in `net:[4026531840]`: unique among the living, used again within moments. */
  ino: bigint;
  /**
   * Modification time of the nsfs inode, in nanoseconds since 1970: when the inode was made. Tells
   * two users of one `ino` apart. A namespace that loses every name and descriptor, but not its
   * processes, gets a new one; while nothing but processes holds it, each look gives another.
   */
  since: bigint;
}

/**
 * Whether both are the same namespace: by `id` where both have one, else by `dev`, `ino` and
 * `since` together. Before Linux 6.18 that is false as well for one and the same namespace that no
 * name and no descriptor held in between, but its processes alone.
 */
export function sameNamespace(a: NamespaceId, b: NamespaceId): boolean {
  return a.id !== null && b.id !== null ? a.id === b.id : sameInode(a, b) && a.since === b.since;
}

/**
 * As {@link sameNamespace}, where one of them lives, or is held open, from the one look to the
 * other: its inode number is nobody else's meanwhile. `since` is not compared, since nothing but a
 * process may hold it.
 */
export function sameLiving(a: NamespaceId, b: NamespaceId): boolean {
  return a.id !== null && b.id !== null ? a.id === b.id : sameInode(a, b);
}

const sameInode = (a: NamespaceId, b: NamespaceId): boolean => a.dev === b.dev && a.ino === b.ino;
