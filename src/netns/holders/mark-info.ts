/**
 * The watches of an inotify or fanotify instance, as /proc/PID/fdinfo shows them
 * (proc_pid_fdinfo(5), `fs/notify/fdinfo.c`): `inotify wd:1 ino:f0000123 sdev:4 mask:…`, `fanotify
 * ino:f0000123 sdev:4 mflags:…`. Pure.
 */

/** A file that is watched. */
export interface WatchedInode {
  ino: bigint;
  /** As `stat.dev` has it. */
  dev: bigint;
}

const LINE = /^(?:inotify wd:\S+|fanotify) ino:([0-9a-f]+) sdev:([0-9a-f]+) /gm;

/** Each file that is watched; a watch on a mount or a whole file system (fanotify) is none. */
export function watchedInodes(fdinfo: string): WatchedInode[] {
  return [...fdinfo.matchAll(LINE)].map(([, ino, sdev]) => ({ ino: hex(ino), dev: deviceOf(hex(sdev)) }));
}

const hex = (digits = ''): bigint => BigInt(`0x${digits}`);

/**
 * The kernel packs a device as 12 bits of major and 20 of minor; the C library otherwise
 * (gnu_dev_makedev).
 */
function deviceOf(packed: bigint): bigint {
  const [major, minor] = [packed >> 20n, packed & 0xfffffn];
  return ((major & 0xfffn) << 8n) | (minor & 0xffn) | ((minor & ~0xffn) << 12n);
}
