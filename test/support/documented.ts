/**
 * Which errors each system call documents, by the pages of section 2 of the Linux manual (of
 * `getdents` and `scandir` together with what opens the directory), netlink(7) and
 * path_resolution(7); and what an error that comes of them may be called. What a caller gets for
 * misuse (`EBADF`, `EFAULT`) is among them: another part of the program may close a descriptor that
 * is not its own.
 */
import type { NetlinkSystem } from '../../src/sys/socket.ts';

export type Call = keyof NetlinkSystem;

interface Documented {
  /** What a `SystemError` may name as `syscall`. */
  syscalls: readonly string[];
  errnos: readonly string[];
  /** Codes of our own that may stand for it. */
  codes?: readonly string[];
}

const words = (text: string): string[] => text.split(' ');
const documented = (syscalls: string, errnos: string, codes = ''): Documented => ({
  syscalls: words(syscalls),
  errnos: words(errnos),
  codes: words(codes),
});

/** Of the calls that are left out, none fails with a number. */
export const DOCUMENTED: Partial<Record<Call, Documented>> = {
  read: documented('read', 'EAGAIN EBADF EFAULT EINTR EINVAL EIO'),
  close: documented('close', 'EBADF EINTR EIO ENOSPC EDQUOT'),
  bytesReadable: documented('ioctl', 'EBADF EFAULT EINVAL ENOTTY'),
  open: documented(
    'open',
    'EACCES EINTR EINVAL EIO ELOOP EMFILE ENFILE ENAMETOOLONG ENODEV ENOENT ENOMEM ENOTDIR ENXIO EPERM',
    'ERR_NLINK_UNSUPPORTED_KERNEL',
  ),
  stat: documented(
    'statx inotify_add_watch',
    'EACCES EBADF EFAULT EINVAL EIO ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR',
    'ERR_NLINK_UNSUPPORTED_KERNEL ERR_NLINK_NOT_A_NAMESPACE',
  ),
  readDirectory: documented(
    'scandir',
    'EACCES EBADF EFAULT EINTR EINVAL EIO EMFILE ENFILE ENOENT ENOMEM ENOTDIR',
  ),
  readLink: documented('readlink', 'EACCES EFAULT EINVAL EIO ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR'),
  inotifyInit: documented('inotify_init1', 'EINVAL EMFILE ENFILE ENOMEM'),
  inotifyAddWatch: documented(
    'inotify_add_watch',
    'EACCES EBADF EEXIST EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR ELOOP',
  ),
  inotifyRmWatch: documented('inotify_rm_watch', 'EBADF EINVAL'),
  epollCreate: documented('epoll_create1', 'EINVAL EMFILE ENFILE ENOMEM'),
  epollAdd: documented('epoll_ctl', 'EBADF EEXIST EINVAL ELOOP ENOENT ENOMEM ENOSPC EPERM'),
  // Thrown: it is no plain call (sys/readiness.ts).
  onReadable: documented('epoll_ctl', 'EBADF EEXIST EMFILE ENFILE ENOMEM ENOSPC EPERM'),
  namespaceHandle: documented(
    'name_to_handle_at',
    'EACCES EBADF EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR EOPNOTSUPP EOVERFLOW EPERM ENOSYS',
  ),
  openNamespace: documented(
    'open_by_handle_at',
    'EBADF EFAULT EINVAL EMFILE ENFILE ENOMEM EPERM ESTALE ENOSYS',
  ),
  namespaceType: documented('ioctl', 'EBADF EINVAL ENOTTY'),
  socketNamespace: documented('ioctl', 'EBADF EINVAL ENOTTY EPERM EMFILE ENFILE ENOMEM'),
  setns: documented(
    'setns',
    'EBADF EINVAL ENOMEM EPERM ESRCH',
    'ERR_NLINK_NO_RETURN ERR_NLINK_NOT_A_NAMESPACE',
  ),
  umount: documented('umount2', 'EACCES EAGAIN EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM ENXIO EPERM'),
  unlink: documented(
    'unlink',
    'EACCES EBUSY EFAULT EIO EISDIR ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR EPERM EROFS',
  ),
  netlinkSocket: documented(
    'socket',
    'EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPERM EPROTONOSUPPORT ENOSYS',
    'ERR_NLINK_NETLINK_UNAVAILABLE',
  ),
  netlinkConnect: documented(
    'connect',
    'EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTSOCK EPERM',
  ),
  netlinkPort: documented('getsockname', 'EBADF EFAULT EINVAL ENOBUFS ENOTSOCK'),
  setOption: documented(
    'setsockopt',
    'EBADF EFAULT EINVAL ENOMEM ENOPROTOOPT ENOTSOCK EPERM',
    'ERR_NLINK_UNSUPPORTED_KERNEL',
  ),
  getOption: documented('getsockopt', 'EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK'),
  send: documented(
    'send',
    'EACCES EAGAIN EBADF ECONNREFUSED ECONNRESET EFAULT EINTR EINVAL EMSGSIZE ENOBUFS ENOMEM ENOTCONN ENOTSOCK EPERM',
  ),
  receive: documented(
    'recv',
    'EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOBUFS ENOMEM ENOTCONN ENOTSOCK',
  ),
  receiveMany: documented(
    'recvmmsg',
    'EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOBUFS ENOMEM ENOTCONN ENOTSOCK',
  ),
};

/** What a machine may lack for a moment: whoever watches outlasts it. */
export const SHORTAGES: ReadonlySet<string> = new Set(
  words('EAGAIN EINTR EMFILE ENFILE ENOMEM ENOBUFS ENOSPC'),
);

/**
 * Of a path these say that nothing is there: of one that is there, a lie, after which nobody can
 * know better.
 */
const ABSENCES: ReadonlySet<string> = new Set(words('ENOENT ENOTDIR ELOOP'));
const OF_PATHS: ReadonlySet<Call> = new Set(['stat', 'readDirectory']);

/**
 * Whether a failure says something of the host that is not so, rather than that it cannot be found
 * out.
 */
export const isLie = (call: Call, code: string): boolean => OF_PATHS.has(call) && ABSENCES.has(code);

/**
 * A directory on the way that may not be read is not watched, and done without: that the path leads
 * elsewhere is then noticed when something is mounted.
 */
export const isUnwatched = (call: Call, code: string): boolean =>
  call === 'inotifyAddWatch' && code === 'EACCES';
