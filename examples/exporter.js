// Serves the number of network namespaces, and of events, to Prometheus:
// http://127.0.0.1:9478/metrics, or the port that is given. Needs no privilege.
import { createServer } from 'node:http';
import { UnifiedNamespaceWatcher } from 'nlink';

const watcher = await UnifiedNamespaceWatcher.open();
const counts = new Map();

function metrics() {
  const there = watcher.namespaces();
  const { overflows, nsids, deaths } = watcher.stats();
  const names = there.flatMap((entry) => entry.names);
  return [
    '# TYPE nlink_namespaces gauge',
    `nlink_namespaces ${there.filter(({ namespace, nsid }) => namespace !== null || nsid !== null).length}`,
    '# HELP nlink_namespaces_lingering Namespaces that live on although their last name is gone.',
    '# TYPE nlink_namespaces_lingering gauge',
    `nlink_namespaces_lingering ${there.filter(({ lingering }) => lingering).length}`,
    '# TYPE nlink_names gauge',
    `nlink_names{ready="true"} ${names.filter(({ ready }) => ready).length}`,
    `nlink_names{ready="false"} ${names.filter(({ ready }) => !ready).length}`,
    '# TYPE nlink_events_total counter',
    ...[...counts].map(([type, count]) => `nlink_events_total{type="${type}"} ${count}`),
    '# HELP nlink_overflows_total Times that a queue of the kernel was full, after which the state was read again.',
    '# TYPE nlink_overflows_total counter',
    `nlink_overflows_total ${overflows + (nsids?.overflows ?? 0) + (deaths?.overflows ?? 0)}`,
    '',
  ].join('\n');
}

const server = createServer((request, response) => {
  const known = request.url === '/metrics';
  response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(known ? metrics() : 'see /metrics\n');
});
server.listen(Number(process.argv[2] ?? 9478), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/metrics`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void watcher.stop());

// The loop ends when the watcher is stopped, and rejects if it cannot go on; then there is nothing
// to serve either.
try {
  for await (const { type } of watcher) counts.set(type, (counts.get(type) ?? 0) + 1);
} finally {
  server.close();
}
