/**
 * What a transport tells, as hosts and events: the engine of a `FleetWatcher`. It knows no more of
 * the transport than its interface, and of the time than the clocks that it is given.
 */
import type { Clock, EventEngine, PageNamespace, WireEvent } from '../core.ts';
import type { ConnectionState, FleetTransport, TransportTarget } from '../transport/transport.ts';
import type { Delta } from '../wire/delta.ts';
import type { Head } from '../wire/head.ts';
import type { Snapshot } from '../wire/snapshot.ts';
import { Asks } from './asks.ts';
import { Backlog } from './backlog.ts';
import type { Told } from './content.ts';
import type {
  FleetEvent,
  FleetHost,
  FleetWatcherStats,
  HostEventType,
  ResyncedReason,
} from './fleet-types.ts';
import type { FleetSettings } from './fleet-options.ts';
import { Host } from './host.ts';
import type { InstanceOwner } from './instance.ts';
import { isLateBy } from './member.ts';
import type { Member } from './member.ts';
import { PictureCache } from './picture-cache.ts';

/** Milliseconds. */
const TICK = 250;
/**
 * So many ticks from look to look at each host: no state of one is told later than that. They take
 * turns, so that those who listen get to hear of all that are late at once.
 */
const TURNS = 4;
/** By so many milliseconds a tick is late where this process stood still, or its host did. */
const STILL = 2000;
/** What came meanwhile is read first: within so many milliseconds nobody becomes late by that. */
const CATCH_UP = 5000;
const MOST_HOSTS = 100_000;

export interface ReaderClock extends Clock {
  /** Milliseconds since 1970. */
  wall(): number;
}

export class Reader implements EventEngine<FleetEvent>, TransportTarget {
  readonly hasJobs: boolean = false;
  readonly #transport: FleetTransport;
  readonly #settings: FleetSettings;
  readonly #clock: ReaderClock;
  readonly #wake: () => void;
  readonly #hosts = new Map<string, Host>();
  readonly #members = new Map<string, Member>();
  readonly #asks = new Asks();
  readonly #backlog: Backlog;
  readonly #pictures = new PictureCache();
  #connection: ConnectionState = 'connecting';
  /** Before that nothing is told: it is in the list. */
  #isSettled = false;
  #isClosed = false;
  #refused = 0;
  #ticks = 0;
  #made = 0;
  #isCaughtUpAt = -Infinity;
  #settle: () => void = () => {};
  #abandon: () => void = () => {};
  #cancel: () => void = () => {};

  constructor(settings: FleetSettings, clock: ReaderClock, wake: () => void) {
    this.#settings = settings;
    this.#transport = settings.transport;
    this.#clock = clock;
    this.#wake = wake;
    this.#backlog = new Backlog(settings.bufferSize);
  }

