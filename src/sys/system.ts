/**
 * The system calls that nlink makes, as one object that is passed to whatever makes them, so that
 * tests can put another in its place. Convention of the kernel: a result of zero or more, or
 * `-errno`. Paths are NUL-terminated bytes, since names of files are bytes and need not be UTF-8.
 * Nothing here waits.
 */
import { littleEndian } from './endian.ts';
import { errno, numberOf } from './errno.ts';
import { bind, bindIfPresent, bindOnce } from './library.ts';
import { bindMountList } from './mount-list.ts';
import type { MountListSystem } from './mount-list.ts';
import { onReadable } from './readiness.ts';
import type { ReadinessHandle, ReadinessListener } from './readiness.ts';
import { readdirSync, readlinkSync } from 'node:fs';
import { statBy, withoutNul } from './stat.ts';
import type { FileStatus } from './stat.ts';

/** A NUL-terminated path; whatever follows the NUL is not looked at. */
export type CPath = Uint8Array;

/**
 * What the kernel's file handle of a namespace file says (Linux 6.18); see {@link
 * System.namespaceHandle}.
 */
export interface NamespaceHandle {
  /** The namespace's id, never used again while the machine runs. */
  id: bigint;
  /** The CLONE_NEW* flag of its kind. */
  type: number;
  /** The inode number, to see that it is the namespace that stat saw. */
  ino: number;
}

export interface System extends MountListSystem {
  /** read(2) into the whole of `buffer`. */
  read(fd: number, buffer: Uint8Array): number;
  /** close(2). */
  close(fd: number): number;
  /** ioctl(2) FIONREAD: bytes that could be read now. */
  bytesReadable(fd: number): number;
  /** open(2) with O_CLOEXEC and O_NONBLOCK added. */
  open(path: CPath, flags: number, mode?: number): number;
  /** statx(2); the status is written into `into`. */
  stat(path: CPath, followSymlink: boolean, into: FileStatus): number;
  /**
   * The names in a directory (getdents(2) by Node), without `.` and `..`, in no order; or `-errno`.
   */
  readDirectory(path: CPath): Buffer[] | number;
  /** readlink(2): where a symbolic link points; or `-errno`. */
  readLink(path: CPath): Buffer | number;
  /** inotify_init1(2) with IN_CLOEXEC and IN_NONBLOCK. */
  inotifyInit(): number;
  /** inotify_add_watch(2): the watch descriptor. */
  inotifyAddWatch(fd: number, path: CPath, mask: number): number;
  /** inotify_rm_watch(2). */
  inotifyRmWatch(fd: number, wd: number): number;
  /** epoll_create1(2) with EPOLL_CLOEXEC. */
  epollCreate(): number;
  /** epoll_ctl(2) EPOLL_CTL_ADD; `events` is a mask of EPOLL*. */
  epollAdd(epoll: number, fd: number, events: number): number;
  /**
   * name_to_handle_at(2) on the file of a namespace: its id and kind without opening it.
   * -EOPNOTSUPP where the kernel gives no such handles (before Linux 6.18) or the file is no
   * namespace.
   */
  namespaceHandle(path: CPath, into: NamespaceHandle): number;
  /**
   * open_by_handle_at(2) with such a handle: no path has to lead to it. Type and inode may both be
   * 0, whatever they are (6.19). `nsfs_fh_to_dentry` in fs/nsfs.c. `-EBADF`, `-ENOSYS` before Linux
   * 6.18. `-ESTALE`: the namespace has been freed; or nothing but sockets holds it (6.19); or the
   * caller is not in it, and has no CAP_SYS_ADMIN in its user namespace, or, on 6.19.14, is not in
   * the first process namespace.
   */
  openNamespace(handle: Readonly<NamespaceHandle>): number;
  /** ioctl(2) NS_GET_NSTYPE: the CLONE_NEW* flag of an open namespace (Linux 4.11). */
  namespaceType(fd: number): number;
  /**
   * ioctl(2) SIOCGSKNS: a descriptor of the network namespace of a socket or tun device (Linux
   * 4.10).
   */
  socketNamespace(fd: number): number;
  /** setns(2). */
  setns(fd: number, type: number): number;
  /** unshare(2). */
  unshare(flags: number): number;
  /**
   * mount(2) without data; the type of file system matters only where a new one is mounted. Default
   * `none`.
   */
  mount(source: CPath, target: CPath, flags: number, type?: string): number;
  /** umount2(2). */
  umount(target: CPath, flags: number): number;
  /** mkdir(2). */
  mkdir(path: CPath, mode: number): number;
  /** unlink(2). */
  unlink(path: CPath): number;
  /** fchdir(2). */
  fchdir(fd: number): number;
  /** chroot(2). */
  chroot(path: CPath): number;
  /** flock(2). */
  flock(fd: number, operation: number): number;
  /** Tells when `fd` can be read; see readiness.ts. */
  onReadable(fd: number, listener: ReadinessListener): ReadinessHandle;
}

let linuxSystem: System | undefined;

/**
 * The real thing. Loads koffi at the first call.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function linux(): System {
  linuxSystem ??= bindLinux();
  return linuxSystem;
}

const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
const EPOLL_CTL_ADD = 1;
/** The type of the file handles of nsfs (`include/linux/exportfs.h`, FILEID_NSFS). */
const FILEID_NSFS = 0xf1;
/** Bytes of what such a handle holds. */
const NSFS_HANDLE_SIZE = 16;
/** Stands for a directory of nsfs (include/uapi/linux/fcntl.h). */
const FD_NSFS_ROOT = -10003;

