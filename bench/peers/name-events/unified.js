/** unified.js DIRECTORY: UnifiedNamespaceWatcher as a user would run it. */
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';
import { report, told } from './stories.js';

const watcher = await UnifiedNamespaceWatcher.open({ directory: process.argv[2] });
ready(report);
for await (const { type, name, ready: isReady } of watcher) {
  const stamp = process.hrtime.bigint();
  if (type === 'deleted') told('deleted', name, stamp);
  else if (type === 'mounted' || (type === 'created' && isReady)) told('mounted', name, stamp);
}
