/** The server: the feed of one watcher, the clients that follow it, and the socket they come by. */
import { randomBytes } from 'node:crypto';
import { abortError } from '../errors.ts';
import type { InventoryEntry, UnifiedEvent } from '../watch/unified/unified-events.ts';
import type { UnifiedNamespaceWatcher } from '../watch/unified/unified-namespace-watcher.ts';
import { systemClock } from '../watch/stream/clock.ts';
import { Chunks } from './events/chunks.ts';
import { consume } from './events/consume.ts';
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
import type { ServeOptions, ServeSettings } from './serve-options.ts';
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
  return new Server(
    watcher,
    settings,
    { feed, hub, answers, http },
    addressText(settings.address, port ?? 0),
  );
}

interface Parts {
  feed: Feed;
  hub: Hub;
  answers: Answers;
  http: HttpServer;
}

class Server implements Serving {
  readonly address: string;
  readonly ended: Promise<Error | null>;
  readonly #watcher: UnifiedNamespaceWatcher;
  readonly #settings: ServeSettings;
  readonly #parts: Parts;
  #isStopping = false;

  constructor(watcher: UnifiedNamespaceWatcher, settings: ServeSettings, parts: Parts, address: string) {
    this.#watcher = watcher;
    this.#settings = settings;
    this.#parts = parts;
    this.address = address;
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.ended = this.#run();
    // Before there was anybody to hear it.
    if (settings.signal?.aborted === true) this.#onAbort();
  }

  get epoch(): string {
    return this.#parts.feed.epoch;
  }

  get clients(): number {
    return this.#parts.hub.size;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#watcher.stop();
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  readonly #onAbort = (): void => void this.stop();

  async #run(): Promise<Error | null> {
    const { answers, hub, http } = this.#parts;
    answers.isReady = true;
    const error = await this.#consume();
    answers.isReady = false;
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    hub.end(error === null ? 'stopped' : 'failed');
    await this.#watcher.stop();
    await http.close();
    return error;
  }

  async #consume(): Promise<Error | null> {
    const { feed, hub } = this.#parts;
    const take = (event: UnifiedEvent): void => {
      feed.take(event, new Date());
      hub.heard();
      this.#settings.onEvent(event);
    };
    try {
      await consume(this.#watcher, take, () => hub.wake());
      return null;
    } catch (error) {
      return this.#isStopping ? null : (error as Error);
    }
  }
}
