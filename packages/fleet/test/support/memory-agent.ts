/**
 * An agent for tests, over a host in the small: the core's own feed and view number its events and
 * make its snapshots, and it publishes them to a {@link MemoryBroker} as a real agent does.
 */
import { HostModel } from '../../../../test/page/support/host-model.ts';
import { Feed, View } from '../../src/core.ts';
import type { WireEvent } from '../../src/core.ts';
import { packed } from '../../src/wire/payload.ts';
import type { ResyncReason } from '../../src/wire/snapshot.ts';
import { headOf } from './head.ts';
import type { MemoryBroker } from './memory-transport.ts';

const RING = { events: 1_000_000, bytes: 1e9 };
const ALL = { events: Infinity, bytes: Infinity };
const DIRECTORY = '/var/run/netns';

let made = 0;

/** As agents make them. @param boot 8 hexadecimal digits */
export const epochOf = (boot: string): string => boot + (++made).toString(16).padStart(8, '0');

export interface AgentSettings {
  name?: string;
  /** Milliseconds between heads. */
  interval?: number;
  /** By its clock, in milliseconds since 1970. */
  wall?: () => number;
  /** 8 hexadecimal digits. */
  boot?: string;
  model?: HostModel;
}

export class MemoryAgent {
  readonly key: string;
  readonly epoch: string;
  /** What happens there: `agent.model.act` without telling anybody. */
  readonly model: HostModel;
  readonly feed: Feed;
  readonly view: View;
  readonly #broker: MemoryBroker;
  readonly #settings: Required<Omit<AgentSettings, 'model'>>;
  /** The number of the last event that is published. */
  #published = 0;
  #unlisten: () => void = () => {};
  #looks = 0;
  isAlive = true;

  /** A head and a snapshot are published at once. */
  constructor(broker: MemoryBroker, key: string, settings: AgentSettings = {}) {
    const { name = key, interval = 15_000, wall = () => Date.now(), boot = '00000001' } = settings;
    this.key = key;
    this.epoch = epochOf(boot);
    this.model = settings.model ?? new HostModel();
    this.#broker = broker;
    this.#settings = { name, interval, wall, boot };
    const present = this.model.entries();
    const feed = { epoch: this.epoch, ring: RING, dead: 3, directory: DIRECTORY };
    this.feed = new Feed(feed, present);
    // Each look is another one: it is never too fresh to be made anew.
    this.view = new View(
      this.feed,
      () => this.model.entries(),
      () => 10_000 * this.#looks++,
    );
    this.#unlisten = broker.listen(key, this);
    this.head();
    this.snapshot();
  }

  /** Something happens, and is published at once. @param what 0 to 13: the acts of `HostModel` */
  act(what: number, by: number, and: number): void {
    this.happen(what, by, and);
    this.publish();
  }

  /** Something happens, and is not published yet. */
  happen(what: number, by: number, and: number): void {
    for (const event of this.model.act(what, by, and)) this.feed.take(event, new Date(0));
  }

  publish(): void {
    const events = this.feed.ring.after(this.#published, ALL) ?? [];
    if (!this.isAlive || events.length === 0) return;
    const first = this.#published + 1;
    this.#published = this.feed.seq;
    const parsed = events.map((json) => JSON.parse(json) as WireEvent);
    this.#broker.delta(this.key, { epoch: this.epoch, first, events: parsed });
  }

  /** What is not published yet will not be: it says so by a snapshot. */
  drop(resync: ResyncReason): void {
    if (this.#published === this.feed.seq) return;
    this.#published = this.feed.seq;
    this.snapshot(resync);
  }

  head(bye = false): void {
    if (!this.isAlive) return;
    const { name, interval, wall } = this.#settings;
    const entries = this.model.entries();
    const head = headOf(this.epoch, {
      seq: this.#published,
      interval,
      time: new Date(wall()).toISOString(),
      name,
      counts: {
        namespaces: entries.filter(({ namespace }) => namespace !== null).length,
        names: entries.reduce((sum, { names }) => sum + names.length, 0),
        links: entries.reduce((sum, { links = [] }) => sum + links.length, 0),
      },
      bye,
    });
    this.#broker.head(this.key, head);
  }

  snapshot(resync: ResyncReason | null = null): void {
    if (!this.isAlive) return;
    this.publish();
    const { seq, json } = this.view.snapshot();
    this.#broker.snapshot(this.key, { epoch: this.epoch, seq, resync, body: packed(json) });
  }

  /** All of it is there, by the view of this moment. */
  json(): string {
    return this.view.snapshot().json;
  }

  asked(): void {
    this.head();
    this.snapshot();
  }

  wiped(): void {
    this.head();
    this.snapshot();
  }

  /** It says that it ends. */
  bye(): void {
    this.publish();
    this.head(true);
    this.crash();
  }

  /** It ends without a word. */
  crash(): void {
    this.isAlive = false;
    this.#unlisten();
  }

  /** Another start on the same host, or after it booted. */
  restarted(settings: AgentSettings = {}): MemoryAgent {
    const isBoot = settings.boot !== undefined && settings.boot !== this.#settings.boot;
    this.crash();
    const model = isBoot ? {} : { model: this.model };
    return new MemoryAgent(this.#broker, this.key, { ...this.#settings, ...model, ...settings });
  }
}
