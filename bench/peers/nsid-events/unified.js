/** unified.js [stamps]: UnifiedNamespaceWatcher as a user would run it. */
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { told, watching } from './tally.js';

const words = { nsidAssigned: 'newNsid', destroyed: 'delNsid', resynced: 'resynced' };
const watcher = await UnifiedNamespaceWatcher.open();
watching();
for await (const { type, nsid } of watcher) if (type in words) told({ type: words[type], nsid });
