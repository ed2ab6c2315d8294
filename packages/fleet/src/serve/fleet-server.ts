/** The server of a fleet: one watcher, the clients that follow it, and the socket they come by. */
import { createRequire } from 'node:module';
import {
  abortError,
  addressText,
  HttpServer,
  readPage,
  ServerRun,
  systemClock,
  TokenCheck,
} from '../core.ts';
import { FleetAnswers } from './fleet-answers.ts';
import { FleetCounts } from './fleet-counts.ts';
import { FleetHub } from './fleet-hub.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { FleetEvent } from '../reader/fleet-types.ts';
import { HostBook } from './host-book.ts';
import { FLEET_DIRECTIONS } from './fleet-directions.ts';
import { FleetSearch } from './search/fleet-search.ts';
import { checkServeFleetOptions } from './serve-fleet-options.ts';
import type { ServeFleetOptions } from './serve-fleet-options.ts';
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
  const run = new ServerRun<FleetEvent>({
    watcher: source,
    http,
    signal: settings.signal,
    take: (event) => {
      hub.take(event);
      counts.take(event, Date.now());
      settings.onEvent(event);
    },
    wake: () => hub.wake(),
    end: (reason) => hub.end(reason),
  });
  return new FleetServer(hub, run, addressText(settings.address, port ?? 0));
}

/** The version of nlink-fleet, as its package has it. */
const ownVersion = (): string =>
  (createRequire(import.meta.url)('nlink-fleet/package.json') as { version: string }).version;

class FleetServer implements ServingFleet {
  readonly address: string;
  readonly #hub: FleetHub;
  readonly #run: ServerRun<FleetEvent>;

  constructor(hub: FleetHub, run: ServerRun<FleetEvent>, address: string) {
    this.#hub = hub;
    this.#run = run;
    this.address = address;
  }

  get ended(): Promise<Error | null> {
    return this.#run.ended;
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
