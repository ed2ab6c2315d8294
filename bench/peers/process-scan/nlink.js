/**
 * nlink.js HOW: the network namespaces of all processes; `again`: scan after scan, `all`: each looks
 * at all processes, `threads`: at all threads too, `first`: as `all`, and nothing is known before;
 * `links`: by /proc/PID/ns/net, as `nlink list` counts processes. Not public, hence the inner modules.
 */
import { processesByNamespace } from '../../../build/src/netns/processes/processes-by-namespace.js';
import { ProcessNamespaces } from '../../../build/src/netns/processes/process-namespaces.js';
import { procfsAt } from '../../../build/src/netns/processes/procfs.js';
import { cpuTurns } from './cpu.js';

const [, , how] = process.argv;
const procfs = procfsAt('/proc');
const scans = new ProcessNamespaces(procfs);
const ways = {
  async again() {
    await scans.scan();
    return counted(scans);
  },
  async all() {
    await scans.scan({ all: true });
    return counted(scans);
  },
  async threads() {
    await scans.scan({ all: true, threads: true });
    return counted(scans);
  },
  async first() {
    const fresh = new ProcessNamespaces(procfs);
    await fresh.scan();
    return counted(fresh);
  },
  async links() {
    const { namespaces } = await processesByNamespace();
    return [...namespaces.values()].reduce((sum, { pids }) => sum + pids.length, 0);
  },
};

function counted({ namespaces }) {
  return [...namespaces.values()].reduce((sum, { count: processes }) => sum + processes, 0);
}

await cpuTurns(ways[how]);
