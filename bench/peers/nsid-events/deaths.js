/**
 * deaths.js stamps DIRECTORY: UnifiedNamespaceWatcher without the nsids of its namespace, so that
 * it knows of an end by its own table alone. The namespaces are told apart by their names,
 * `added-N`, and have the nsid N.
 */
import { nlink } from '../build.js';
import { told, watching } from './tally.js';

const options = { directory: process.argv[3], netlink: 'off', deaths: 'require' };
const watcher = await nlink.UnifiedNamespaceWatcher.open(options);
watching();
for await (const { type, names } of watcher) {
  if (type !== 'destroyed') continue;
  told({ type: 'delNsid', nsid: Number(names[0].name.slice('added-'.length)) });
}
