/**
 * Mount namespaces that live without a process: kept by a mount of their file (`unshare
 * --mount=FILE`, snapd) or by an open descriptor. The kernel lists all of them, and their mounts,
 * since Linux 6.12; before, /proc leads to those that a mount or a descriptor of a process keeps,
 * and their mounts stay unknown. A descriptor on its way through a socket is not seen there.
 */
import { decodeName, cPath } from '../../reference/names.ts';
import { errno } from '../../sys/errno.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import type { MountStatus, MountSystem } from '../../sys/mounts.ts';
import { emptyStatus } from '../../sys/stat.ts';
import type { Mount } from './mountinfo.ts';
import { listNumbers, readSmall } from '../processes/proc.ts';
import { DEFAULT_PROC } from '../processes/procfs.ts';

/** CAP_SYS_PTRACE and CAP_SYS_ADMIN of capabilities(7). */
const NEEDED = (1n << 19n) | (1n << 21n);
/** The first user namespace, the same on every kernel since 3.8 (PROC_USER_INIT_INO). */
const INITIAL_USER_NAMESPACE = 'user:[4026531837]';
/** As many mounts as are listed at once. */
const BATCH = 512;

/** A mount namespace. */
export interface MountNamespace {
  /** Inode of its file. */
  ino: bigint;
  /** By which the kernel lists its mounts; null before Linux 6.12. */
  id: bigint | null;
}

/** What it takes to find them. */
export interface MountNamespaceIo {
  system: InspectionSystem;
  mounts: MountSystem;
  /** Where procfs is mounted. */
  proc: string;
}

/**
 * Those that are not among `seen`. Null where they cannot be known: it takes CAP_SYS_ADMIN and
 * CAP_SYS_PTRACE in the machine's first user namespace.
 * @param pinned inodes of those that mounts keep
 */
export function unvisitedMountNamespaces(
  io: MountNamespaceIo,
  seen: ReadonlySet<bigint>,
  pinned: ReadonlySet<bigint>,
): readonly MountNamespace[] | null {
  const isNew = ({ ino }: MountNamespace): boolean => !seen.has(ino);
  const kept = [...pinned].map(unknown).filter(isNew);
  if (!seesAll(io.system)) return kept.length > 0 ? kept : null;
  const listed = listedByKernel(io);
  if (listed !== null) return listed.filter(isNew);
  const opened = openedByProcesses(io).map(unknown).filter(isNew);
  return [...new Map([...kept, ...opened].map((one) => [one.ino, one])).values()];
}

const unknown = (ino: bigint): MountNamespace => ({ ino, id: null });

function seesAll(system: InspectionSystem): boolean {
  const status = readSmall('/proc/self/status')?.toString('latin1') ?? '';
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const link = system.readLink(cPath('/proc/self/ns/user'));
  const user = typeof link === 'number' ? '' : link.toString('latin1');
  return (capabilities & NEEDED) === NEEDED && user === INITIAL_USER_NAMESPACE;
}

/**
 * Null before Linux 6.12. Two descriptors are open at a time, beside that of this process's own.
 */
function listedByKernel({ system, mounts }: MountNamespaceIo): MountNamespace[] | null {
  const own = system.open(cPath('/proc/self/ns/mnt'), 0);
  if (own < 0) return null;
  try {
    const found: MountNamespace[] = [];
    for (const direction of ['previous', 'next'] as const) {
      const at = { id: 0n };
      let fd = mounts.neighbour(own, direction, at);
      while (fd >= 0) {
        const ino = inodeOf(system, fd);
        if (ino !== null) found.push({ ino, id: at.id });
        const neighbour = mounts.neighbour(fd, direction, at);
        system.close(fd);
        fd = neighbour;
      }
      if (fd !== -errno.ENOENT) return null;
    }
    return found;
  } finally {
    system.close(own);
  }
}

function openedByProcesses({ system, proc }: MountNamespaceIo): bigint[] {
  const pids = listNumbers(system, proc);
  const found: bigint[] = [];
  for (const pid of typeof pids === 'number' ? [] : pids) {
    const descriptors = listNumbers(system, `${proc}/${pid}/fd`);
    for (const fd of typeof descriptors === 'number' ? [] : descriptors) {
      const link = system.readLink(cPath(`${proc}/${pid}/fd/${fd}`));
      const ino = typeof link === 'number' ? undefined : /^mnt:\[(\d+)\]$/.exec(link.toString('latin1'))?.[1];
      if (ino !== undefined) found.push(BigInt(ino));
    }
  }
  return found;
}

function inodeOf(system: InspectionSystem, fd: number): bigint | null {
  const status = emptyStatus();
  return system.stat(cPath(`${DEFAULT_PROC}/self/fd/${fd}`), true, status) < 0 ? null : status.ino;
}

/**
 * All mounts of a mount namespace, as mountinfo has them; null where they cannot be listed, or it
 * has ended.
 */
export function mountsIn({ mounts }: Pick<MountNamespaceIo, 'mounts'>, id: bigint | null): Mount[] | null {
  if (id === null) return null;
  const ids = new BigUint64Array(BATCH);
  const status: MountStatus = {
    id: 0,
    parent: 0,
    major: 0,
    minor: 0,
    shared: 0,
    master: 0,
    type: '',
    root: '',
    mountPoint: '',
  };
  const found: Mount[] = [];
  for (let last = 0n; ;) {
    const count = mounts.listMounts(id, last, ids);
    if (count < 0) return null;
    for (const mount of ids.subarray(0, count)) {
      const result = mounts.statMount(id, mount, status);
      // Unmounted meanwhile.
      if (result === -errno.ENOENT) continue;
      if (result < 0) return null;
      found.push(asMount(status));
    }
    if (count < BATCH) return found;
    last = ids[count - 1] as bigint;
  }
}

const text = (bytes: string): string => decodeName(Buffer.from(bytes, 'latin1'));

function asMount({ id, parent, major, minor, shared, master, type, root, mountPoint }: MountStatus): Mount {
  return {
    id,
    parent,
    device: `${major}:${minor}`,
    root: text(root),
    mountPoint: text(mountPoint),
    shared: shared === 0 ? null : shared,
    master: master === 0 ? null : master,
    type,
  };
}
