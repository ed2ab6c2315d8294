/** The server of a fleet: one watcher, the clients that follow it, and the socket they come by. */
import { createRequire } from 'node:module';
import { abortError, addressText, consume, HttpServer, readPage, systemClock, TokenCheck } from '../core.ts';
import { FleetAnswers } from './fleet-answers.ts';
import { FleetCounts } from './fleet-counts.ts';
import { FleetHub } from './fleet-hub.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { FleetEvent } from '../reader/fleet-types.ts';
import { HostBook } from './host-book.ts';
import { FLEET_DIRECTIONS } from './fleet-directions.ts';
import { FleetSearch } from './search/fleet-search.ts';
import { checkServeFleetOptions } from './serve-fleet-options.ts';
import type { ServeFleetOptions, ServeFleetSettings } from './serve-fleet-options.ts';
import type { ServingFleet } from './serving-fleet.ts';

/** @throws as `serveFleet` */
export async function open(source: FleetWatcher, options: ServeFleetOptions): Promise<ServingFleet> {
  const settings = checkServeFleetOptions(options);
  if (settings.signal?.aborted === true) throw abortError(settings.signal);
  const book = new HostBook(source);
  const hub = new FleetHub(book, source, systemClock, settings.clients);
  const counts = new FleetCounts();
  const metrics = {
    source,
    counts,
    clients: () => hub.size,
    hostMetrics: settings.hostMetrics,
    version: ownVersion(),
  };
  const page = readPage(import.meta.url, FLEET_DIRECTIONS);
  const search = new FleetSearch(source, () => systemClock.now());
  const answers = new FleetAnswers({ source, hub, metrics, search, page });
  const http = new HttpServer(answers, settings.clients);
  const port = await http.listen(settings.address);
  const { token, allowedHosts } = settings;
  http.admit({ allowedHosts, token: token === null ? null : new TokenCheck(token, port) });
  return new FleetServer(source, settings, { hub, counts, http }, addressText(settings.address, port ?? 0));
}

/** The version of nlink-fleet, as its package has it. */
const ownVersion = (): string =>
  (createRequire(import.meta.url)('nlink-fleet/package.json') as { version: string }).version;

interface Parts {
  hub: FleetHub;
  counts: FleetCounts;
  http: HttpServer;
}

class FleetServer implements ServingFleet {
  readonly address: string;
  readonly ended: Promise<Error | null>;
  readonly #source: FleetWatcher;
  readonly #settings: ServeFleetSettings;
  readonly #parts: Parts;
  #isStopping = false;

  constructor(source: FleetWatcher, settings: ServeFleetSettings, parts: Parts, address: string) {
    this.#source = source;
    this.#settings = settings;
    this.#parts = parts;
    this.address = address;
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.ended = this.#run();
    // Before there was anybody to hear it.
    if (settings.signal?.aborted === true) this.#onAbort();
  }

  get clients(): number {
    return this.#parts.hub.size;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#source.stop();
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  readonly #onAbort = (): void => void this.stop();

  async #run(): Promise<Error | null> {
    const { hub, http } = this.#parts;
    const error = await this.#consume();
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    hub.end(error === null ? 'stopped' : 'failed');
    await this.#source.stop();
    await http.close();
    return error;
  }

  async #consume(): Promise<Error | null> {
    const { hub, counts } = this.#parts;
    const take = (event: FleetEvent): void => {
      hub.take(event);
      counts.take(event, Date.now());
      this.#settings.onEvent(event);
    };
    try {
      await consume<FleetEvent>(this.#source, take, () => hub.wake());
      return null;
    } catch (error) {
      return this.#isStopping ? null : (error as Error);
    }
  }
}
