/** What the figures were measured on: they mean nothing without it. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Processor, cores, memory, kernel, Node. */
export function machine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    architecture: process.arch,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    virtual: /^flags.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'latin1')),
    kernel: release(),
    node: process.version,
    root: process.getuid() === 0,
  };
}

/** Processes that want to run, averaged over the last one, five and fifteen minutes. */
export const load = () => loadavg().map((value) => Math.round(value * 100) / 100);

export function describe(it) {
  const where = `${it.cpu} (${it.architecture}${it.virtual ? ', virtual' : ''})`;
  return `${where}, ${it.cores} cores, ${it.memoryGiB} GiB, Linux ${it.kernel}, Node ${it.node}`;
}

/** Of nlink. */
export const version = () =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
