/** What of processes can be seen here, by looking at them once; and what the kernel reports. */
import { ProcessHints } from '../../../netlink/process-hints.ts';
import { ProcessNamespaces } from '../../../netns/processes/process-namespaces.ts';
import { procfsAt } from '../../../netns/processes/procfs.ts';
import { netlinkSystem } from '../../../sys/socket.ts';
import { faultOf } from './fault.ts';
import type { ProcessFacts } from './probe.ts';

/** @param proc where procfs is mounted */
export async function processFacts(proc: string): Promise<ProcessFacts> {
  const procfs = procfsAt(proc);
  try {
    const processes = new ProcessNamespaces(procfs);
    await processes.scan();
    const { unseen } = processes;
    return { proc, unseen, fault: null, hints: procfs.own && !unseen.outside && hints() };
  } catch (error) {
    return { proc, unseen: null, fault: faultOf(error), hints: false };
  }
}

/** As a watcher would have them: in this network namespace. */
function hints(): boolean {
  try {
    const opened = ProcessHints.open(netlinkSystem());
    if ('refused' in opened) return false;
    opened.close();
    return true;
  } catch {
    return false;
  }
}
