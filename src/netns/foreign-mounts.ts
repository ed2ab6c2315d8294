/**
 * Where network namespaces are mounted in the mount namespaces of other processes (mount_namespaces(7)), as far as this
 * process may see: `/proc/PID/mountinfo` of each, which every user may read. Asynchronous and one process at a time,
 * since a host has thousands.
 */
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { parseMountinfo, pathInFileSystem } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';
import { INITIAL_PID_NAMESPACE } from './proc.ts';

/** The kernel gives about a page of mountinfo at a time. */
const PAGE = 4096;
/** A scan that takes longer ends with what it has, in milliseconds. */
const PATIENCE = 2000;
/** What one process counts at most: if it took longer, the scan was held up more than that it worked. */
const LONGEST = 200;

/** What a scan found. */
export interface ForeignMounts {
  /**
   * By {@link placeOf}, for each place on which a network namespace (or one of another kind) is mounted: the peer groups of the
   * mounts that hold the place, 0 for one that is not shared.
   */
  readonly places: ReadonlyMap<string, ReadonlySet<number>>;
  /** Whether the mount namespace of the machine's own init was seen, so that little can have escaped. */
  readonly hostSeen: boolean;
}

/** One key for a path that is the same in every mount namespace: its file system and where it lies in that. */
export const placeOf = (holder: Mount, path: string): string =>
  `${holder.device} ${pathInFileSystem(holder, path)}`;

/**
 * Looks through the mount namespaces of all processes but this one's. What cannot be read is passed over.
 * @param proc where procfs is mounted
 * @param signal ends it early
 * @param now the time in milliseconds
 */
export async function scanForeignMounts(
  proc = '/proc',
  signal?: AbortSignal,
  now: () => number = () => performance.now(),
): Promise<ForeignMounts> {
  let [taken, last] = [0, now()];
  const places = new Map<string, Set<number>>();
  const seen = new Set<string>();
  await readUnlessSeen(`${proc}/self/mountinfo`, seen);
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name)).map(Number);
  let initSeen = false;
  for (const pid of pids.sort((a, b) => a - b)) {
    const here = now();
    taken += Math.min(here - last, LONGEST);
    last = here;
    if (taken > PATIENCE || signal?.aborted === true) break;
    try {
      collect((await readUnlessSeen(`${proc}/${pid}/mountinfo`, seen)) ?? Buffer.alloc(0), places);
      initSeen ||= pid === 1;
    } catch {
      // The process ended, or is hidden (hidepid of procfs).
    }
  }
  const pidNamespace = await readlink(`${proc}/self/ns/pid`).catch(() => '');
  return { places, hostSeen: initSeen && pidNamespace === INITIAL_PID_NAMESPACE };
}

/**
 * The file, or null for a mount namespace that has been read: the ids of mounts are unique among all mount namespaces, so that of
 * the first line tells.
 */
export async function readUnlessSeen(path: string, seen: Set<string>): Promise<Buffer | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PAGE), 0, PAGE, null);
    const start = buffer.subarray(0, bytesRead);
    const id = start.toString('latin1', 0, start.indexOf(' '));
    if (seen.has(id)) return null;
    seen.add(id);
    // Goes on where the first read ended.
    return Buffer.concat([start, await readFile(file)]);
  } finally {
    await file.close();
  }
}

function collect(mountinfo: Buffer, places: Map<string, Set<number>>): void {
  if (!mountinfo.includes(' - nsfs ')) return;
  const mounts = new Map(parseMountinfo(mountinfo).map((mount) => [mount.id, mount]));
  for (const mount of mounts.values()) {
    const holder = mounts.get(mount.parent);
    if (mount.type !== 'nsfs' || holder === undefined) continue;
    const place = placeOf(holder, mount.mountPoint);
    const groups = places.get(place) ?? new Set();
    places.set(place, groups.add(holder.shared ?? 0));
  }
}
