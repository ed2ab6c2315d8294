// Publishes what is on this host to NATS, as `nlink-fleet agent` does: to nats://127.0.0.1:4222, or
// the server that is given, under a name that is given, or the host's. Run it as root.
import { UnifiedNamespaceWatcher } from 'nlink';
import { FleetAgent } from 'nlink-fleet';

const [servers, name] = process.argv.slice(2);
const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
// The agent is the one consumer of the watcher from now on, and stops it in the end.
const agent = await FleetAgent.start({
  watcher,
  nats: { servers },
  name,
  onNotice: (notice) => console.log(notice),
});
// So that readers see that it ended, and do not wait for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void agent.stop());

// Done when it has stopped; with an error if the watcher could not go on.
const error = await agent.ended;
if (error !== null) throw error;
