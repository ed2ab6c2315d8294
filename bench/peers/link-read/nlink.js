/**
 * nlink.js DIRECTORY HOW: a UnifiedNamespaceWatcher is opened, lists all, and is stopped; `links`:
 * with all links, `plain`: with none.
 */
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { cpuTurns } from '../process-scan/cpu.js';

const [, , directory, how] = process.argv;
await cpuTurns(async () => {
  const options = how === 'links' ? { directory, links: true } : { directory };
  const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch(options);
  let links = 0;
  let paired = 0;
  for (const entry of namespaces)
    for (const { peerState } of entry.links ?? []) {
      links++;
      if (peerState === 'paired') paired++;
    }
  await watcher.stop();
  return `${links} ${paired}`;
});
