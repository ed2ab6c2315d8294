/**
 * The processes of all network namespaces at once, where asking for one namespace after the other
 * (pids.ts) would walk through /proc as many times.
 */
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';
import { ProcessScan } from './process-scan.ts';
import type { UnseenProcesses } from './process-scan.ts';
import { procfsAt } from './procfs.ts';
import type { Procfs } from './procfs.ts';

/**
 * A namespace that processes are in. The kernel makes an inode anew for each look at a namespace
 * that nothing but processes refers to, so its time says nothing here; its number is the same as
 * long as the namespace lives.
 */
export interface NamespaceProcesses {
  dev: bigint;
  ino: bigint;
  /** By their main threads, ascending. At least one. */
  pids: number[];
}

export interface ProcessesByNamespace {
  /** By the numbers of their inodes. */
  namespaces: ReadonlyMap<bigint, NamespaceProcesses>;
  /** False: there are processes that could not be looked at. */
  complete: boolean;
  /** Which those are: for them to be counted they are looked at once more. */
  unseen: () => UnseenProcesses;
  /** Who was asked, and whose numbers `pids` are. */
  procfs: Procfs;
}

/**
 * Counts the processes by namespace, as far as the procfs shows them. Privilege, and what is left
 * out: as `namespacePids`.
 * @param proc where it is mounted
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`; SystemError of
 *   `/proc`
 */
export async function processesByNamespace(
  proc = '/proc',
  system: System = linux(),
): Promise<ProcessesByNamespace> {
  const procfs = procfsAt(proc);
  const scan = new ProcessScan(system, procfs);
  const namespaces = new Map<bigint, NamespaceProcesses>();
  for (const { pid, path } of scan.processes()) {
    const status = await scan.namespaceOf(path);
    if (status === null) continue;
    const { dev, ino } = status;
    const found = namespaces.get(ino);
    if (found?.dev === dev) found.pids.push(pid);
    else namespaces.set(ino, { dev, ino, pids: [pid] });
  }
  return { namespaces, complete: scan.complete, unseen: () => scan.unseen, procfs };
}

/**
 * Processes that are in these namespaces by another thread than their main one, by the numbers of
 * the namespaces' inodes. Costs one reading of a directory a process and one stat a thread: for
 * namespaces in which {@link processesByNamespace} found nobody.
 * @param proc where procfs is mounted
 * @throws as {@link processesByNamespace}
 */
export async function threadsByNamespace(
  wanted: readonly Pick<NamespaceProcesses, 'dev' | 'ino'>[],
  proc = '/proc',
  system: System = linux(),
): Promise<ReadonlyMap<bigint, number[]>> {
  const scan = new ProcessScan(system, procfsAt(proc));
  const devices = new Map(wanted.map(({ dev, ino }) => [ino, dev]));
  const found = new Map<bigint, number[]>();
  for (const { pid, path } of scan.processes()) {
    const inside = new Set<bigint>();
    for (const thread of scan.threads(path)) {
      const status = thread === pid ? null : await scan.namespaceOf(`${path}/task/${thread}`);
      if (status !== null && devices.get(status.ino) === status.dev) inside.add(status.ino);
    }
    for (const ino of inside) found.set(ino, [...(found.get(ino) ?? []), pid]);
  }
  return found;
}
