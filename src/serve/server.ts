/** The server: the feed of one watcher, the clients that follow it, and the socket they come by. */
import { randomBytes } from 'node:crypto';
import { abortError } from '../errors.ts';
import type { InventoryEntry, UnifiedEvent } from '../watch/unified/unified-events.ts';
import type { UnifiedNamespaceWatcher } from '../watch/unified/unified-namespace-watcher.ts';
import { systemClock } from '../watch/stream/clock.ts';
import { Chunks } from './events/chunks.ts';
import { Feed } from './events/feed.ts';
import { Hub } from './events/hub.ts';
import { LinkReadings } from './events/link-readings.ts';
import { View } from './events/view.ts';
import { Answers } from './http/answers.ts';
import { HttpServer } from './http/http-server.ts';
import { addressText } from './http/listen-address.ts';
import { readPage } from './http/page.ts';
import { TokenCheck } from './http/token.ts';
import { findHolders, HolderLooks } from './holder-looks.ts';
import { metricsSource } from './metrics-source.ts';
import { checkServeOptions } from './serve-options.ts';
import type { ServeOptions } from './serve-options.ts';
import { ServerRun } from './server-run.ts';
import type { Serving } from './serving.ts';

/** @throws as `serve` */
export async function open(watcher: UnifiedNamespaceWatcher, options: ServeOptions): Promise<Serving> {
  const settings = checkServeOptions(options);
  if (settings.signal?.aborted === true) throw abortError(settings.signal);
  const { ring, dead, directory, proc } = settings;
  const epoch = randomBytes(8).toString('hex');
  const feed = new Feed({ epoch, ring, dead, directory }, watcher.namespaces());
  const source = metricsSource(watcher, feed);
  const view = new View(
    feed,
    () => watcher.namespaces(),
    () => systemClock.now(),
    () => source.parts(),
  );
  const hub = new Hub(new Chunks(feed, view), systemClock, settings.clients);
  const { metrics } = settings;
  const holders = new HolderLooks(findHolders(proc), () => systemClock.now());
  const reader = {
    statistics: (entry: InventoryEntry) => source.statistics(entry),
    addresses: async (entry: InventoryEntry) =>
      watcher.isWatchingLinks ? watcher.linkAddresses(entry) : null,
  };
  const readings = new LinkReadings(reader, () => systemClock.now());
  const answers = new Answers({ feed, view, hub, source, metrics, readings, holders, page: readPage() });
  const http = new HttpServer(answers, settings.clients);
  const port = await http.listen(settings.address);
  const { token, allowedHosts } = settings;
  http.admit({ allowedHosts, token: token === null ? null : new TokenCheck(token, port) });
  answers.isReady = true;
  const run = new ServerRun<UnifiedEvent>({
    watcher,
    http,
    signal: settings.signal,
    take: (event) => {
      feed.take(event, new Date());
      hub.heard();
      settings.onEvent(event);
    },
    wake: () => hub.wake(),
    end: (reason) => {
      answers.isReady = false;
      hub.end(reason);
    },
  });
  return new Server(feed, hub, run, addressText(settings.address, port ?? 0));
}

class Server implements Serving {
  readonly address: string;
  readonly #feed: Feed;
  readonly #hub: Hub;
  readonly #run: ServerRun<UnifiedEvent>;

  constructor(feed: Feed, hub: Hub, run: ServerRun<UnifiedEvent>, address: string) {
    this.#feed = feed;
    this.#hub = hub;
    this.#run = run;
    this.address = address;
  }

  get ended(): Promise<Error | null> {
    return this.#run.ended;
  }

  get epoch(): string {
    return this.#feed.epoch;
  }

  get clients(): number {
    return this.#hub.size;
  }

  stop(): Promise<void> {
    return this.#run.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
