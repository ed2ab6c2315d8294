// For each network namespace that loses a name, says whether it lives on, and when it is gone for
// good. Needs no privilege. A namespace that lives on is not a leak yet: what is inside may take a
// moment to end (see leaks.js). Start it, then in another terminal, as root:
//
//   ip netns add blue; ip netns set blue 7
//   ip netns exec blue sleep 5 & sleep 1; ip netns del blue
import { UnifiedNamespaceWatcher } from 'nlink';

// Only the end of a namespace with an nsid is reported. `--assign` (as root) gives one to each
// namespace that has a name; everybody sees these nsids.
const assignNsids = process.argv.includes('--assign');
const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ assignNsids });
const called = (names) => names.map(({ name }) => name).join(', ') || '(no name)';

for (const { names, nsid } of namespaces) console.log('there     ', called(names), nsid ?? '(no nsid)');

for await (const event of watcher) {
  if (event.type === 'created' && event.ready) console.log('created   ', event.name);
  if (event.type === 'nsidAssigned') console.log('assigned  ', called(event.names), event.nsid);
  if (event.type === 'deleted' && event.alive === true) console.log('lives on  ', event.name);
  if (event.type === 'deleted' && event.alive === false) console.log('has ended ', event.name);
  if (event.type === 'deleted' && event.alive === null) console.log('unknown   ', event.name);
  if (event.type === 'destroyed') console.log('gone      ', called(event.names), event.nsid);
}
