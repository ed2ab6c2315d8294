/** What processes are looked at with, and what it is on a real system. */
import { NamespaceLister } from '../../netns/identity/namespace-lister.ts';
import { ProcessHints } from '../../netlink/process-hints.ts';
import { firstOwner } from '../../netns/processes/first-owner.ts';
import { latestProcess } from '../../netns/processes/latest-process.ts';
import { loOnly } from '../../netns/processes/lo-only.ts';
import { ProcessNamespaces } from '../../netns/processes/process-namespaces.ts';
import { procfsAt } from '../../netns/processes/procfs.ts';
import type { Procfs } from '../../netns/processes/procfs.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import type { Clock } from '../stream/clock.ts';
import type { InhabitantQueries } from './inhabitants.ts';

/** Scans of processes. */
type ProcessScanner = Pick<ProcessNamespaces, 'namespaces' | 'scan' | 'inodeOf' | 'looks' | 'unseen'>;

export interface ProcessIo extends InhabitantQueries {
  procfs: Procfs;
  scanner: ProcessScanner;
  /** The number of the process that was started last; null: unknown. */
  latest: () => number | null;
  /** Lists all namespaces; null: nobody does here. */
  openLister: () => Pick<NamespaceLister, 'update'> | null;
  /** Hears of processes that were started; null: the kernel does not let one listen here. */
  openHints: () => StartHints | null;
}

/** Hints of new processes. */
export type StartHints = Pick<ProcessHints, 'take' | 'pause' | 'resume' | 'ref' | 'unref' | 'close'> & {
  start: (wake: () => unknown) => unknown;
};

/** @param proc where the procfs is mounted */
export function realProcessIo(proc: string, clock: Clock, system: NetlinkSystem): ProcessIo {
  const procfs = procfsAt(proc);
  return {
    procfs,
    scanner: new ProcessNamespaces(procfs, undefined, () => clock.now()),
    latest: () => latestProcess(procfs),
    openLister: () => NamespaceLister.open(undefined, system),
    openHints: () => {
      // They have the numbers of the first PID namespace.
      const hints = procfs.own && procfs.initial === true ? ProcessHints.open(system) : null;
      return hints === null || 'refused' in hints ? null : hints;
    },
    ownerOf: (pids) => firstOwner(pids, proc),
    loOnly: (pid) => loOnly(pid, proc),
  };
}
