/**
 * What nlink wants to know of a file: statx(2), decoded into an object that is used again, since a
 * listing of thousands of names asks for each. The mount's id distinguishes a
 * covered directory from an uncovered one.
 */
import { constants, lstatSync, statSync } from 'node:fs';
import { littleEndian } from './endian.ts';
import { errno } from './errno.ts';
import type { Call } from './library.ts';

export interface FileStatus {
  /** As `stat.dev` of Node: major and minor in one number. */
  dev: bigint;
  ino: bigint;
  /** Kind and permissions. */
  mode: number;
  /** In bytes. */
  size: bigint;
  /** Time of the last change of content, nanoseconds since 1970. */
  mtime: bigint;
  /**
   * The mount that the file was reached through: unique since Linux 6.8, used again before; 0 where
   * unknown.
   */
  mountId: bigint;
}

/** A status to be filled in. */
export function emptyStatus(): FileStatus {
  return { dev: 0n, ino: 0n, mode: 0, size: 0n, mtime: 0n, mountId: 0n };
}

const kind = (status: FileStatus): number => status.mode & constants.S_IFMT;
export const isSymlink = (status: FileStatus): boolean => kind(status) === constants.S_IFLNK;
export const isDirectory = (status: FileStatus): boolean => kind(status) === constants.S_IFDIR;
export const isRegular = (status: FileStatus): boolean => kind(status) === constants.S_IFREG;

/** sizeof(struct statx) in `include/uapi/linux/stat.h`. */
const STATX_SIZE = 256;
/**
 * STATX_BASIC_STATS | STATX_MNT_ID (5.8) | STATX_MNT_ID_UNIQUE (6.8); kernels leave out what they
 * do not know.
 */
const STATX_WANTED: number = 0x7ff | 0x1000 | 0x4000;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** Asks for the status of a NUL-terminated path. Zero or `-errno`. */
type Stat = (path: Uint8Array, followSymlink: boolean, into: FileStatus) => number;

/**
 * Makes a {@link Stat} of the C library's statx, or of Node's own stat where there is none: in the
 * library (null), in the kernel (-ENOSYS, before 4.11), or behind a seccomp filter older than it
 * (-EPERM, which statx itself gives only of another user's process where /proc is mounted with
 * hidepid=1, and then Node's stat does as well).
 */
export function statBy(statx: Call | null): Stat {
  const raw = new DataView(new ArrayBuffer(STATX_SIZE));
  const bytes = new Uint8Array(raw.buffer);
  let usable = statx;
  return (path, followSymlink, into) => {
    if (usable === null) return statByNode(path, followSymlink, into);
    const result = usable(AT_FDCWD, path, followSymlink ? 0 : AT_SYMLINK_NOFOLLOW, STATX_WANTED, bytes);
    if (result === 0) readStatx(raw, into);
    if (result !== -errno.ENOSYS && result !== -errno.EPERM) return result;
    const byNode = statByNode(path, followSymlink, into);
    if (byNode !== -errno.EPERM) usable = null;
    return byNode;
  };
}

export function readStatx(raw: DataView, into: FileStatus): void {
  into.mode = raw.getUint16(28, littleEndian);
  into.ino = raw.getBigUint64(32, littleEndian);
  into.size = raw.getBigUint64(40, littleEndian);
  into.mtime = raw.getBigInt64(112, littleEndian) * 1_000_000_000n + BigInt(raw.getUint32(120, littleEndian));
  into.dev = makedev(raw.getUint32(136, littleEndian), raw.getUint32(140, littleEndian));
  into.mountId = raw.getBigUint64(144, littleEndian);
}

/** gnu_dev_makedev: how the C library, and so Node, packs major and minor. */
function makedev(major: number, minor: number): bigint {
  if (major < 0x1000 && minor < 0x100) return BigInt((major << 8) | minor);
  const [a, i] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((i & 0xffffff00n) << 12n) | (i & 0xffn);
}

/** The bytes of a C path as Node's functions want them. */
export function withoutNul(path: Uint8Array): Buffer {
  const end = path.indexOf(0);
  return Buffer.from(path.buffer, path.byteOffset, end < 0 ? path.byteLength : end);
}

/** The same by Node's stat, without the mount's id. Zero or `-errno`. */
function statByNode(path: Uint8Array, followSymlink: boolean, into: FileStatus): number {
  const bytes = withoutNul(path);
  try {
    const status = (followSymlink ? statSync : lstatSync)(bytes, { bigint: true });
    into.dev = status.dev;
    into.ino = status.ino;
    into.mode = Number(status.mode);
    into.size = status.size;
    into.mtime = status.mtimeNs;
    into.mountId = 0n;
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? -errno.EIO;
  }
}
