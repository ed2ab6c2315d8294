// Prints each network namespace that is there, then each that comes and goes. Needs no privilege.
import { UnifiedNamespaceWatcher } from 'nlink';

const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch();
for (const { names } of namespaces) for (const { name } of names) console.log('there  ', name);

for await (const event of watcher) {
  // A name whose namespace came late was created not ready, and is mounted now.
  if ((event.type === 'created' && event.ready) || event.type === 'mounted')
    console.log('enter  ', event.path);
  if (event.type === 'deleted') console.log('deleted', event.name);
}
