/**
 * Whether a namespace that was mounted here is mounted for others as well who have the directory:
 * where mounts do not go from here to there (mount_namespaces(7), "shared subtrees"), they have a
 * file without a namespace. As in a program of `nlink exec` or `ip netns exec`, which has mounts of
 * its own, in a unit with PrivateMounts=, in a container. Asked of the mount namespaces that this
 * process comes from: its ancestors', and that of process 1.
 */
import { readFile, readlink, realpath } from 'node:fs/promises';
import { decodeName, encodeName, joinPath } from '../../reference/names.ts';
import { mountHolding, parseMountinfo, pathInFileSystem } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';
import { INITIAL_PID_NAMESPACE } from '../processes/proc.ts';

/** Who has a name's file, and nothing mounted on it. */
export interface Elsewhere {
  /** null: neither is shown, since not all could be looked at. */
  stale: boolean | null;
  /**
   * A process that finds it so, and its path there; null: whose mounts are these cannot be seen
   * from here.
   */
  process: { pid: number; path: string } | null;
}

const UNKNOWN: Elsewhere = { stale: null, process: null };

/**
 * Never rejects.
 * @param path absolute, of a name on which a namespace is mounted here
 * @param proc where procfs is mounted
 */
export async function staleElsewhere(path: string, proc = '/proc'): Promise<Elsewhere> {
  try {
    return await look(path, proc);
  } catch {
    return UNKNOWN;
  }
}

async function look(path: string, proc: string): Promise<Elsewhere> {
  const own = parseMountinfo(await readFile(`${proc}/self/mountinfo`));
  const end = path.lastIndexOf('/');
  const directory = await realpath(encodeName(path.slice(0, end) || '/'), { encoding: 'buffer' });
  const real = joinPath(decodeName(directory), path.slice(end + 1));
  const holder = mountHolding(own, decodeName(directory));
  if (holder === null) return UNKNOWN;
  const place = { device: holder.device, path: pathInFileSystem(holder, real) };
  let complete = (await readlink(`${proc}/self/ns/pid`)) === INITIAL_PID_NAMESPACE;
  const seen = new Set([await readlink(`${proc}/self/ns/mnt`)]);
  for (const pid of await outerProcesses(proc)) {
    try {
      const namespace = await readlink(`${proc}/${pid}/ns/mnt`);
      if (seen.has(namespace)) continue;
      const found = fileWithoutMount(parseMountinfo(await readFile(`${proc}/${pid}/mountinfo`)), place);
      if (found !== null) return { stale: true, process: { pid, path: found } };
      seen.add(namespace);
    } catch {
      // It has ended, or may not be looked at.
      complete = false;
    }
  }
  // A slave has what is mounted elsewhere, and nothing goes there.
  const { master } = holder;
  if (master !== null && own.every(({ shared }) => shared !== master)) return { stale: true, process: null };
  return complete ? { stale: false, process: null } : UNKNOWN;
}

/**
 * Where a mount namespace has a file of a file system with nothing mounted on it; null: it has not.
 * @param place the file's path in its file system
 */
export function fileWithoutMount(
  mounts: readonly Mount[],
  place: { device: string; path: string },
): string | null {
  for (const mount of mounts) {
    const rest = mount.device === place.device ? below(mount.root, place.path) : null;
    if (rest === null) continue;
    const path = mount.mountPoint === '/' ? rest : mount.mountPoint + rest;
    // What is found there: this very mount, and not one over it or over the file.
    if (mountHolding(mounts, path)?.id === mount.id) return path;
  }
  return null;
}

function below(root: string, path: string): string | null {
  if (root === '/') return path;
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}

/** Process 1, and those that this one descends from. */
async function outerProcesses(proc: string): Promise<number[]> {
  const pids = [1];
  let pid = process.ppid;
  // Bounded: what is read may change meanwhile.
  while (pid > 1 && pids.length < 1000) {
    pids.push(pid);
    const status = await readFile(`${proc}/${pid}/status`, 'latin1').catch(() => '');
    pid = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return pids;
}
