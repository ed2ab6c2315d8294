/**
 * The mounts of the caller's own mount namespace: listmount(2) and statmount(2), Linux 6.8, without
 * privilege. Ids of mounts are 64-bit numbers that grow and are never used again while the machine
 * runs. They stay below 2^53, so that here they are numbers, and in a list pairs of 32-bit words:
 * lists of thousands are compared at each change of mounts.
 */
import { littleEndian } from './endian.ts';
import { bind } from './library.ts';

/** In the convention of `System`. */
export interface MountListSystem {
  /**
   * listmount(2): the ids of all mounts below a mount, at whatever depth, ascending; how many were
   * written. What covers a name, or is covered, is among them. An id is given when a mount is made:
   * it may be attached after a younger one (move_mount(2)). A mount that moves keeps its id.
   *
   * -EINVAL: `mount` or `after` is no unique id, but one of `/proc/self/mountinfo`, up to 2^31.
   * -ENOENT: the mount is not in this mount namespace (any more). -ENOSYS: before Linux 6.8.
   * -EPERM: a seccomp filter does not know it, or the mount is out of this root directory's reach.
   * @param mount its unique id, as statx(2) gives it (STATX_MNT_ID_UNIQUE)
   * @param after only ids greater than this; 0: all
   */
  listMounts(mount: number, after: number, into: Uint32Array): number;
  /**
   * statmount(2): the path on which a mount is mounted, as bytes and a NUL into `into`; its length.
   * 0 where it cannot be reached from the root directory. Errors as {@link listMounts}.
   */
  mountPoint(mount: number, into: Uint8Array): number;
}

/** x86-64 and asm-generic; numbered alike on all architectures since Linux 5.1. */
const SYS_STATMOUNT = 457;
const SYS_LISTMOUNT = 458;
/** struct mnt_id_req, version 0: without the id of a mount namespace. */
const REQUEST_SIZE = 24;
const STATMOUNT_MNT_POINT = 0x10;
/**
 * struct statmount without its texts; where it says which parts it holds, and where the path is.
 */
const STATMOUNT_SIZE = 512;
const STATMOUNT_MASK = 8;
const STATMOUNT_POINT_OFFSET = 108;

/** Positions of the low and the high word of a pair. */
const LOW = littleEndian ? 0 : 1;
const HIGH = 1 - LOW;
const WORD = 0x1_0000_0000;

/** The id at a position of a list. */
export const mountIdAt = (list: Uint32Array, index: number): number =>
  (list[2 * index + HIGH] as number) * WORD + (list[2 * index + LOW] as number);

/** Writes an id into a list. */
export function setMountId(list: Uint32Array, index: number, id: number): void {
  list[2 * index + LOW] = id;
  list[2 * index + HIGH] = Math.floor(id / WORD);
}

export function bindMountList(): MountListSystem {
  const syscall = bind('long syscall(long number, const void *request, void *into, size_t size, long flags)');
  const request = new Uint32Array(REQUEST_SIZE / 4);
  request[0] = REQUEST_SIZE;
  const ask = (mount: number, parameter: number): void => {
    setMountId(request, 1, mount);
    setMountId(request, 2, parameter);
  };
  const status = new DataView(new ArrayBuffer(STATMOUNT_SIZE + 4096));
  const bytes = new Uint8Array(status.buffer);
  return {
    listMounts(mount, after, into) {
      ask(mount, after);
      return syscall(SYS_LISTMOUNT, request, into, into.length >> 1, 0);
    },
    mountPoint(mount, into) {
      ask(mount, STATMOUNT_MNT_POINT);
      const result = syscall(SYS_STATMOUNT, request, bytes, bytes.byteLength, 0);
      if (result < 0) return result;
      if ((status.getUint32(STATMOUNT_MASK, littleEndian) & STATMOUNT_MNT_POINT) === 0) return 0;
      const start = STATMOUNT_SIZE + status.getUint32(STATMOUNT_POINT_OFFSET, littleEndian);
      const end = bytes.indexOf(0, start);
      into.set(bytes.subarray(start, end + 1));
      return end - start;
    },
  };
}
