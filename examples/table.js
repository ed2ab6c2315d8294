// Keeps a table of names and their nsids by events alone, and prints it after each change. Needs no
// privilege.
import { UnifiedNamespaceWatcher } from 'nlink';

const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch();
const table = new Map();
for (const { names, nsid } of namespaces) for (const { path } of names) table.set(path, nsid);

function print() {
  const rows = [...table].map(([path, nsid]) => `${path.slice(path.lastIndexOf('/') + 1)}=${nsid ?? 'none'}`);
  console.log(rows.join(' ') || '(empty)');
}

print();
for await (const event of watcher) {
  switch (event.type) {
    case 'created':
    case 'mounted':
      table.set(event.path, event.nsid);
      break;
    case 'nsidAssigned':
      // All names of the namespace. Perhaps none, or names that are gone by now.
      for (const { path } of event.names) if (table.has(path)) table.set(path, event.nsid);
      break;
    case 'unmounted':
      table.set(event.path, null);
      break;
    case 'deleted':
      table.delete(event.path);
      break;
    case 'nsidsUnavailable':
      console.error(`no nsids from now on: ${event.error.message}`);
      for (const path of table.keys()) table.set(path, null);
      break;
    default:
      // destroyed: its names went before. resynced: the events before it said what differed, so
      // the table is right again.
      continue;
  }
  print();
}
