/**
 * What is full where a call fails by ENOSPC, by what can be looked at: a file system (statfs(2)), a
 * mount namespace (fs.mount-max in proc_sys_fs(5)), a user namespace (namespaces(7), "user/max_*").
 * Looking changes nothing and never fails: what cannot be known is not said.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { errno } from './errno.ts';
import { INT_MAX } from './limits.ts';
import { shellWord } from './shell-word.ts';

/**
 * As of statfs(2): kind of file system; blocks and inodes in all, and how many an ordinary user may
 * have still.
 */
export interface Room {
  type: number;
  bsize: number;
  blocks: number;
  bavail: number;
  files: number;
  ffree: number;
}

/** What is looked at; null: it cannot be. */
export interface Gauges {
  text: (path: string) => string | null;
  room: (path: string) => Room | null;
}

const TMPFS = 0x01021994;
/** What a user namespace begins with: no limit of its own. */
const NO_LIMIT = INT_MAX;
const KINDS = { net: 'network', mnt: 'mount' } as const;

const gauges: Gauges = {
  text: (path) => orNull(() => readFileSync(path, 'latin1')),
  room: (path) => orNull(() => statfsSync(path)),
};

/**
 * Whether `-errno` says that the process or the kernel is short of descriptors or memory for now.
 */
export const isShortage = (result: number): boolean =>
  result === -errno.EMFILE || result === -errno.ENFILE || result === -errno.ENOMEM;

/** Of unshare(2). */
export function namespacesFull(kind: keyof typeof KINDS, { text }: Gauges = gauges): string {
  const sysctl = `user.max_${kind}_namespaces`;
  const reached = `the limit of ${KINDS[kind]} namespaces is reached`;
  const limit = numberIn(text(`/proc/sys/user/max_${kind}_namespaces`));
  const isInitial = /^\s*0\s+0\s+4294967295\s*$/.test(text('/proc/self/uid_map') ?? '');
  if (limit === null) return `${reached}: raise the sysctl ${sysctl}`;
  if (isInitial) return `${reached}: raise the sysctl ${sysctl}, which is ${limit}, or delete namespaces`;
  if (limit >= NO_LIMIT)
    return `${reached} in an outer user namespace: raise the sysctl ${sysctl} there, or delete namespaces; here it is ${limit}, which is no limit`;
  return `${reached}: raise the sysctl ${sysctl}, which is ${limit} in this user namespace, or that of an outer one; or delete namespaces`;
}

/** Of mount(2). */
export function mountsFull({ text }: Gauges = gauges): string | undefined {
  const most = numberIn(text('/proc/sys/fs/mount-max'));
  const count = text('/proc/thread-self/mountinfo')?.split('\n').length;
  if (most === null || count === undefined) return undefined;
  // The last line is empty.
  const has = `${count - 1} mounts, and the sysctl fs.mount-max is ${most}`;
  if (count > most) return `this mount namespace is full: it has ${has}; unmount some, or raise that`;
  return (
    `a mount namespace is full: not this one, as far as can be seen (it has ${has}), but one that gets its mounts; ` +
    '`wc -l /proc/[0-9]*/mountinfo | sort -n | tail` shows which'
  );
}

/** Of open(2) and mkdir(2) in a directory. */
export function fileSystemFull(directory: string, { room }: Gauges = gauges): string | undefined {
  const found = room(directory);
  if (found === null) return undefined;
  const { type, files, ffree, blocks, bavail, bsize } = found;
  const where = `the file system of ${directory}`;
  const grow = (option: string): string =>
    type === TMPFS
      ? `, or make it larger: mount -o remount,${option} "$(findmnt -no TARGET -T ${shellWord(directory)})"`
      : '';
  if (files > 0 && ffree === 0)
    return `${where} has no inode left (${files} in all): remove files there${grow(`nr_inodes=${2 * files}`)}`;
  if (blocks > 0 && bavail === 0)
    return `${where} is full (${blocks * bsize} bytes): remove files there${grow(`size=${2 * blocks * bsize}`)}`;
  return `${where} has room by now (statfs); a quota may be used up, or it was full a moment ago`;
}

function numberIn(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
