/** nlink.js DIRECTORY names|unified: a watcher of nlink as a user would run it. */
import { nlink } from '../build.js';
import { told, watching } from './tally.js';

const [, , directory, kind] = process.argv;
const Watcher = kind === 'unified' ? nlink.UnifiedNamespaceWatcher : nlink.NamespaceWatcher;
const watcher = await Watcher.open({ directory });
watching();
for await (const { type, name, ready } of watcher) told(type === 'created' && ready ? 'mounted' : type, name);
