/** unified.js [stamps]: UnifiedNamespaceWatcher as a user would run it. */
import { nlink } from '../build.js';
import { told, watching } from './tally.js';

const words = { nsidAssigned: 'newNsid', destroyed: 'delNsid', resynced: 'resynced' };
const watcher = await nlink.UnifiedNamespaceWatcher.open();
watching();
for await (const { type, nsid } of watcher) if (type in words) told({ type: words[type], nsid });
