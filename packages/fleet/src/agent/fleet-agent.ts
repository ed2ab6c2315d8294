/** One host's agent: a watcher, what is published of it, and the connection that it goes over. */
import { abortError, consume, metricsSource } from '../core.ts';
import type { Feed, UnifiedEvent, UnifiedNamespaceWatcher } from '../core.ts';
import { agentIo, checkAgentOptions } from './agent-options.ts';
import type { AgentIo, AgentSettings, FleetAgentOptions } from './agent-options.ts';
import { HostPublisher } from './host-publisher.ts';
import type { Host } from './host-publisher.ts';
import type { AgentNotice, AgentState } from './notices.ts';
import { Uplink } from './uplink.ts';

/** For what remains, and for the goodbye, each. */
const PARTING = 2000;

/**
 * Publishes what one host has and what happens on it, over NATS JetStream. It makes no streams
 * (`nlink-fleet init` does), publishes only subjects of its own, and never holds up the watcher.
 *
 * Servers that cannot be reached, and streams that are not there, are waited for; what is lost
 * meanwhile is replaced by a snapshot.
 */
export class FleetAgent {
  readonly #settings: AgentSettings;
  readonly #publisher: HostPublisher;
  readonly #uplink: Uplink;
  #ended: Promise<Error | null> = Promise.resolve(null);
  #resyncs = 0;
  #refused: string | null = null;
  /** Why there is no connection, as it was told. */
  #unreached: string | null = null;
  #isStopping = false;

  /**
   * Starts; done when the first attempt to connect has succeeded or failed, or `signal` is aborted
   * meanwhile: then the agent ends.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
   * @throws FleetError `ERR_FLEET_NO_IDENTITY`; `ERR_FLEET_PERMISSION`: the servers do not let it
   *   in
   * @throws AbortError (`ABORT_ERR`) `signal` was aborted already
   */
  static async start(options: FleetAgentOptions, io: AgentIo = agentIo): Promise<FleetAgent> {
    const settings = checkAgentOptions(options, io.files);
    const { signal } = settings;
    if (signal?.aborted === true) throw abortError(signal);
    const agent = new FleetAgent(settings, io);
    const giveUp = (): void => agent.#uplink.giveUp();
    signal?.addEventListener('abort', giveUp);
    try {
      await agent.#uplink.start();
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
    agent.#ended = agent.#run();
    signal?.addEventListener('abort', agent.#onAbort, { once: true });
    agent.#heedAborted();
    return agent;
  }

  private constructor(settings: AgentSettings, io: AgentIo) {
    const { watcher, onNotice, nats, key } = settings;
    const { clock, random, interval, timeout } = io;
    this.#settings = settings;
    this.#uplink = new Uplink({
      nats,
      key,
      clock,
      random,
      onOpen: (server) => this.#opened(server),
      onClose: (reason) => this.#closed(reason),
      onAsk: (isAll) => this.#publisher.ask(isAll),
      onRefused: (what, reason) => this.#wasRefused(what, reason),
    });
    this.#publisher = new HostPublisher(settings, {
      clock,
      random,
      interval,
      host: hostOf(watcher),
      send: (subject, payload) => this.#uplink.publish(subject, payload, timeout),
      lanes: {
        onMissing: (stream) => onNotice({ type: 'streamMissing', stream }),
        onUnanswered: (stream) => onNotice({ type: 'unanswered', stream }),
        onRefused: (what, reason) => onNotice({ type: 'refused', what, reason }),
        onRestored: (what) => onNotice({ type: 'restored', what }),
      },
      onResync: (reason) => {
        this.#resyncs++;
        onNotice({ type: 'resync', reason });
      },
    });
  }

  /** Why it ended; null: it was stopped. */
  get ended(): Promise<Error | null> {
    return this.#ended;
  }

  /** How it is now. */
  get state(): AgentState {
    const { key, epoch } = this.#settings;
    const { feed, kept, published, lanes } = this.#publisher;
    return {
      connection: this.#uplink.state,
      key,
      epoch,
      seq: feed.seq,
      kept,
      published: { ...published },
      resyncs: this.#resyncs,
      missing: lanes.missing,
      refused: this.#refused ?? lanes.refused,
    };
  }

  /** Publishes what remains, and a goodbye: at most 4 s. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#isStopping) this.#publisher.look();
    this.#isStopping = true;
    await this.#settings.watcher.stop();
    await this.#ended;
  }

  /** As {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  readonly #onAbort = (): void => void this.stop();

  /** It was aborted before there was anybody to hear it. */
  #heedAborted(): void {
    if (this.#settings.signal?.aborted === true) this.#onAbort();
  }

  async #run(): Promise<Error | null> {
    const error = await this.#consume();
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    await this.#settings.watcher.stop();
    await this.#publisher.finish(PARTING);
    await this.#uplink.stop();
    return error;
  }

  async #consume(): Promise<Error | null> {
    try {
      const take = (event: UnifiedEvent): void => this.#publisher.take(event);
      await consume(this.#settings.watcher, take, () => this.#publisher.wake());
      return null;
    } catch (error) {
      return this.#isStopping ? null : (error as Error);
    }
  }

  #tell(notice: AgentNotice): void {
    this.#settings.onNotice(notice);
  }

  #opened(server: string): void {
    this.#unreached = null;
    this.#refused = null;
    this.#tell({ type: 'connected', server });
    this.#publisher.open();
  }

  /** Also of each attempt. */
  #closed(reason: string): void {
    this.#publisher.close();
    if (this.#unreached === reason) return;
    this.#unreached = reason;
    this.#tell({ type: 'disconnected', reason });
  }

  #wasRefused(what: string, reason: string): void {
    const text = `${what}: ${reason}`;
    if (this.#refused === text) return;
    this.#refused = text;
    this.#tell({ type: 'refused', what, reason });
  }
}

const hostOf = (watcher: UnifiedNamespaceWatcher): Host => ({
  namespaces: () => watcher.namespaces(),
  isWatchingLinks: () => watcher.isWatchingLinks,
  parts: (feed: Feed) => metricsSource(watcher, feed).parts(),
});
