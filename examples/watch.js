// Tells of each network namespace that is there, then of each that comes and goes. Needs no
// privilege.
import { UnifiedNamespaceWatcher } from 'nlink';

const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch();
for (const { names } of namespaces) for (const { name } of names) console.log('there  ', name);

for await (const event of watcher) {
  if (event.type === 'created' && event.ready) console.log('enter  ', event.path);
  if (event.type === 'deleted') console.log('deleted', event.name);
}