/**
 * FIONREAD and NS_GET_NSTYPE by architecture: asm-generic/ioctls.h, but powerpc numbers its ioctls
 * differently.
 */
const powerpc = process.arch === 'ppc64';
const FIONREAD = powerpc ? 0x4004667f : 0x541b;
const NS_GET_NSTYPE = powerpc ? 0x2000b703 : 0xb703;
/** linux/sockios.h: a number without a direction, the same everywhere. */
const SIOCGSKNS = 0x894c;

function bindLinux(): System {
  const read = bind('intptr_t read(int fd, void *buffer, size_t count)');
  const close = bindOnce('int close(int fd)');
  const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)');
  const open = bind('int open(const void *path, int flags, int mode)');
  const stat = statBy(
    bindIfPresent('int statx(int dirfd, const void *path, int flags, unsigned int mask, void *buf)'),
  );
  const inotifyInit = bind('int inotify_init1(int flags)');
  const inotifyAddWatch = bind('int inotify_add_watch(int fd, const void *path, uint32_t mask)');
  const inotifyRmWatch = bind('int inotify_rm_watch(int fd, int wd)');
  const epollCreate = bind('int epoll_create1(int flags)');
  const epollCtl = bind('int epoll_ctl(int epfd, int op, int fd, void *event)');
  const nameToHandle = bindIfPresent(
    'int name_to_handle_at(int dirfd, const void *path, void *handle, void *mount_id, int flags)',
  );
  const openByHandle = bindIfPresent('int open_by_handle_at(int mount_fd, void *handle, int flags)');
  const setns = bind('int setns(int fd, int type)');
  const unshare = bind('int unshare(int flags)');
  const mount = bind(
    'int mount(const void *source, const void *target, const char *type, unsigned long flags, const void *data)',
  );
  const umount = bind('int umount2(const void *target, int flags)');
  const mkdir = bind('int mkdir(const void *path, unsigned int mode)');
  const unlink = bind('int unlink(const void *path)');
  const fchdir = bind('int fchdir(int fd)');
  const chroot = bind('int chroot(const void *path)');
  const flock = bind('int flock(int fd, int operation)');

  const number = new Int32Array(1);
  const event = new Uint32Array(4);
  // struct file_handle { u32 bytes; s32 type; u8 handle[] }; that of nsfs holds { u64 id; u32 type;
  // u32 inum }.
  const handle = new DataView(new ArrayBuffer(8 + 128));
  const handleBytes = new Uint8Array(handle.buffer);
  const mountId = new Int32Array(2);

  return {
    read: (fd, buffer) => read(fd, buffer, buffer.byteLength),
    close(fd) {
      const result = close(fd);
      // Interrupted, it is closed all the same; a second time might close what another thread just
      // opened.
      return result === -errno.EINTR ? 0 : result;
    },
    bytesReadable(fd) {
      const result = ioctl(fd, FIONREAD, number);
      return result < 0 ? result : (number[0] as number);
    },
    open: (path, flags, mode = 0) => open(path, flags | O_CLOEXEC | O_NONBLOCK, mode),
    stat,
    readDirectory,
    readLink,
    inotifyInit: () => inotifyInit(O_CLOEXEC | O_NONBLOCK),
    inotifyAddWatch,
    inotifyRmWatch,
    epollCreate: () => epollCreate(O_CLOEXEC),
    epollAdd(epoll, fd, events) {
      event[0] = events;
      return epollCtl(epoll, EPOLL_CTL_ADD, fd, event);
    },
    namespaceHandle(path, into) {
      if (nameToHandle === null) return -errno.EOPNOTSUPP;
      handle.setUint32(0, 128, littleEndian);
      const result = nameToHandle(AT_FDCWD, path, handleBytes, mountId, AT_SYMLINK_FOLLOW);
      if (result < 0) return result;
      if (handle.getInt32(4, littleEndian) !== FILEID_NSFS) return -errno.EOPNOTSUPP;
      into.id = handle.getBigUint64(8, littleEndian);
      into.type = handle.getUint32(16, littleEndian);
      into.ino = handle.getUint32(20, littleEndian);
      return 0;
    },
    openNamespace({ id, type, ino }) {
      if (openByHandle === null) return -errno.ENOSYS;
      handle.setUint32(0, NSFS_HANDLE_SIZE, littleEndian);
      handle.setInt32(4, FILEID_NSFS, littleEndian);
      handle.setBigUint64(8, id, littleEndian);
      handle.setUint32(16, type, littleEndian);
      handle.setUint32(20, ino, littleEndian);
      return openByHandle(FD_NSFS_ROOT, handleBytes, O_CLOEXEC);
    },
    namespaceType: (fd) => ioctl(fd, NS_GET_NSTYPE, null),
    socketNamespace: (fd) => ioctl(fd, SIOCGSKNS, null),
    setns,
    unshare,
    mount: (source, target, flags, type = 'none') => mount(source, target, type, flags, null),
    umount,
    mkdir,
    unlink,
    fchdir,
    chroot,
    flock,
    ...bindMountList(),
    onReadable,
  };
}

function readDirectory(path: CPath): Buffer[] | number {
  try {
    return readdirSync(withoutNul(path), { encoding: 'buffer' });
  } catch (error) {
    return numberOf(error);
  }
}

function readLink(path: CPath): Buffer | number {
  try {
    return readlinkSync(withoutNul(path), { encoding: 'buffer' });
  } catch (error) {
    return numberOf(error);
  }
}
