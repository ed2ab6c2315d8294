// Prints which interface leads to which, whatever network namespaces they are in, and how that
// changes. Run it as root.
import { UnifiedNamespaceWatcher } from 'nlink';

const whose = ({ own, names, owner, number }) =>
  own ? '(here)' : (names[0]?.name ?? owner?.name ?? `number ${number}`);
// A tunnel leads to a namespace, and perhaps to no interface in it.
const end = (netns, name) => `${whose(netns)}:${name ?? ''}`;

function print(netns, { name, peer }) {
  if (peer !== null) console.log(end(netns, name), '->', end(peer.netns, peer.name));
}

// Rejects where links cannot be followed.
const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({
  links: true,
  deaths: 'require',
});
for (const entry of namespaces) for (const link of entry.links ?? []) print(entry, link);

for await (const event of watcher) {
  switch (event.type) {
    case 'linkAdded':
      print(event.netns, event.link);
      break;
    case 'linkChanged':
      if (event.changed.includes('peer')) print(event.netns, event.link);
      break;
    case 'linkMoved':
      console.log(end(event.from.netns, event.from.name), 'is now', end(event.to.netns, event.to.name));
      print(event.to.netns, event.link);
      break;
    case 'linkRemoved':
      console.log(end(event.netns, event.link.name), 'is gone');
  }
}
