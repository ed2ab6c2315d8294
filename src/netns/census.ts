/**
 * The processes of all network namespaces at once, where asking for one namespace after the other (pids.ts) would walk through /proc as
 * many times.
 */
import { linux } from '../sys/system.ts';
import type { System } from '../sys/system.ts';
import { ProcessScan } from './process-scan.ts';

/**
 * A namespace that processes are in. The kernel makes an inode anew for each look at a namespace that nothing but processes refers to, so its
 * time says nothing here; its number is the same as long as the namespace lives.
 */
export interface Inhabited {
  dev: bigint;
  ino: bigint;
  /** By their main threads, ascending. At least one. */
  pids: number[];
}

export interface ProcessCensus {
  /** By the numbers of their inodes. */
  namespaces: ReadonlyMap<bigint, Inhabited>;
  /** False: there are processes that this user may not look at. */
  complete: boolean;
}

/**
 * Counts the processes by namespace, as far as /proc shows them. Privilege, and what is left out: as `namespacePids`.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`; SystemError of `/proc`
 */
export async function processCensus(system: System = linux()): Promise<ProcessCensus> {
  const scan = new ProcessScan(system);
  const namespaces = new Map<bigint, Inhabited>();
  for (const pid of scan.processes()) {
    const status = await scan.namespaceOf(`/proc/${pid}`);
    if (status === null) continue;
    const { dev, ino } = status;
    const found = namespaces.get(ino);
    if (found?.dev === dev) found.pids.push(pid);
    else namespaces.set(ino, { dev, ino, pids: [pid] });
  }
  return { namespaces, complete: scan.complete };
}
