/**
 * The system calls that list the mounts of any mount namespace, in the convention of `System`:
 * listmount(2) and statmount(2) (Linux 6.8, of other mount namespaces since 6.11), and the ioctl
 * that goes from one mount namespace to the next (Linux 6.12, `fs/nsfs.c`, `fs/namespace.c`). Those
 * of others take CAP_SYS_ADMIN in the user namespace that owns them.
 */
import { littleEndian } from './endian.ts';
import { errno } from './errno.ts';
import { bind } from './library.ts';

/** A mount, as statmount(2) shows it; the numbers of a line of mountinfo. */
export interface MountStatus {
  id: number;
  parent: number;
  major: number;
  minor: number;
  /** The peer group, 0: not shared; and that of the master, 0: no slave. */
  shared: number;
  master: number;
  /** Bytes, one character each. */
  type: string;
  root: string;
  mountPoint: string;
}

export interface MountSystem {
  /**
   * ioctl(2) NS_MNT_GET_NEXT or NS_MNT_GET_PREV: a descriptor of the mount namespace that was made
   * after, or before, an open one, and its id into `into`; -ENOENT: there is none. Passes over
   * those in whose user namespace the caller lacks CAP_SYS_ADMIN.
   */
  neighbour(fd: number, direction: 'next' | 'previous', into: { id: bigint }): number;
  /**
   * listmount(2): ids of all mounts of a mount namespace after `last`, which is 0n to begin with,
   * ascending; how many.
   */
  listMounts(namespace: bigint, last: bigint, into: BigUint64Array): number;
  /** statmount(2). */
  statMount(namespace: bigint, mount: bigint, into: MountStatus): number;
}

/** x86-64 and asm-generic; numbered alike on all architectures since Linux 5.1. */
const SYS_STATMOUNT = 457;
const SYS_LISTMOUNT = 458;
/** struct mnt_id_req, version 1. */
const REQUEST_SIZE = 32;
/** Stands for all mounts of a mount namespace. */
const LSMT_ROOT = 0xffff_ffff_ffff_ffffn;
/** STATMOUNT_SB_BASIC, MNT_BASIC, MNT_ROOT, MNT_POINT, FS_TYPE. */
const WANTED: bigint = 0x1n | 0x2n | 0x8n | 0x10n | 0x20n;
/** struct statmount without its texts, and room for these: two paths. */
const STATMOUNT_SIZE = 512;
const TEXTS = 2 * 4096 + 256;

/** powerpc numbers its ioctls differently. */
const powerpc = process.arch === 'ppc64';
/** struct mnt_ns_info: 16 bytes, size first, the id at 8. */
const INFORMATION_SIZE = 16;
const NS_MNT_GET_NEXT = powerpc ? 0x4010b70b : 0x8010b70b;
const NS_MNT_GET_PREV = powerpc ? 0x4010b70c : 0x8010b70c;

let real: MountSystem | undefined;

/**
 * The real thing.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function mountSystem(): MountSystem {
  real ??= bindMounts();
  return real;
}

const bytesOf = ({ buffer }: DataView): Uint8Array => new Uint8Array(buffer as ArrayBuffer);

function bindMounts(): MountSystem {
  const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)');
  const syscall = bind('long syscall(long number, const void *request, void *into, size_t size, long flags)');
  const information = new DataView(new ArrayBuffer(INFORMATION_SIZE));
  const request = new DataView(new ArrayBuffer(REQUEST_SIZE));
  const status = new DataView(new ArrayBuffer(STATMOUNT_SIZE + TEXTS));
  const [informationBytes, requestBytes, statusBytes] = [information, request, status].map(bytesOf) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const ask = (mount: bigint, parameter: bigint, namespace: bigint): void => {
    request.setUint32(0, REQUEST_SIZE, littleEndian);
    request.setBigUint64(8, mount, littleEndian);
    request.setBigUint64(16, parameter, littleEndian);
    request.setBigUint64(24, namespace, littleEndian);
  };
  const textAt = (offset: number): string => {
    const start = STATMOUNT_SIZE + status.getUint32(offset, littleEndian);
    const end = statusBytes.indexOf(0, start);
    return Buffer.from(statusBytes.subarray(start, Math.max(start, end))).toString('latin1');
  };
  return {
    neighbour(fd, direction, into) {
      information.setUint32(0, INFORMATION_SIZE, littleEndian);
      const number = direction === 'next' ? NS_MNT_GET_NEXT : NS_MNT_GET_PREV;
      const result = ioctl(fd, number, informationBytes);
      if (result >= 0) into.id = information.getBigUint64(8, littleEndian);
      return result;
    },
    listMounts(namespace, last, into) {
      ask(LSMT_ROOT, last, namespace);
      return syscall(SYS_LISTMOUNT, requestBytes, into, into.length, 0);
    },
    statMount(namespace, mount, into) {
      ask(mount, WANTED, namespace);
      statusBytes.fill(0, 0, STATMOUNT_SIZE);
      const result = syscall(SYS_STATMOUNT, requestBytes, statusBytes, statusBytes.byteLength, 0);
      if (result < 0) return result;
      if ((status.getBigUint64(8, littleEndian) & WANTED) !== WANTED) return -errno.EOPNOTSUPP;
      into.major = status.getUint32(16, littleEndian);
      into.minor = status.getUint32(20, littleEndian);
      into.id = status.getUint32(56, littleEndian);
      into.parent = status.getUint32(60, littleEndian);
      into.shared = Number(status.getBigUint64(80, littleEndian));
      into.master = Number(status.getBigUint64(88, littleEndian));
      into.type = textAt(36);
      into.root = textAt(104);
      into.mountPoint = textAt(108);
      return result;
    },
  };
}
