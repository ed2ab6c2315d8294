// Finds leaks: network namespaces that live on without their last name, and the processes in them.
// It sees only those with an nsid. `--assign` (as root) gives one to each namespace that has a
// name; everybody sees these nsids.
import { readdir, stat } from 'node:fs/promises';
import { UnifiedNamespaceWatcher } from 'nlink';

// How long a namespace may outlive its name, in milliseconds. At podman stop the name goes first in
// half of the cases, and the namespace up to 430 ms later: an alarm at once would be a false one.
const GRACE = 2000;

/**
 * The processes in a namespace that is alive, as far as this user may see. While it lives, its
 * inode number identifies it.
 */
async function inside({ dev, ino }) {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const looked = await Promise.all(
    pids.map(async (pid) => {
      const found = await stat(`/proc/${pid}/ns/net`, { bigint: true }).catch(() => null);
      return found?.dev === dev && found.ino === ino;
    }),
  );
  return pids.filter((_, index) => looked[index]);
}

async function report(nsid, name) {
  const entry = watcher.namespaces().find((entry) => entry.nsid === nsid && entry.lingering);
  if (entry === undefined || entry.namespace === null) return;
  const pids = await inside(entry.namespace);
  console.log(
    'leaked',
    name,
    pids.length > 0 ? `by ${pids.length} process(es): ${pids.join(' ')}` : 'by none that is seen',
  );
}

const watcher = await UnifiedNamespaceWatcher.open({ assignNsids: process.argv.includes('--assign') });
console.log('looking for leaks');
for await (const event of watcher) {
  if (event.type === 'deleted' && event.alive === true)
    setTimeout(() => void report(event.nsid, event.name), GRACE);
  if (event.type === 'destroyed') console.log('ended ', event.names.map(({ name }) => name).join(', '));
}
