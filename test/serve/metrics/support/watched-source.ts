/** A real watcher as the source of metrics; its events are counted as they come. */
import type { MetricsSource } from '../../../../src/serve/metrics/metrics.ts';
import { UnifiedNamespaceWatcher } from '../../../../src/watch/unified/unified-namespace-watcher.ts';

export interface WatchedSource extends MetricsSource {
  watcher: UnifiedNamespaceWatcher;
}

/** The caller stops the watcher. */
export async function watchedSource(): Promise<WatchedSource> {
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
  const events = new Map([['created', 0]]);
  void (async () => {
    for await (const { type } of watcher) events.set(type, (events.get(type) ?? 0) + 1);
  })();
  return {
    watcher,
    namespaces: () => watcher.namespaces(),
    statistics: (entry) => watcher.linkStatistics(entry),
    counts: () => ({ events, resyncs: new Map([['links', 0]]) }),
    parts: () =>
      new Map([
        ['names', watcher.isWatchingNetns],
        ['nsids', watcher.isWatchingNsids],
        ['deaths', watcher.isWatchingDeaths],
        ['processes', watcher.stats().processes !== null],
        ['links', watcher.isWatchingLinks],
      ]),
    processesOf: ({ pids }) => pids?.length ?? null,
  };
}
