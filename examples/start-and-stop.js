// Runs a command in each named network namespace as soon as it can be entered, and stops it when
// the last name of it goes. Needs root. Start it: node start-and-stop.js tcpdump -i any -nn
import { namespaceKey, spawnInNamespace, UnifiedNamespaceWatcher } from 'nlink';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('usage: start-and-stop.js COMMAND [ARGUMENT...]');
  process.exit(2);
}
const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void watcher.stop());

// By identity: a namespace may have several names, and a name may stand for another namespace by
// now.
const running = new Map();

// Looks at what is there, not at what happened: so nothing depends on having seen each event.
async function adjust(there) {
  const wanted = new Map();
  for (const { namespace, names, own } of there) {
    const name = names.find(({ ready }) => ready);
    if (name !== undefined && !own) wanted.set(namespaceKey(namespace), name);
  }
  for (const [key, { name, child }] of running) {
    if (wanted.has(key)) continue;
    // It keeps the namespace alive: only when it has ended can the kernel free that.
    child.kill();
    running.delete(key);
    console.log('stopped', name);
  }
  for (const [key, { name, path }] of wanted) {
    if (running.has(key)) continue;
    console.log('started', name);
    try {
      running.set(key, {
        name,
        child: await spawnInNamespace({ path }, command, args, { stdio: 'inherit' }),
      });
    } catch (error) {
      // The name is gone again, or there is no such program.
      console.error(error.message);
    }
  }
}

await adjust(namespaces);
for await (const _ of watcher) await adjust(watcher.namespaces());
await adjust([]);
