// Serves metrics, inventory and events over HTTP, as `nlink serve` does: http://127.0.0.1:9478, or
// the address that is given. Run as root it has the links of all namespaces.
import { serve, UnifiedNamespaceWatcher } from 'nlink';

const [listen] = process.argv.slice(2);
const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
// The server is the one consumer of the watcher from now on, and tells on what it takes.
const server = await serve(watcher, {
  listen,
  exclude: { device: ['lo'] },
  onEvent: (event) => {
    if ('name' in event) console.log(event.type, event.name);
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.stop());
console.log('at', server.address);

// Done when it has stopped; with an error if the watcher could not go on.
const error = await server.ended;
if (error !== null) throw error;
