/**
 * What the commands on names call of the library: loaded when it is called, so that help and faults
 * of usage load nothing.
 */
import type { attachNamespace } from '../../netns/names/attach.ts';
import type {
  ProcessesByNamespace,
  threadsByNamespace,
} from '../../netns/processes/processes-by-namespace.ts';
import type { Numbered } from '../../netlink/common-numbers.ts';
import type { ProcessNamespaces } from '../../netns/processes/process-namespaces.ts';
import type { Procfs } from '../../netns/processes/procfs.ts';
import type { createNamespace } from '../../netns/names/create.ts';
import type { deleteNamespace } from '../../netns/names/delete.ts';
import type { identify } from '../../netns/names/identify.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { staleElsewhere } from '../../netns/mounts/mount-visibility.ts';
import type { namespacePids } from '../../netns/processes/pids.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { ProcessOwner } from '../../netns/processes/process-owner.ts';

/** Namespaces that processes or threads are in, as one scan found them. */
export interface InhabitedNamespaces extends Pick<ProcessNamespaces, 'namespaces' | 'unseen' | 'inodeOf'> {
  /** Who was asked, and whose the numbers are. */
  procfs: Procfs;
  /** Whether that of a process has nothing but `lo`; null: it has ended, or nobody may know. */
  loOnly: (pid: number) => boolean | null;
}

export interface NamespaceCalls {
  createNamespace: typeof createNamespace;
  deleteNamespace: typeof deleteNamespace;
  attachNamespace: typeof attachNamespace;
  identify: typeof identify;
  namespacePids: typeof namespacePids;
  /** The processes of all namespaces at once. @param proc where procfs is mounted */
  processesByNamespace: (proc?: string) => Promise<ProcessesByNamespace>;
  threadsByNamespace: typeof threadsByNamespace;
  /** Scans for them, threads too. @param proc where procfs is mounted */
  inhabitedNamespaces: (proc: string) => Promise<InhabitedNamespaces>;
  /** `commonNumbers` of the real system. */
  commonNumbers: (references: readonly Numbered[]) => Promise<(number | null)[]>;
  /**
   * The network namespace behind a path, links followed; null: none, or it may not be looked at.
   */
  identityAt: (path: string) => Promise<NamespaceId | null>;
  /**
   * Why names are not ready; null: one is ready or gone by now. @param proc where procfs is mounted
   */
  verdictsOn: (
    directory: string,
    names: readonly string[],
    proc: string,
  ) => Promise<ReadonlyMap<string, NameVerdict | null>>;
  /** The owner of the first of these processes that has one; null: none has, or is known. */
  ownerOf: (pids: readonly number[], proc?: string) => Promise<ProcessOwner | null>;
  /** Who has a name's file without the namespace that is mounted on it here. */
  staleElsewhere: typeof staleElsewhere;
  /**
   * All entries of a directory in the order in which the kernel gives them, as `ip netns list`
   * does. None: it is missing.
   */
  entriesOf: (directory: string) => Promise<Buffer[]>;
  /** Whether there is nothing at a path. */
  isMissing: (path: string) => Promise<boolean>;
  /**
   * The name of a process's program (proc_pid_comm(5)); null: it has ended.
   * @param proc where procfs is mounted
   */
  commOf: (pid: number, proc: string) => Promise<string | null>;
  /**
   * Checks where a procfs is said to be mounted.
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
   */
  procOption: (path: string) => Promise<string>;
}

/** Those of the library and of this machine. */
export const namespaceCalls: NamespaceCalls = {
  createNamespace: async (...args) => (await import('../../netns/names/create.ts')).createNamespace(...args),
  deleteNamespace: async (...args) => (await import('../../netns/names/delete.ts')).deleteNamespace(...args),
  attachNamespace: async (...args) => (await import('../../netns/names/attach.ts')).attachNamespace(...args),
  identify: async (...args) => (await import('../../netns/names/identify.ts')).identify(...args),
  namespacePids: async (...args) => (await import('../../netns/processes/pids.ts')).namespacePids(...args),
  processesByNamespace: async (proc) =>
    (await import('../../netns/processes/processes-by-namespace.ts')).processesByNamespace(proc),
  threadsByNamespace: async (...args) =>
    (await import('../../netns/processes/processes-by-namespace.ts')).threadsByNamespace(...args),
  inhabitedNamespaces,
  commonNumbers: async (references) => {
    const [{ commonNumbers }, { netlinkSystem }] = await Promise.all([
      import('../../netlink/common-numbers.ts'),
      import('../../sys/socket.ts'),
    ]);
    return commonNumbers({ system: netlinkSystem() }, references);
  },
  identityAt,
  verdictsOn: async (directory, names, proc) => {
    const [{ NameDiagnosis }, { inspectionSystem }] = await Promise.all([
      import('../../netns/diagnosis/name-diagnosis.ts'),
      import('../../sys/inspection.ts'),
    ]);
    return new NameDiagnosis({ proc, system: inspectionSystem, thorough: true }).diagnose(directory, names);
  },
  ownerOf: async (...args) => (await import('../../netns/processes/first-owner.ts')).firstOwner(...args),
  staleElsewhere: async (...args) =>
    (await import('../../netns/mounts/mount-visibility.ts')).staleElsewhere(...args),
  entriesOf: async (directory) => (await import('./directory-entries.ts')).entriesOf(directory),
  isMissing: async (path) => (await import('./directory-entries.ts')).isMissing(path),
  commOf: async (pid, proc) => (await import('./directory-entries.ts')).commOf(pid, proc),
  procOption: async (path) => (await import('../../netns/processes/procfs.ts')).procOption(path),
};

async function identityAt(path: string): Promise<NamespaceId | null> {
  const [{ Observer }, { linux }, { cPath }] = await Promise.all([
    import('../../netns/identity/observe.ts'),
    import('../../sys/system.ts'),
    import('../../reference/names.ts'),
  ]);
  try {
    const found = new Observer(linux()).observe(cPath(path), true);
    return found.kind === 'namespace' ? found.namespace : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ESRCH') return null;
    throw error;
  }
}

async function inhabitedNamespaces(proc: string): Promise<InhabitedNamespaces> {
  const [{ ProcessNamespaces }, { procfsAt }, { loOnly }] = await Promise.all([
    import('../../netns/processes/process-namespaces.ts'),
    import('../../netns/processes/procfs.ts'),
    import('../../netns/processes/lo-only.ts'),
  ]);
  const procfs = procfsAt(proc);
  const scans = new ProcessNamespaces(procfs);
  await scans.scan({ all: true, threads: true });
  const { namespaces, unseen } = scans;
  return {
    namespaces,
    unseen,
    procfs,
    inodeOf: (pid) => scans.inodeOf(pid),
    loOnly: (pid) => loOnly(pid, proc),
  };
}
