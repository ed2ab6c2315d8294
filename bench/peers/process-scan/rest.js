/**
 * rest.js: a watcher that looks for namespaces without a name, as users have it. A line on stdin says
 * for how many seconds to do nothing; the answer is the CPU time of that in nanoseconds, of the whole
 * process, how often it looked at processes meanwhile, and how many namespaces it knows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';

const before = process.cpuUsage();
const watcher = await UnifiedNamespaceWatcher.open({ directory: '/run/netns', unnamed: true });
const start = cpuSince(before);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const seconds = Number(line);
  const { scans } = watcher.stats().processes;
  const begun = process.cpuUsage();
  await sleep(seconds * 1000);
  const looked = watcher.stats().processes.scans - scans;
  console.log(`${cpuSince(begun)} ${looked} ${watcher.namespaces().length} ${start}\nready`);
}
await watcher.stop();

function cpuSince(begun) {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) * 1000;
}
