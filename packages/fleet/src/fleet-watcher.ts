/** `FleetWatcher`: the public class over the reader. */
import { EventStream, invalidArgument, systemClock } from './core.ts';
import type { ConnectionState, FleetTransport } from './transport/transport.ts';
import type { Told } from './reader/content.ts';
import { fleetSettings } from './reader/fleet-options.ts';
import type { FleetSettings } from './reader/fleet-options.ts';
import type {
  FleetEvent,
  FleetHost,
  FleetWatcherOptions,
  FleetWatcherStats,
  PageNamespace,
} from './reader/fleet-types.ts';
import { Reader } from './reader/reader.ts';
import type { ReaderClock } from './reader/reader.ts';

/** What the stream itself holds; the rest waits where the loudest can be dropped. */
const STREAM_BUFFER = 16;

/** One tells one reader, and starts once. */
const taken = new WeakSet<FleetTransport>();

const realClock: ReaderClock = { ...systemClock, wall: () => Date.now() };

/** What was told of a host, as it came; null: nothing. For the search, which looks at all hosts. */
export let toldOf: (watcher: FleetWatcher, id: string) => Told | null;

/**
 * Watches the network namespaces of many hosts. The list and the events after it are what is there.
 * No loss is silent: after one come the differences, then `resynced`.
 *
 * ```ts
 * const fleet = await FleetWatcher.open({ transport: natsTransport({ servers: 'nats://…' }) });
 * for (const host of fleet.hosts()) console.log(host.name, host.state);
 * for await (const event of fleet) {
 *   if (event.type === 'namespaceEvent') console.log(event.host.name, event.event.type);
 * }
 * ```
 *
 * What is asked for ({@link hosts}, {@link namespaces}, {@link snapshot}) is as of now: ahead of
 * the events that have not been taken yet. Each of these says how something is, so to apply it once
 * more does no harm; `seq` tells which are in a snapshot.
 */
export class FleetWatcher extends EventStream<FleetEvent> {
  readonly #reader: Reader;

  static {
    toldOf = (watcher, id) => watcher.#reader.told(id);
  }

  private constructor(settings: FleetSettings, clock: ReaderClock) {
    let reader: Reader | undefined;
    const stream = { bufferSize: STREAM_BUFFER, signal: settings?.signal };
    super(settings === undefined ? settings : stream, (wake) => (reader = new Reader(settings, clock, wake)));
    this.#reader = reader as unknown as Reader;
  }

  /**
   * Starts to read. Settled when all that is kept has been read, or after `settleTimeout`, when
   * {@link connection} is still `connecting`: what is read later is told as events then.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`: also for a transport that a watcher was opened
   *   with before
   * @throws what the transport's `start` throws
   * @throws AbortError (`ABORT_ERR`) `signal` was aborted
   */
  static async open(options: FleetWatcherOptions, clock: ReaderClock = realClock): Promise<FleetWatcher> {
    const settings = fleetSettings(options);
    const { signal, transport } = settings;
    if (taken.has(transport))
      throw invalidArgument('transport', 'one that no watcher was opened with before', transport);
    const watcher = new FleetWatcher(settings, clock);
    taken.add(transport);
    try {
      await watcher.#reader.start();
    } catch (error) {
      await watcher.stop();
      // A transport that is stopped while it starts may fail by that.
      if (signal?.aborted !== true) throw error;
    }
    // Rejects with what the stream ended by.
    if (signal?.aborted === true) await watcher.recv();
    return watcher;
  }

  /** How the connection is. */
  get connection(): ConnectionState {
    return this.#reader.connectionState;
  }

  /** All that are known, `late` and `gone` ones as well. */
  hosts(): readonly FleetHost[] {
    return this.#reader.hosts();
  }

  /** @returns null: none is called so. @param id as {@link FleetHost.id} */
  host(id: string): FleetHost | null {
    return this.#reader.host(id);
  }

  /**
   * The namespaces of a host, with their links, as `nlink serve` shows them, but those that have
   * ended; empty where none are known. Made when it is asked for: some milliseconds for a host that
   * nobody asked for lately.
   */
  namespaces(id: string): readonly PageNamespace[] {
    return this.#reader.namespaces(id);
  }

  /** The same as JSON of a snapshot of `GET /v1/events`. Null: nothing is known of it. */
  snapshot(id: string): { seq: number; json: string } | null {
    return this.#reader.json(id);
  }

  /** Counters. */
  stats(): FleetWatcherStats {
    const { buffered } = this.streamStats;
    const { waiting, ...rest } = this.#reader.stats;
    return { ...rest, buffered: waiting + buffered };
  }
}
