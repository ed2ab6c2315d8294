// Runs a command in each named network namespace as soon as it can be entered, and stops it when
// the last name goes. Needs root, for nsenter(1). Start it: node start-and-stop.js tcpdump -ni any
import { spawn } from 'node:child_process';
import { UnifiedNamespaceWatcher } from 'nlink';

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
const key = ({ id, dev, ino, since }) => String(id ?? `${dev}:${ino}:${since}`);

// Looks at what is there, not at what happened: so nothing depends on having seen each event.
function adjust(there) {
  const wanted = new Map();
  for (const { namespace, names, own } of there) {
    const name = names.find(({ ready }) => ready);
    if (name !== undefined && !own) wanted.set(key(namespace), name);
  }
  for (const [id, { name, child }] of running) {
    if (wanted.has(id)) continue;
    // It keeps the namespace alive: only when it has ended can the kernel free that.
    child.kill();
    running.delete(id);
    console.log('stopped', name);
  }
  for (const [id, { name, path }] of wanted) {
    if (running.has(id)) continue;
    console.log('started', name);
    const child = spawn('nsenter', [`--net=${path}`, command, ...args], { stdio: 'inherit' });
    running.set(id, { name, child });
  }
}

adjust(namespaces);
for await (const _ of watcher) adjust(watcher.namespaces());
adjust([]);
