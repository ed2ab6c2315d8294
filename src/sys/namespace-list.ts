/**
 * The namespaces of the machine: listns(2), Linux 6.19 (`kernel/nstree.c`). It lists those that are
 * active: a process is in them, a name or descriptor leads to them, or, of user namespaces, an
 * active one belongs to them. What nothing but sockets holds lives, and is not listed.
 */
import { littleEndian } from './endian.ts';
import { bind } from './library.ts';

/** In the convention of `System`. */
export interface NamespaceListSystem {
  /**
   * listns(2): the kernel ids of namespaces, ascending; how many were written. All of them for who
   * has CAP_SYS_ADMIN in the first user namespace and is in the first process namespace; else those
   * that the caller is in, and in the first versions of 6.19 those that his user namespace owns.
   *
   * -ENOSYS: before Linux 6.19, or a seccomp filter does not know it; -EPERM: it forbids it.
   * -EOVERFLOW: `into` is longer than {@link MOST_LISTED}.
   * @param type the CLONE_NEW* flag of the kind
   * @param after only ids greater than this; 0: all. -ENOENT: there is none. Not to be relied on:
   *   6.19 says that as well if the next one is there and not active (`lookup_ns_id_at`)
   */
  listNamespaces(type: number, after: bigint, into: BigUint64Array): number;
}

/** As many are listed at once at most (`listns` in kernel/nstree.c). */
export const MOST_LISTED = 1_000_000;

/** Numbered alike on all architectures. */
const SYS_LISTNS = 470;
/** struct ns_id_req of linux/nsfs.h, version 0: size, spare, ns_id, ns_type, spare2, user_ns_id. */
const REQUEST_SIZE = 32;

let real: NamespaceListSystem | undefined;

/**
 * The real thing.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function namespaceListSystem(): NamespaceListSystem {
  real ??= bindNamespaceList();
  return real;
}

function bindNamespaceList(): NamespaceListSystem {
  const syscall = bind('long syscall(long number, const void *request, void *into, size_t size, long flags)');
  const request = new DataView(new ArrayBuffer(REQUEST_SIZE));
  const bytes = new Uint8Array(request.buffer);
  request.setUint32(0, REQUEST_SIZE, littleEndian);
  return {
    listNamespaces(type, after, into) {
      request.setBigUint64(8, after, littleEndian);
      request.setUint32(16, type, littleEndian);
      return syscall(SYS_LISTNS, bytes, into, into.length, 0);
    },
  };
}
