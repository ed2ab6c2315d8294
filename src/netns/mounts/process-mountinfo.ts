/**
 * What /proc says of the mounts of one process or thread (proc_pid_mountinfo(5)): its mount
 * namespace and its mountinfo, which is read once for each mount namespace.
 */
import { access, open, readdir, readFile, readlink } from 'node:fs/promises';
import { DEFAULT_PROC } from '../processes/procfs.ts';
import { parseMountinfo } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';

/** The kernel gives about a page of mountinfo at a time. */
const PAGE = 4096;

/** The id of the first mount. */
export const firstId = (mountinfo: Buffer): string =>
  mountinfo.toString('latin1', 0, Math.max(0, mountinfo.indexOf(' ')));

/** What is no mountinfo says nothing. */
export function parseOrNone(mountinfo: Buffer): Mount[] {
  try {
    return parseMountinfo(mountinfo);
  } catch {
    return [];
  }
}

/** Inode of the mount namespace; null where it may not be known, or the process has ended. */
export async function mountNamespaceOf(path: string): Promise<bigint | null> {
  const link = await readlink(`${path}/ns/mnt`).catch(() => '');
  const ino = /^mnt:\[(\d+)\]$/.exec(link)?.[1];
  return ino === undefined ? null : BigInt(ino);
}

/** Its threads, by number; none if it has ended. */
export async function threadsOf(path: string): Promise<number[]> {
  const names = await readdir(`${path}/task`).catch(() => []);
  return names.map(Number);
}

/** This process; not listed where procfs is that of a PID namespace that it is not in. */
export async function selfIn(proc: string): Promise<string> {
  const listed = await access(`${proc}/self/mountinfo`).then(
    () => true,
    () => false,
  );
  return listed ? `${proc}/self` : `${DEFAULT_PROC}/self`;
}

/**
 * The file, or null for a mount namespace that has been read: the ids of mounts are unique among
 * all mount namespaces, so that of the first line is enough.
 */
export async function readUnlessSeen(path: string, seen: Set<string>): Promise<Buffer | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PAGE), 0, PAGE, null);
    const start = buffer.subarray(0, bytesRead);
    const id = firstId(start);
    if (seen.has(id)) return null;
    seen.add(id);
    // Goes on where the first read ended.
    return Buffer.concat([start, await readFile(file)]);
  } finally {
    await file.close();
  }
}
