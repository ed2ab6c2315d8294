/**
 * Flags of namespaces, mounts and locks, the same on every architecture: `linux/sched.h`,
 * `linux/mount.h`, `asm-generic/fcntl.h`.
 */

export const CLONE_NEWNET = 0x40000000;
export const CLONE_NEWNS = 0x20000;
/** To unshare(2): root directory, working directory and umask, which threads have in common. */
export const CLONE_FS = 0x200;

export const MS_RDONLY = 1;
export const MS_BIND = 0x1000;
export const MS_REC = 0x4000;
/** Mounts come from where this one was copied from, and none go there. */
export const MS_SLAVE = 0x80000;
export const MS_SHARED = 0x100000;
/** Unmount at once, and let it go when nobody uses it any more. */
export const MNT_DETACH = 2;
/** Never follow a symbolic link at the end of the path. */
export const UMOUNT_NOFOLLOW = 8;

/** Open a file only as a place, whatever its permissions are (open(2)). */
export const O_PATH = 0o10000000;

export const LOCK_EX = 2;
/** Fail with EWOULDBLOCK instead of waiting. */
export const LOCK_NB = 4;
