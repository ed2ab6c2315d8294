/**
 * nlink.js DIRECTORY names|unified files|namespaces [print]: NamespaceWatcher or
 * UnifiedNamespaceWatcher, one event at a time through `for await`; for plain files with
 * readyTimeout 0.
 */
import { nlink } from '../build.js';
import { ready } from '../reporting.js';

const [, , directory, kind, what, print] = process.argv;
const Watcher = kind === 'unified' ? nlink.UnifiedNamespaceWatcher : nlink.NamespaceWatcher;
const watcher = await Watcher.open({ directory, ...(what === 'files' ? { readyTimeout: 0 } : {}) });
const words = { created: 'add', deleted: 'delete', resynced: 'resynced' };
const lines = [];
const counts = { created: 0, deleted: 0, resynced: 0 };
ready(() =>
  print
    ? lines.join('')
    : `created ${counts.created}\ndeleted ${counts.deleted}\noverflows ${counts.resynced}\n`,
);
for await (const { type, name } of watcher) {
  if (!(type in counts)) continue;
  counts[type]++;
  if (print) lines.push(`${words[type]} ${name}\n`);
}