  /**
   * Done when all that was kept has been read, or when that takes too long; closed meanwhile, at
   * once.
   */
  async start(): Promise<void> {
    const settled = new Promise<void>((resolve) => (this.#settle = resolve));
    const abandoned = new Promise<void>((resolve) => (this.#abandon = resolve));
    const cancel = this.#clock.after(this.#settings.settleTimeout, () => this.#settle());
    this.#tick();
    try {
      await Promise.race([this.#transport.start(this), abandoned]);
      await settled;
    } finally {
      cancel();
    }
    this.#isSettled = true;
  }

  get ended(): boolean {
    return this.#isClosed;
  }

  next(): FleetEvent | undefined {
    return this.#backlog.take((last) => this.#unread(last));
  }

  recheck(): void {}
  pause(): void {}
  resume(): void {}
  ref(): void {}
  unref(): void {}

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancel();
    this.#settle();
    this.#abandon();
    await this.#transport.stop();
  }

  get connectionState(): ConnectionState {
    return this.#connection;
  }

  get stats(): Omit<FleetWatcherStats, 'buffered'> & { waiting: number } {
    const { drops: dropped, size: waiting } = this.#backlog;
    const hosts = this.#members.size;
    return { hosts, waiting, asks: this.#asks.total, dropped, refused: this.#refused };
  }

  hosts(): FleetHost[] {
    return [...this.#members.values()].map((member) => this.#view(member));
  }

  host(id: string): FleetHost | null {
    const member = this.#members.get(id);
    return member === undefined ? null : this.#view(member);
  }

  namespaces(id: string): PageNamespace[] {
    const member = this.#members.get(id);
    const owner = member?.instance.owner ?? null;
    const picture = owner === null ? null : member?.instance.picture(owner);
    return [...(picture?.namespaces.values() ?? [])];
  }

  /** As JSON of a `WireSnapshot`. */
  json(id: string): { seq: number; json: string } | null {
    const member = this.#members.get(id);
    const owner = member?.instance.owner ?? null;
    return owner === null ? null : (member?.instance.json(owner) ?? null);
  }

  told(id: string): Told | null {
    return this.#members.get(id)?.instance.told ?? null;
  }

  head(key: string, head: Head, age: number): void {
    if (this.#isClosed) return;
    // As it would be forgotten, were it known.
    if (age > this.#settings.forgetAfter && (head.bye || isLateBy(head, age))) return;
    this.#hostOf(key)?.head(head, age);
    this.#wakeUp();
  }

  delta(key: string, delta: Delta): void {
    if (this.#isClosed || this.#settings.heads) return;
    this.#hostOf(key)?.delta(delta);
    this.#wakeUp();
  }

  snapshot(key: string, snapshot: Snapshot): void {
    if (this.#isClosed || this.#settings.heads) return;
    this.#hostOf(key)?.snapshot(snapshot);
    this.#wakeUp();
  }

  malformed(key: string, _error: Error): void {
    const host = this.#hosts.get(key);
    if (host !== undefined) host.malformed++;
  }

  connection(state: ConnectionState, reason: string | null): void {
    if (this.#isClosed) return;
    const isOther = state !== this.#connection;
    this.#connection = state;
    if (isOther) this.#push({ type: 'connection', time: this.#time(), state, reason });
    if (isOther) for (const { instance } of this.#members.values()) instance.lost();
    if (state === 'live') {
      for (const { instance } of this.#members.values()) instance.look();
      this.#settle();
    }
    this.#wakeUp();
  }

  #hostOf(key: string): Host | null {
    const known = this.#hosts.get(key);
    if (known !== undefined) return known;
    if (this.#hosts.size >= MOST_HOSTS) {
      this.#refused++;
      return null;
    }
    const host = new Host(key, this.#made++ % TURNS, {
      now: () => this.#clock.now(),
      wall: () => this.#clock.wall(),
      event: (type, member) => this.#hostEvent(type, member),
      owner: (member, host) => this.#ownerOf(member, host),
      unowned: (member) => this.#asks.forget(member.id),
    });
    this.#hosts.set(key, host);
    return host;
  }

  #hostEvent(type: HostEventType, member: Member): void {
    if (type === 'hostRemoved') this.#members.delete(member.id);
    else this.#members.set(member.id, member);
    this.#push({ type, time: this.#time(), host: this.#view(member) });
  }

  #ownerOf(member: Member, host: Host): InstanceOwner | null {
    if (this.#settings.heads) return null;
    const { id, key } = member;
    const isLive = (): boolean => this.#connection === 'live';
    return {
      pictures: this.#pictures,
      get isLive(): boolean {
        return isLive();
      },
      now: () => this.#clock.now(),
      time: () => this.#time(),
      tell: (seq, event) => this.#tell(member, seq, event),
      resynced: (reason, complete) => this.#resynced(member, reason, complete),
      barrier: (done) => this.#transport.barrier(key, done),
      wants: (isWanted) => (isWanted ? this.#asks.want(id, this.#clock.now()) : this.#asks.done(id)),
      malformed: () => void host.malformed++,
    };
  }

  #tell(member: Member, seq: number | null, event: WireEvent): void {
    if (this.#isSettled) this.#push({ type: 'namespaceEvent', host: this.#view(member), seq, event });
  }

  #resynced(member: Member, reason: ResyncedReason, complete: boolean): void {
    this.#push({ type: 'resynced', time: this.#time(), host: this.#view(member), reason, complete });
  }

  /** What stands for events that nobody took. */
  #unread(last: FleetHost): FleetEvent {
    const time = this.#time();
    const member = this.#members.get(last.id);
    if (member === undefined) return { type: 'hostRemoved', time, host: last };
    return { type: 'resynced', time, host: this.#view(member), reason: 'unread', complete: false };
  }

  #push(event: FleetEvent): void {
    if (this.#isSettled) this.#backlog.push(event);
  }

  #view(member: Member): FleetHost {
    const malformed = this.#hosts.get(member.key)?.malformed ?? 0;
    return member.view(this.#connection, malformed, this.#settings.heads, this.#clock);
  }

  #time(): string {
    return new Date(this.#clock.wall()).toISOString();
  }

  #wakeUp(): void {
    if (this.#backlog.size > 0) this.#wake();
  }

  #tick(): void {
    const due = this.#clock.now() + TICK;
    this.#cancel = this.#clock.after(TICK, () => {
      const now = this.#clock.now();
      if (now - due > STILL) this.#isCaughtUpAt = now + CATCH_UP;
      if (now >= this.#isCaughtUpAt) this.#lapse(this.#ticks++ % TURNS);
      this.#ask();
      this.#wakeUp();
      if (!this.#isClosed) this.#tick();
    });
  }

  #lapse(turn: number): void {
    for (const [key, host] of this.#hosts) {
      if (host.turn !== turn) continue;
      host.lapse(this.#settings.forgetAfter);
      if (host.isEmpty) this.#hosts.delete(key);
    }
  }

  #ask(): void {
    if (this.#connection !== 'live') return;
    const mayAsk = (id: string): boolean => this.#members.get(id)?.state === 'live';
    const ask = (id: string): void => this.#transport.ask((this.#members.get(id) as Member).key);
    this.#asks.lapse(this.#clock.now(), mayAsk, ask);
  }
}
