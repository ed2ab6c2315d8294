// For each network namespace that loses a name, says whether it lives on, and when it is gone for
// good. A namespace that lives on is not a leak yet: what is inside may take a moment to end (see
// leaks.js). Start it, then in another terminal, as root:
//
//   ip netns add blue
//   ip netns exec blue sleep 5 & sleep 1; ip netns del blue
import { UnifiedNamespaceWatcher } from 'nlink';

const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch();
// Then it is known only of namespaces that have an nsid.
if (!watcher.isWatchingDeaths) console.error('cannot watch deaths:', watcher.deathsError?.message);
const called = (names) => names.map(({ name }) => name).join(', ') || '(no name)';

for (const { names } of namespaces) console.log('there     ', called(names));

for await (const event of watcher) {
  if (event.type === 'created' && event.ready) console.log('created   ', event.name);
  if (event.type === 'deleted' && event.alive === true) console.log('lives on  ', event.name);
  if (event.type === 'deleted' && event.alive === false) console.log('has ended ', event.name);
  if (event.type === 'deleted' && event.alive === null) console.log('unknown   ', event.name);
  if (event.type === 'destroyed') console.log('gone      ', called(event.names));
}
