/** What processes are looked at with, and what it is on a real system. */
import { firstOwner } from '../../netns/processes/first-owner.ts';
import { latestProcess } from '../../netns/processes/latest-process.ts';
import { loOnly } from '../../netns/processes/lo-only.ts';
import { ProcessNamespaces } from '../../netns/processes/process-namespaces.ts';
import { procfsAt } from '../../netns/processes/procfs.ts';
import type { Procfs } from '../../netns/processes/procfs.ts';
import type { Clock } from '../stream/clock.ts';
import type { InhabitantQueries } from './inhabitants.ts';

/** Scans of processes. */
type ProcessScanner = Pick<ProcessNamespaces, 'namespaces' | 'scan' | 'inodeOf' | 'looks' | 'unseen'>;

export interface ProcessIo extends InhabitantQueries {
  procfs: Procfs;
  scanner: ProcessScanner;
  /** The number of the process that was started last; null: unknown. */
  latest: () => number | null;
}

/** @param proc where the procfs is mounted */
export function realProcessIo(proc: string, clock: Clock): ProcessIo {
  const procfs = procfsAt(proc);
  return {
    procfs,
    scanner: new ProcessNamespaces(procfs, undefined, () => clock.now()),
    latest: () => latestProcess(procfs),
    ownerOf: (pids) => firstOwner(pids, proc),
    loOnly: (pid) => loOnly(pid, proc),
  };
}
