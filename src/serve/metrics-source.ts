/** What metrics are made of: the watcher's state, and what the feed has counted. */
import type { UnifiedNamespaceWatcher } from '../watch/unified/unified-namespace-watcher.ts';
import type { Feed } from './events/feed.ts';
import type { MetricsSource } from './metrics/metrics.ts';

export function metricsSource(watcher: UnifiedNamespaceWatcher, feed: Feed): MetricsSource {
  return {
    namespaces: () => watcher.namespaces(),
    statistics: async (entry) => (watcher.isWatchingLinks ? watcher.linkStatistics(entry) : null),
    counts: () => ({ events: feed.events, resyncs: feed.resyncs }),
    parts: () =>
      new Map([
        ['names', watcher.isWatchingNetns],
        ['nsids', watcher.isWatchingNsids],
        ['deaths', watcher.isWatchingDeaths],
        ['processes', watcher.stats().processes !== null],
        ['links', watcher.isWatchingLinks],
      ]),
    processesOf: ({ processes }) => processes ?? null,
  };
}
