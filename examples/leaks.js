// Finds leaks: network namespaces that live on although their last name is gone, and which
// processes hold them. Only of those with an nsid is it known. `--assign` (as root) gives an nsid to
// each that has a name, which everybody sees.
import { namespaceHolders, UnifiedNamespaceWatcher } from 'nlink';

// How long a namespace may outlive its name, in milliseconds. At podman stop the name goes first in
// half of the cases, and the namespace up to 430 ms later: an alarm at once would be a false one.
const GRACE = 2000;

async function report(nsid, name) {
  const entry = watcher.namespaces().find((entry) => entry.nsid === nsid && entry.lingering);
  if (entry === undefined || entry.namespace === null) return;
  // Those that are in it, and those that hold it from outside; as far as this user may see.
  const holders = await namespaceHolders({ namespace: entry.namespace });
  const { processes, descriptors, sockets, mounts } = holders;
  const pids = new Set([...processes, ...descriptors, ...sockets, ...mounts].map(({ pid }) => pid));
  console.log(
    'leaked',
    name,
    pids.size > 0 ? `by ${pids.size} process(es): ${[...pids].join(' ')}` : 'by none that is seen',
  );
}

const watcher = await UnifiedNamespaceWatcher.open({ assignNsids: process.argv.includes('--assign') });
console.log('looking for leaks');
for await (const event of watcher) {
  if (event.type === 'deleted' && event.alive === true)
    setTimeout(() => void report(event.nsid, event.name), GRACE);
  if (event.type === 'destroyed') console.log('ended ', event.names.map(({ name }) => name).join(', '));
}
