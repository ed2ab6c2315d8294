// Finds leaks: network namespaces that live on although their last name is gone, and which
// processes hold them. Run it as root, to see the processes of all users.
import { namespaceHolders, sameNamespace, UnifiedNamespaceWatcher } from 'nlink';

// How long a namespace may outlive its name, in milliseconds. At podman stop the name goes first in
// half of the cases, and the namespace up to 430 ms later: an alarm at once would be a false one.
const GRACE = 2000;

async function report({ namespace, name }) {
  const isLeaked = watcher
    .namespaces()
    .some((entry) => entry.lingering && sameNamespace(entry.namespace, namespace));
  if (!isLeaked) return;
  // Those that are in it, and those that hold it from outside; as far as this user may see.
  const { processes, descriptors, sockets, mounts } = await namespaceHolders({ namespace });
  const pids = new Set([...processes, ...descriptors, ...sockets, ...mounts].map(({ pid }) => pid));
  console.log(
    'leaked',
    name,
    pids.size > 0 ? `by ${pids.size} process(es): ${[...pids].join(' ')}` : 'by none that is seen',
  );
}

// Rejects where nobody can tell whether a namespace lives on.
const watcher = await UnifiedNamespaceWatcher.open({ deaths: 'require' });
console.log('looking for leaks');
for await (const event of watcher) {
  if (event.type === 'deleted' && event.alive) setTimeout(() => void report(event), GRACE);
  if (event.type === 'destroyed') console.log('ended ', event.names.map(({ name }) => name).join(', '));
}
