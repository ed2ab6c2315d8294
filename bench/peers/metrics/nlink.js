/**
 * nlink.js DIRECTORY FORMAT: scrapes the metrics of a UnifiedNamespaceWatcher; `gzip`: OpenMetrics,
 * compressed; `text`: the text format.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { render } from '../../../build/src/serve/metrics/exposition.js';
import { collect } from '../../../build/src/serve/metrics/metrics.js';
import { UnifiedNamespaceWatcher } from '../../../build/src/watch/unified/unified-namespace-watcher.js';
import { cpuTurns } from '../process-scan/cpu.js';

const [, , directory, format] = process.argv;
const watcher = await UnifiedNamespaceWatcher.open({ directory, unnamed: true, links: true });
const source = {
  namespaces: () => watcher.namespaces(),
  statistics: (entry) => watcher.linkStatistics(entry),
  counts: () => ({ events: new Map(), resyncs: new Map() }),
  parts: () => new Map([['links', watcher.isWatchingLinks]].concat([['processes', true]])),
  processesOf: ({ processes }) => processes ?? null,
};
void (async () => {
  // What is not taken holds the watcher up.
  for await (const _ of watcher);
})();
const options = { include: { netns: ['added-*'] }, directory };
await cpuTurns(async () => {
  const families = await collect(source, options);
  const text = render(families, format === 'gzip' ? 'openmetrics' : 'text');
  const series = families.reduce((sum, { samples }) => sum + samples.length, 0);
  if (format !== 'gzip') return `${series} ${Buffer.byteLength(text)}`;
  return `${series} ${(await promisify(gzip)(text)).length}`;
});
