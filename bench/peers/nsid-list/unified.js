/**
 * unified.js DIRECTORY NAMES: `UnifiedNamespaceWatcher.listAndWatch`, with all that it does to
 * watch from then on, but not the end of that.
 */
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { turns } from '../turns.js';

const [, , directory] = process.argv;
await turns(async (times, leaveOut) => {
  let sum = 0;
  for (let time = 0; time < times; time++) {
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ directory });
    for (const { nsid } of namespaces) sum += nsid;
    await leaveOut(() => watcher.stop());
  }
  return sum;
});
