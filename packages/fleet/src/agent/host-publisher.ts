/**
 * All that is published of one host: its events as they come, snapshots of what is there, heads. It
 * knows of no connection but whether there is one.
 */
import { Feed, View } from '../core.ts';
import type { InventoryEntry, UnifiedEvent } from '../core.ts';
import type { Outcome } from '../nats/publish.ts';
import { encodeHead } from '../wire/head.ts';
import type { Head } from '../wire/head.ts';
import type { ResyncReason } from '../wire/snapshot.ts';
import {
  deltasLane,
  deltaSubject,
  HEADS,
  headSubject,
  SNAPSHOTS,
  snapshotSubject,
  streamOf,
} from '../wire/subjects.ts';
import type { AgentIo, AgentSettings } from './agent-options.ts';
import { Heads } from './heads.ts';
import { countsOf, hostFacts } from './host-head.ts';
import type { HostFacts } from './host-head.ts';
import { Lanes } from './lanes.ts';
import type { LanesIo } from './lanes.ts';
import { Line } from './line.ts';

/** What is there now. */
export interface Host {
  namespaces: () => InventoryEntry[];
  isWatchingLinks: () => boolean;
  /** What can be known, and whether it is. */
  parts: (feed: Feed) => ReadonlyMap<string, boolean>;
}

export interface HostPublisherIo extends Pick<AgentIo, 'clock' | 'random' | 'interval'> {
  host: Host;
  /** May not reject. */
  send: (subject: string, payload: Uint8Array) => Promise<Outcome>;
  lanes: Pick<LanesIo, 'onMissing' | 'onRefused' | 'onUnanswered' | 'onRestored'>;
  onResync: (reason: ResyncReason) => void;
}

export type HostPublisherSettings = Pick<
  AgentSettings,
  'key' | 'epoch' | 'name' | 'shard' | 'target' | 'directory' | 'ring'
>;

/** Of namespaces that died nobody asks here. */
const DEAD = 1;

export class HostPublisher {
  readonly published: { heads: number; deltas: number; snapshots: number } = {
    heads: 0,
    deltas: 0,
    snapshots: 0,
  };
  readonly lanes: Lanes;
  readonly feed: Feed;
  readonly #key: string;
  readonly #io: HostPublisherIo;
  readonly #facts: HostFacts;
  readonly #heads: Heads;
  readonly #line: Line;
  /** Of the last head. */
  #look: Pick<Head, 'counts' | 'unavailable'>;

  constructor(settings: HostPublisherSettings, io: HostPublisherIo) {
    const { key, epoch, name, shard, target, ring, directory } = settings;
    const { clock, random, interval, onResync, host } = io;
    this.#key = key;
    this.#io = io;
    this.feed = new Feed({ epoch, ring, dead: DEAD, directory }, host.namespaces());
    this.#look = this.#lookNow();
    this.#facts = hostFacts({ epoch, name, shard, target, interval });
    this.lanes = new Lanes({ ...io.lanes, onRenewed: (stream) => this.#renewed(stream) });
    this.#heads = new Heads({ clock, random, interval, publish: () => this.#head(false) });
    this.#line = new Line({
      clock,
      random,
      epoch,
      ring: this.feed.ring,
      snapshot: () => this.#snapshot(),
      delta: (payload) => this.#send('deltas', deltasLane(shard), deltaSubject(shard, key), payload),
      part: (payload, part) => this.#send('snapshots', SNAPSHOTS, snapshotSubject(key, part), payload),
      head: () => this.#heads.now(),
      onResync,
    });
  }

  /** The number of the last event that is kept for sure. */
  get kept(): number {
    return this.#line.kept;
  }

  /** There is a connection: a head at once, then what is lacking. */
  open(): void {
    this.#heads.open();
    this.#line.open();
  }

  close(): void {
    this.#heads.close();
    this.#line.close();
  }

  ask(isAll: boolean): void {
    this.#line.ask(isAll);
  }

  take(event: UnifiedEvent): void {
    this.feed.take(event, new Date());
    this.#line.heard();
  }

  /** For the goodbye: a watcher that has stopped knows nothing any more. */
  look(): void {
    this.#look = this.#lookNow();
  }

  /** After events that came together. */
  wake(): void {
    this.#line.wake();
  }

  /** What remains, and a goodbye. @param deadline milliseconds, for each of them */
  async finish(deadline: number): Promise<void> {
    await this.#line.drain(deadline);
    this.close();
    const late = new Promise<void>((resolve) => this.#io.clock.after(deadline, resolve));
    await Promise.race([this.#head(true), late]);
  }

  #head(bye: boolean): Promise<Outcome> {
    if (!bye) this.look();
    const time = new Date().toISOString();
    const head: Head = { ...this.#facts, ...this.#look, seq: this.kept, time, bye };
    return this.#send('heads', HEADS, headSubject(this.#key), encodeHead(head));
  }

  #lookNow(): Pick<Head, 'counts' | 'unavailable'> {
    const { host } = this.#io;
    const unavailable = [...host.parts(this.feed)].flatMap(([part, isThere]) => (isThere ? [] : [part]));
    return { counts: countsOf(host.namespaces(), host.isWatchingLinks()), unavailable };
  }

  /** Nothing of it is kept here: it is made for each snapshot, which are seldom. */
  #snapshot(): { seq: number; json: string } {
    const { clock, host } = this.#io;
    return new View(
      this.feed,
      host.namespaces,
      () => clock.now(),
      () => host.parts(this.feed),
    ).snapshot();
  }

  async #send(
    counter: keyof HostPublisher['published'],
    lane: string,
    subject: string,
    payload: Uint8Array,
  ): Promise<Outcome> {
    const outcome = await this.#io.send(subject, payload);
    if (outcome.kind === 'kept') this.published[counter]++;
    return this.lanes.heed(streamOf(lane), outcome);
  }

  #renewed(stream: string): void {
    // A head is all there is of one; of the others a snapshot has all, also one that goes just now.
    if (stream !== streamOf(HEADS)) void this.#heads.now();
    if (stream !== streamOf(SNAPSHOTS)) this.#line.renew();
  }
}
