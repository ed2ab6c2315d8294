/**
 * The system calls that look into other processes and behind sockets, as one object in the
 * convention of `System`: zero or more, or `-errno`. What they open is the caller's to close, at
 * once: each keeps something alive. pidfd_open(2), pidfd_getfd(2), recvmsg(2), ioctl_nsfs(2),
 * statx(2); SIOCGSKNS in `net/socket.c`, for a tun device in `drivers/net/tun.c`.
 */
import { errno } from './errno.ts';
import { bind, bindIfPresent } from './library.ts';
import { DescriptorPeek } from './peek.ts';
import type { PeekedDescriptors } from './peek.ts';
import type { FileStatus } from './stat.ts';
import { linux } from './system.ts';
import type { CPath, System } from './system.ts';

interface InspectionCalls {
  /**
   * As `stat` with the link followed, but of what the machine knows by itself: a file server that
   * does not answer is not waited for (AT_STATX_DONT_SYNC).
   */
  statKnown(path: CPath, into: FileStatus): number;
  /** pidfd_open(2) (Linux 5.3). */
  pidfdOpen(pid: number): number;
  /** pidfd_getfd(2): a duplicate of another process's descriptor (Linux 5.6). */
  pidfdGetfd(pidfd: number, fd: number): number;
  /**
   * recvmsg(2) with MSG_PEEK: duplicates of the descriptors in the first message that waits in a
   * Unix socket; or `-errno`.
   */
  peekDescriptors(fd: number): PeekedDescriptors | number;
  /**
   * ioctl(2) NS_GET_USERNS: a descriptor of the user namespace that owns a namespace (Linux 4.9).
   */
  owningNamespace(fd: number): number;
  /**
   * ioctl(2) NS_GET_OWNER_UID of a user namespace: the uid of who made it, as seen here (Linux
   * 4.11).
   */
  ownerUid(fd: number): number;
}

/** All calls that it takes to find out who holds a namespace. */
export type InspectionSystem = System & InspectionCalls;

let real: InspectionSystem | undefined;

/**
 * The real thing.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function inspectionSystem(): InspectionSystem {
  real ??= { ...linux(), ...bindInspection() };
  return real;
}

/**
 * The same on every architecture that Node runs on: asm-generic/unistd.h, and numbered alike
 * elsewhere since Linux 5.1.
 */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
/** powerpc numbers its ioctls differently. */
const powerpc = process.arch === 'ppc64';
const NS_GET_USERNS = powerpc ? 0x2000b701 : 0xb701;
const NS_GET_OWNER_UID = powerpc ? 0x2000b704 : 0xb704;
const AT_FDCWD = -100;
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_BASIC_STATS = 0x7ff;

function bindInspection(): InspectionCalls {
  const system = linux();
  const statx = bindIfPresent(
    'int statx(int dirfd, const void *path, int flags, unsigned int mask, void *buf)',
  );
  const syscall = bind('long syscall(long number, long a, long b, long c)');
  const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)');
  const uid = new Uint32Array(1);
  let peek: DescriptorPeek | undefined;
  return {
    statKnown(path, into) {
      const result =
        statx?.(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_BASIC_STATS, into.bytes) ?? -errno.ENOSYS;
      // Where there is no statx, or it is forbidden, or hidepid=1 says EPERM as well.
      if (result === -errno.ENOSYS || result === -errno.EPERM) return system.stat(path, true, into);
      return result;
    },
    pidfdOpen: (pid) => syscall(SYS_PIDFD_OPEN, pid, 0, 0),
    pidfdGetfd: (pidfd, fd) => syscall(SYS_PIDFD_GETFD, pidfd, fd, 0),
    peekDescriptors: (fd) => (peek ??= new DescriptorPeek()).of(fd),
    owningNamespace: (fd) => ioctl(fd, NS_GET_USERNS, null),
    ownerUid(fd) {
      const result = ioctl(fd, NS_GET_OWNER_UID, uid);
      return result < 0 ? result : (uid[0] as number);
    },
  };
}
