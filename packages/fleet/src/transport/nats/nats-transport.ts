/**
 * A fleet over JetStream: a lane for each stream (lane.ts) over one connection (link.ts). Live is
 * what all lanes are.
 *
 * A stream that was made anew has lost what was kept, and no agent need have noticed: all are asked
 * to tell again, once for all streams of it, when every lane is live again.
 */
import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { boolean, systemClock } from '../../core.ts';
import type { Clock } from '../../core.ts';
import { FleetError } from '../../errors.ts';
import { connectNats } from '../../nats/connect.ts';
import { checkNatsOptions } from '../../nats/nats-options.ts';
import type { NatsOptions } from '../../nats/nats-options.ts';
import { READER_INBOX } from '../../nats/permissions.ts';
import { checkShards } from '../../nats/stream-options.ts';
import { ALL } from '../../wire/key.ts';
import { askSubject, deltasLane, HEADS, SNAPSHOTS, streamOf } from '../../wire/subjects.ts';
import type { FleetTransport, TransportTarget } from '../transport.ts';
import { HostShards } from './host-shards.ts';
import { JetStreamStore } from './jetstream-store.ts';
import { Lane } from './lane.ts';
import { Link } from './link.ts';
import type { Dial } from './link.ts';
import { listShards } from './shards.ts';
import { Standing } from './standing.ts';
import { Telling } from './telling.ts';

/** Messages on the way at once. A part of a snapshot has up to 512 kB. */
const BATCH = { heads: 500, snapshots: 64, deltas: 500 } as const;
/** Between two requests to all agents. */
const ASK_AGAIN = 10_000;
/** Between two lists of streams. */
const LIST_AGAIN = 2000;
/** So that not all readers ask at once. */
const ASK_WITHIN = 500;
/** What cannot be right later. */
const FINAL: ReadonlySet<string> = new Set([
  'ERR_FLEET_STREAM_MISSING',
  'ERR_FLEET_NO_JETSTREAM',
  'ERR_FLEET_PERMISSION',
]);

/** As `NatsOptions`, and what is read. */
export interface NatsTransportOptions extends NatsOptions {
  /** Whose deltas are read. Default: those of all streams that the server lists, new ones too. */
  shards?: readonly string[] | undefined;
  /** Heads alone, neither snapshots nor deltas: as for `FleetWatcher`. Default false. */
  heads?: boolean | undefined;
}

/** What tests put in place of the machine. */
interface NatsTransportIo {
  clock: Clock;
  /** From 0 to 1, as `Math.random`. */
  random: () => number;
}

/**
 * A fleet over NATS JetStream.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function natsTransport(
  options: NatsTransportOptions = {},
  io: NatsTransportIo = { clock: systemClock, random: Math.random },
): FleetTransport {
  checkNatsOptions(options);
  const { shards, heads } = options;
  if (shards !== undefined) checkShards(shards);
  const terms = { name: 'nlink-fleet reader', inbox: READER_INBOX };
  return new NatsTransport({
    dial: (signal) => connectNats(options, { ...terms, signal }),
    shards: shards ?? null,
    headsOnly: boolean('heads', heads, false),
    ...io,
  });
}

interface NatsTransportSettings extends NatsTransportIo {
  dial: Dial;
  /** Null: those that the server lists. */
  shards: readonly string[] | null;
  /** Heads alone: neither snapshots nor deltas. */
  headsOnly: boolean;
}

interface Reader {
  lane: Lane;
  store: JetStreamStore;
}

class NatsTransport implements FleetTransport {
  readonly #settings: NatsTransportSettings;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #id: string = randomBytes(8).toString('hex');
  readonly #link: Link;
  readonly #standing: Standing;
  readonly #lanes = new Map<string, Reader>();
  /** Of hosts, by their heads. */
  readonly #shards = new HostShards();
  #target: TransportTarget | null = null;
  #telling: Telling | null = null;
  /** Null: there is one. */
  #down: string | null = 'not connected';
  #ups = 0;
  #wantsAll = false;
  #askedAllAt = -Infinity;
  #listedAt = -Infinity;
  #cancelAsk: () => void = () => {};
  #keepAlive: NodeJS.Timeout | null = null;

  constructor(settings: NatsTransportSettings) {
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#random = settings.random;
    this.#standing = new Standing(this.#clock, (state, reason) => this.#target?.connection(state, reason));
    const events = {
      up: (nc: NatsConnection) => this.#up(nc),
      down: (reason: string) => this.#lost(reason),
    };
    this.#link = new Link(settings.dial, events, this.#clock);
  }

