/**
 * A reader of all hosts: how much memory it takes, and whether it has the truth in the end. Usage:
 * reader.js URL [--heads]. Asked by messages: `rest` says what it takes, `check` with the truth says
 * what differs.
 */
import { FleetWatcher } from '../../../../build/packages/fleet/src/fleet-watcher.js';
import { natsTransport } from '../../../../build/packages/fleet/src/transport/nats/nats-transport.js';

const [url, mode] = process.argv.slice(2);
const settle = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const used = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
};

const before = used();
const began = process.cpuUsage();
const start = performance.now();
const watcher = await FleetWatcher.open({
  transport: natsTransport({ servers: url }),
  heads: mode === '--heads',
});
const opened = performance.now() - start;
const events = {};
void (async () => {
  for await (const event of watcher) {
    const type = event.type === 'namespaceEvent' ? `namespaceEvent ${event.event.type}` : event.type;
    events[type] = (events[type] ?? 0) + 1;
  }
})();
process.send({ opened, hosts: watcher.hosts().length });
process.on('message', (message) => void answer(message));

async function answer(message) {
  const { user, system } = process.cpuUsage(began);
  if (message === 'rest') {
    const now = used();
    return process.send({
      rss: now.rss - before.rss,
      heap: now.heap - before.heap,
      cpu: (user + system) / 1e6,
      events,
    });
  }
  if (message === 'end') {
    await watcher.stop();
    return process.disconnect();
  }
  // Heads and deltas are not in step: the last may be on its way.
  for (let tries = 0; tries < 300; tries++) {
    const wrong = message.filter(({ key, seq }) => watcher.host(key)?.seq !== seq);
    if (mode === '--heads' || wrong.length === 0) break;
    await settle(100);
  }
  const wrong = message.filter(({ key, seq, names }) => {
    const host = watcher.host(key);
    if (mode === '--heads') return host?.state !== 'live';
    const found = watcher.namespaces(key).map((namespace) => namespace.names[0]?.name);
    return host?.seq !== seq || host.state !== 'live' || found.toSorted().join() !== names.toSorted().join();
  });
  process.send({ checked: message.length, wrong: wrong.length, events, stats: watcher.stats() });
}
