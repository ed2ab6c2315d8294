/** unified.js DIRECTORY: UnifiedNamespaceWatcher as a user would run it. */
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';
import { report, told } from './stamps.js';

const watcher = await UnifiedNamespaceWatcher.open({ directory: process.argv[2] });
ready(report);
for await (const event of watcher) {
  const stamp = process.hrtime.bigint();
  if (event.type === 'created') told(event.name, event.path, stamp);
}
