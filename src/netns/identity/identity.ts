/**
 * The identity of a network namespace. An inode number is none: it is used again within
 * moments. The kernel's own id (`ns_id` of the nsfs file handle, NS_GET_ID in ioctl_nsfs(2), Linux
 * 6.18) is never used again.
 */
import { invalidArgument } from '../../errors.ts';

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
 * A key for a `Map` or `Set`: two identities have the same key where {@link sameNamespace} says
 * that they are the same namespace. It holds on one machine until that boots again, and for
 * identities from one process: an `id` must be in both or in neither. Its format may change; do not
 * parse it.
 *
 * Before Linux 6.18 (`id` is null) a namespace that only processes hold has another `since`, and so
 * another key, at each look. A namespace that a name or a descriptor holds keeps its key.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function namespaceKey(identity: NamespaceId): string {
  const { id, dev, ino, since } = checkIdentity(identity);
  return id === null ? `${dev}:${ino}:${since}` : `id:${id}`;
}

function checkIdentity(identity: NamespaceId): NamespaceId {
  const { id, dev, ino, since } = (identity ?? {}) as Partial<NamespaceId>;
  const isInode = [dev, ino, since].every((part) => typeof part === 'bigint');
  if (isInode && (id === null || typeof id === 'bigint')) return identity;
  throw invalidArgument('identity', 'the identity of a network namespace (NamespaceId)', identity);
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
