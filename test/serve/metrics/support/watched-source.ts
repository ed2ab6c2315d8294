/** A real watcher as the source of metrics, as the server has it; its events are counted as they come. */
import { consume } from '../../../../src/serve/events/consume.ts';
import { Feed } from '../../../../src/serve/events/feed.ts';
import { metricsSource } from '../../../../src/serve/metrics-source.ts';
import type { MetricsSource } from '../../../../src/serve/metrics/metrics.ts';
import { UnifiedNamespaceWatcher } from '../../../../src/watch/unified/unified-namespace-watcher.ts';
import { DIRECTORY, EPOCH } from '../../support/feed-parts.ts';

export interface WatchedSource extends MetricsSource {
  watcher: UnifiedNamespaceWatcher;
}

/** The caller stops the watcher. */
export async function watchedSource(): Promise<WatchedSource> {
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
  const ring = { events: 100, bytes: 1_000_000 };
  const feed = new Feed({ epoch: EPOCH, ring, dead: 3, directory: DIRECTORY }, watcher.namespaces());
  void consume(
    watcher,
    (event) => feed.take(event, new Date()),
    () => {},
  );
  return { watcher, ...metricsSource(watcher, feed) };
}
