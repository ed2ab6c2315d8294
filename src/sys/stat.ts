/**
 * What nlink wants to know of a file: statx(2). A status is used again, since a listing of
 * thousands of names asks for each, and decodes what is read of it and nothing else. The mount's id
 * distinguishes a covered directory from an uncovered one.
 */
import { constants, lstatSync, statSync } from 'node:fs';
import { littleEndian } from './endian.ts';
import { errno } from './errno.ts';
import type { Call } from './library.ts';

/** The values of a {@link FileStatus}. */
export interface FileStatusValues {
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
  mountId: number;
  /** How many hard links it has; 0 where unknown. */
  links?: number;
}

/** sizeof(struct statx) in `include/uapi/linux/stat.h`. */
const STATX_SIZE = 256;
/** Where its fields are: stx_nlink, mode, ino, size, mtime, dev_major and dev_minor, mnt_id. */
const [LINKS, MODE, INO, SIZE, MTIME, DEVICE, MOUNT] = [16, 28, 32, 40, 112, 136, 144] as const;
const WORD = 0x1_0000_0000;
const SECOND = 1_000_000_000n;

/** A status to be filled in: `struct statx`. */
export class FileStatus implements Readonly<FileStatusValues> {
  readonly bytes: Uint8Array = new Uint8Array(STATX_SIZE);
  readonly #raw = new DataView(this.bytes.buffer);

  get mode(): number {
    return this.#raw.getUint16(MODE, littleEndian);
  }

  get ino(): bigint {
    return this.#raw.getBigUint64(INO, littleEndian);
  }

  /** The low 32 bits of `ino`, which are all of it in procfs. */
  get lowIno(): number {
    return this.#raw.getUint32(INO + (littleEndian ? 0 : 4), littleEndian);
  }

  get links(): number {
    return this.#raw.getUint32(LINKS, littleEndian);
  }

  get size(): bigint {
    return this.#raw.getBigUint64(SIZE, littleEndian);
  }

  get mtime(): bigint {
    const raw = this.#raw;
    return raw.getBigInt64(MTIME, littleEndian) * SECOND + BigInt(raw.getUint32(MTIME + 8, littleEndian));
  }

  get dev(): bigint {
    return makedev(this.#raw.getUint32(DEVICE, littleEndian), this.#raw.getUint32(DEVICE + 4, littleEndian));
  }

  get mountId(): number {
    const [low, high] = littleEndian ? [MOUNT, MOUNT + 4] : [MOUNT + 4, MOUNT];
    return this.#raw.getUint32(high, littleEndian) * WORD + this.#raw.getUint32(low, littleEndian);
  }

  /** Whether it is of the same file as another status, reached through the same mount. */
  isSame({ bytes }: FileStatus): boolean {
    return this.#equals(bytes, INO) && this.#equals(bytes, DEVICE) && this.#equals(bytes, MOUNT);
  }

  /** Whether the file is on the same device as that of another status. */
  isOnDeviceOf({ bytes }: FileStatus): boolean {
    return this.#equals(bytes, DEVICE);
  }

  /** Eight bytes. */
  #equals(other: Uint8Array, at: number): boolean {
    for (let offset = at; offset < at + 8; offset++) if (this.bytes[offset] !== other[offset]) return false;
    return true;
  }

  /** Fills it in otherwise than by statx. */
  set({ dev, ino, mode, size, mtime, mountId, links = 0 }: FileStatusValues): void {
    const raw = this.#raw;
    const [seconds, nanoseconds] = [mtime / SECOND, mtime % SECOND];
    const carry = nanoseconds < 0n ? 1n : 0n;
    raw.setUint32(LINKS, links, littleEndian);
    raw.setUint16(MODE, mode, littleEndian);
    raw.setBigUint64(INO, ino, littleEndian);
    raw.setBigUint64(SIZE, size, littleEndian);
    raw.setBigInt64(MTIME, seconds - carry, littleEndian);
    raw.setUint32(MTIME + 8, Number(nanoseconds + carry * SECOND), littleEndian);
    raw.setUint32(DEVICE, Number(((dev >> 32n) & 0xfffff000n) | ((dev >> 8n) & 0xfffn)), littleEndian);
    raw.setUint32(DEVICE + 4, Number(((dev >> 12n) & 0xffffff00n) | (dev & 0xffn)), littleEndian);
    raw.setBigUint64(MOUNT, BigInt(mountId), littleEndian);
  }
}

/** A status to be filled in. */
export const emptyStatus = (): FileStatus => new FileStatus();

const kind = (status: FileStatus): number => status.mode & constants.S_IFMT;
export const isSymlink = (status: FileStatus): boolean => kind(status) === constants.S_IFLNK;
export const isDirectory = (status: FileStatus): boolean => kind(status) === constants.S_IFDIR;
export const isRegular = (status: FileStatus): boolean => kind(status) === constants.S_IFREG;

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
  let usable = statx;
  return (path, followSymlink, into) => {
    if (usable === null) return statByNode(path, followSymlink, into);
    const result = usable(AT_FDCWD, path, followSymlink ? 0 : AT_SYMLINK_NOFOLLOW, STATX_WANTED, into.bytes);
    if (result === 0 || (result !== -errno.ENOSYS && result !== -errno.EPERM)) return result;
    const byNode = statByNode(path, followSymlink, into);
    if (byNode !== -errno.EPERM) usable = null;
    return byNode;
  };
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
    const { dev, ino, size, mtimeNs: mtime } = status;
    const [mode, links] = [Number(status.mode), Number(status.nlink)];
    into.set({ dev, ino, mode, size, mtime, mountId: 0, links });
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? -errno.EIO;
  }
}