  async start(target: TransportTarget): Promise<void> {
    this.#target = target;
    this.#telling = new Telling(target, (key, shard) => this.#isIn(key, shard), this.#clock);
    // Timers here keep no process alive, and between two connections nothing else does.
    this.#keepAlive = setInterval(() => {}, 2 ** 30);
    try {
      this.#tell();
      await this.#link.start();
      if (this.#target === null) return;
      const lanes = await this.#firstLanes();
      if (this.#target === null) return;
      const failed = (await Promise.all(lanes.map((lane) => this.#add(lane)))).find(isFinal);
      if (failed !== undefined) throw failed;
    } catch (error) {
      const isStopped = this.#target === null;
      await this.stop();
      // What was under way then has failed by that.
      if (!isStopped) throw error;
    }
  }

  ask(key: string): void {
    try {
      this.#link.connection?.publish(askSubject(key));
    } catch {
      // It is being closed. Whoever still lacks something when it is live again asks again.
    }
  }

  barrier(key: string, done: () => void): void {
    const shard = this.#shards.get(key);
    const isOfHost = (lane: string): boolean =>
      lane !== HEADS && lane !== SNAPSHOTS && (shard === undefined || lane === deltasLane(shard));
    const lanes = [...this.#lanes].filter(([name]) => isOfHost(name));
    let left = lanes.length;
    const one = (): void => {
      if (--left <= 0 && this.#target !== null) done();
    };
    if (left === 0) queueMicrotask(one);
    for (const [, { lane }] of lanes) lane.barrier(one);
  }

  async stop(): Promise<void> {
    this.#target = null;
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#cancelAsk();
    this.#standing.stop();
    for (const { lane } of this.#lanes.values()) lane.stop();
    await this.#link.stop();
  }

  async #firstLanes(): Promise<string[]> {
    const { headsOnly, shards } = this.#settings;
    if (headsOnly) return [HEADS];
    const names = shards ?? (await this.#list());
    return [HEADS, SNAPSHOTS, ...names.map(deltasLane)];
  }

  #list(): Promise<string[]> {
    this.#listedAt = this.#clock.now();
    const nc = this.#link.connection;
    return nc === null ? Promise.resolve([]) : listShards(nc);
  }

  /** @returns why its first try failed; null: it is open, and may mark */
  #add(name: string): Promise<Error | null> {
    return new Promise((resolve) => {
      const kind = name === HEADS || name === SNAPSHOTS ? name : 'deltas';
      const batch = BATCH[kind];
      const store = new JetStreamStore({ lane: name, isLast: kind !== 'deltas', batch, reader: this.#id });
      const events = {
        message: ({ subject, data }: { subject: string; data: Uint8Array }, age: number) => {
          if (this.#target !== null) this.#telling?.message(subject, data, age);
        },
        changed: () => this.#tell(),
        anew: () => {
          this.#wantsAll = true;
        },
        mute: () => this.#link.renew(`${streamOf(name)}: nothing comes`),
        tried: resolve,
      };
      const lane = new Lane({
        name: streamOf(name),
        store,
        events,
        clock: this.#clock,
        random: this.#random,
      });
      const reader = { lane, store };
      this.#lanes.set(name, reader);
      const nc = this.#link.connection;
      if (nc !== null && this.#down === null) void this.#connect(reader, nc);
      this.#tell();
    });
  }

  #up(nc: NatsConnection): void {
    this.#ups++;
    this.#down = null;
    this.#tell();
    for (const reader of this.#lanes.values()) void this.#connect(reader, nc);
  }

  #lost(reason: string): void {
    this.#ups++;
    this.#down = reason;
    this.#tell();
    for (const { lane } of this.#lanes.values()) lane.disconnected();
  }

  async #connect({ lane, store }: Reader, nc: NatsConnection): Promise<void> {
    const ups = this.#ups;
    await store.use(nc);
    if (ups === this.#ups) lane.connected();
  }

  #tell(): void {
    const lanes = [...this.#lanes.values()];
    const behind = lanes.find(({ lane }) => !lane.isLive);
    const isLive = lanes.length > 0 && behind === undefined;
    this.#standing.is(this.#down ?? (isLive ? null : (behind?.lane.reason ?? 'not connected')));
    if (this.#standing.isLive) this.#askAll();
  }

  #askAll(): void {
    if (!this.#wantsAll) return;
    const soonest = this.#askedAllAt + ASK_AGAIN - this.#clock.now();
    this.#cancelAsk();
    this.#cancelAsk = this.#clock.after(Math.max(soonest, this.#random() * ASK_WITHIN), () => {
      // Not live: then when it is so again.
      if (!this.#standing.isLive || this.#target === null) return;
      this.#wantsAll = false;
      this.#askedAllAt = this.#clock.now();
      this.ask(ALL);
    });
  }

  #isIn(key: string, shard: string): void {
    const before = this.#shards.get(key);
    this.#shards.set(key, shard);
    if (this.#settings.headsOnly || this.#lanes.has(deltasLane(shard))) return;
    if (this.#settings.shards !== null) {
      const message = `its deltas are in shard ${shard}, which is not among those that are read`;
      if (before !== shard) this.#target?.malformed(key, new FleetError('ERR_FLEET_MALFORMED', message));
      return;
    }
    if (this.#clock.now() - this.#listedAt >= LIST_AGAIN) void this.#addNew();
  }

  async #addNew(): Promise<void> {
    // Refused, or not connected: tried again by one of the next heads.
    const names = await this.#list().catch(() => []);
    if (this.#target === null) return;
    for (const lane of names.map(deltasLane)) if (!this.#lanes.has(lane)) void this.#add(lane);
  }
}

const isFinal = (error: Error | null): error is FleetError =>
  error instanceof FleetError && FINAL.has(error.code);
