/**
 * nlink.js DIRECTORY files|namespaces|unified [print]: one event at a time through `for await`. For
 * plain files NamespaceWatcher with readyTimeout 0, for namespaces as it is, and
 * UnifiedNamespaceWatcher.
 */
import { NamespaceWatcher, UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';

const [, , directory, kind, print] = process.argv;
const Watcher = kind === 'unified' ? UnifiedNamespaceWatcher : NamespaceWatcher;
const watcher = await Watcher.open({ directory, ...(kind === 'files' ? { readyTimeout: 0 } : {}) });
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
