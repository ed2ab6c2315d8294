/** nlink.js DIRECTORY names|unified: a watcher of nlink, which has nothing to tell. */
import { nlink } from '../build.js';
import { ready } from '../reporting.js';

const [, , directory, kind] = process.argv;
const Watcher = kind === 'unified' ? nlink.UnifiedNamespaceWatcher : nlink.NamespaceWatcher;
const watcher = await Watcher.open({ directory });
let events = 0;
ready(() => `names ${watcher.namespaces().length}\nevents ${events}\n`);
for await (const { type } of watcher) if (type !== '') events++;
