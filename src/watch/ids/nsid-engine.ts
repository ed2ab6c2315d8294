/**
 * The engine of `NamespaceEventSubscriber`: reads notifications, asks the kernel about each id that
 * is said to be removed, and makes losses good. Two sockets, so that questions are never mixed with
 * notifications. What is told of an id: nsid-table.ts.
 *
 * | state    | notifications               | none left       | a loss                  | the kernel lacks memory         |
 * | -------- | --------------------------- | --------------- | ----------------------- | ------------------------------- |
 * | reading  | questions are asked; told   | sleeps          | listing                 | resting, then listing           |
 * | asking   | wait (the kernel's answer is there at once; only if not) | - | - | resting, then listing |
 * | listing  | part of the listing, or after it | differences told, `resynced`: reading | listed again, a few times | resting, then listing |
 * | resting  | wait                        | -               | -                       | -                               |
 */
import { NETLINK_ROUTE } from '../../netlink/constants.ts';
import { NsidGroupReader } from '../../netlink/nsid-group-reader.ts';
import type { NsidLoss } from '../../netlink/nsid-group-reader.ts';
import type { NsidEvent } from '../../netlink/nsid-event.ts';
import { areAssigned } from '../../netlink/nsid-listing.ts';
import { openSockets } from '../../netlink/raw-socket.ts';
import type { RawSocket } from '../../netlink/raw-socket.ts';
import { Requester } from '../../netlink/requester.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import type { Clock } from '../stream/clock.ts';
import type { EventEngine } from '../stream/event-stream.ts';
import type { NamespaceIdEvent } from './nsid-events.ts';
import { listOrigin, listSettled } from './nsid-snapshot.ts';
import { NsidStates } from './nsid-states.ts';
import type { SubscriberSettings } from './nsid-options.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';
import { WakeupCoalescer } from '../stream/wakeup-coalescer.ts';

/** What the subscriber works with. */
export interface SubscriberIo {
  system: NetlinkSystem;
  clock: Clock;
}

/** Notifications that are taken together, so that what they ask can be asked together. */
const BATCH = 64;
/**
 * A receive buffer of this many bytes, bookkeeping included, takes what comes in the moment that
 * the brake waits.
 */
const AMPLE = 4 * 1024 * 1024;

export class NsidEngine implements EventEngine<NamespaceIdEvent> {
  readonly ended = false;
  readonly #notifications: NsidGroupReader;
  readonly #requester: Requester;
  readonly #clock: Clock;
  readonly #ample: boolean;
  #table = new NsidStates(false);
  /** Ids in other namespaces, by the id of that namespace here. */
  readonly #others = new Map<number, NsidStates>();
  #brake: WakeupCoalescer | null = null;
  #wake: () => void = () => {};
  /** What is to be told, and is being told. */
  #story: Iterator<NamespaceIdEvent, void> = [][Symbol.iterator]();
  /** The kernel is asked, and has not answered yet; or is left alone for a while. */
  #busy = false;
  #paused = false;
  #closed = false;
  #failure: Error | null = null;
  #cancelRest: (() => void) | null = null;
  readonly #patience = new RetryBackoff();
  #resyncs = 0;

  private constructor({ system, clock }: SubscriberIo, settings: SubscriberSettings) {
    this.#clock = clock;
    const [questions, events] = openSockets(system, NETLINK_ROUTE, settings.place, 2) as [
      RawSocket,
      RawSocket,
    ];
    this.#requester = new Requester(questions);
    try {
      this.#notifications = new NsidGroupReader(events, settings.receiveBufferSize, settings.allNamespaces);
      this.#ample = events.receiveBuffer >= AMPLE;
    } catch (error) {
      this.#requester.close();
      events.close();
      throw error;
    }
  }

  /**
   * Joins the group, then lists what is there.
   * @param prepare what is done after the one and before the other
   * @throws NlinkError, SystemError as `NamespaceEventSubscriber.open` says
   */
  static async open(
    io: SubscriberIo,
    settings: SubscriberSettings,
    prepare: (requester: Requester) => Promise<void> = async () => {},
  ): Promise<NsidEngine> {
    const engine = new NsidEngine(io, settings);
    try {
      await prepare(engine.#requester);
      const { ids, complete } = await listSettled(engine.#requester, engine.#notifications, []);
      engine.#table = new NsidStates(complete);
      engine.#table.adopt(ids);
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: () => void): this {
    this.#wake = wake;
    const count = (): number => this.#notifications.counters.datagrams;
    this.#brake = new WakeupCoalescer(this.#notifications, this.#clock, count, wake, this.#ample);
    return this;
  }

  /** The ids that have been told as assigned, or were there at the start. */
  get known(): ReadonlySet<number> {
    return this.#table.known;
  }

  /**
   * Somebody has this id, which was not listed: the kernel's list was cut off. Nothing is told of
   * it.
   */
  adopt(nsid: number): void {
    this.#table.adopt([nsid]);
  }

  /** For questions of others; shared with the engine's own. */
  get requester(): Requester {
    return this.#requester;
  }

  /**
   * Whether it waits for the kernel, so that {@link next} has nothing although there may be more.
   */
  get busy(): boolean {
    return this.#busy;
  }

  /** Counters since the start. */
  get counters(): NsidGroupReader['counters'] & { resyncs: number; complete: boolean } {
    return { ...this.#notifications.counters, resyncs: this.#resyncs, complete: this.#table.complete };
  }

  next(): NamespaceIdEvent | undefined {
    for (;;) {
      const told = this.#story.next();
      if (told.done !== true) return told.value;
      if (this.#failure !== null) throw this.#failure;
      if (this.#busy || this.#closed) return undefined;
      if (this.#read() || this.#busy) continue;
      const loss = this.#notifications.takeLoss();
      if (loss === null) return undefined;
      void this.#work(() => this.#resync(loss), loss);
    }
  }

  pause(): void {
    this.#paused = true;
    this.#brake?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#busy) this.#brake?.resume();
  }

  ref(): void {
    this.#brake?.ref();
  }

  unref(): void {
    this.#brake?.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRest?.();
    this.#brake?.close();
    this.#notifications.close();
    this.#requester.close();
  }

  /** Takes some notifications. @returns whether there were any, and what they tell is known */
  #read(): boolean {
    const events: NsidEvent[] = [];
    const ends: number[] = [];
    try {
      const most = Math.min(BATCH, this.#requester.batch);
      // What has been received is told before more is: asking the kernel takes as long as telling.
      while (events.length < most && (events.length === 0 || this.#notifications.received)) {
        const event = this.#notifications.next();
        if (event === null) break;
        events.push(event);
        if (event.type === 'delNsid' && event.origin === undefined) ends.push(event.nsid);
      }
      if (events.length === 0) return false;
      if (ends.length === 0) {
        this.#story = this.#tell(events, []);
        return true;
      }
      const states = areAssigned(this.#requester, ends);
      if (!(states instanceof Promise)) {
        this.#story = this.#tell(events, states);
        return true;
      }
      void this.#work(async () => {
        this.#story = this.#tell(events, await states);
      }, 'overflow');
    } catch (error) {
      this.#outlast(error, 'overflow');
    }
    return false;
  }

  /**
   * What notifications come to. `states`: whether the ids of those that end one are assigned, in
   * order.
   */
  *#tell(events: readonly NsidEvent[], states: readonly (boolean | null)[]): Generator<NsidEvent, void> {
    let asked = 0;
    for (const event of events) {
      const { origin } = event;
      if (origin !== undefined) {
        const table = this.#tableOf(origin);
        yield* event.type === 'newNsid' ? table.assigned(event) : table.removed(event, null);
        continue;
      }
      const changes =
        event.type === 'newNsid'
          ? this.#table.assigned(event)
          : this.#table.removed(event, states[asked++] ?? null);
      for (const told of changes) {
        // That namespace is no more, and with it its ids of others.
        if (told.type === 'delNsid') this.#others.delete(told.nsid);
        yield told;
      }
    }
  }

  #tableOf(origin: number): NsidStates {
    let table = this.#others.get(origin);
    if (table === undefined) this.#others.set(origin, (table = new NsidStates(false, origin)));
    return table;
  }

  /** Makes a loss good. */
  async #resync(reason: NsidLoss): Promise<void> {
    const { ids, complete } = await listSettled(this.#requester, this.#notifications, this.#table.known);
    const others = new Map<number, ReadonlySet<number> | null>();
    for (const origin of this.#others.keys()) {
      others.set(origin, ids.has(origin) ? await listOrigin(this.#requester, origin) : null);
    }
    this.#table.complete = complete;
    this.#resyncs++;
    this.#story = this.#tellDifference(reason, ids, complete, others);
  }

  *#tellDifference(
    reason: NsidLoss,
    ids: ReadonlySet<number>,
    complete: boolean,
    others: ReadonlyMap<number, ReadonlySet<number> | null>,
  ): Generator<NamespaceIdEvent, void> {
    for (const [origin, listed] of others) {
      const table = this.#others.get(origin);
      if (listed === null) this.#others.delete(origin);
      // What else they hold was never told.
      else if (table !== undefined) yield* table.reconcile(listed, false);
    }
    yield* this.#table.reconcile(ids);
    yield { type: 'resynced', reason, complete };
  }

  /** Does what may have to wait for the kernel. */
  async #work(work: () => Promise<void>, loss: NsidLoss): Promise<void> {
    this.#setBusy(true);
    try {
      await work();
    } catch (error) {
      this.#outlast(error, loss);
      return;
    }
    this.#patience.renew();
    this.#setBusy(false);
    this.#wake();
  }

  /** What the kernel lacks for a moment is waited for; then all is listed. */
  #outlast(error: unknown, loss: NsidLoss): void {
    if (this.#closed) return;
    this.#setBusy(true);
    try {
      this.#cancelRest = this.#clock.after(this.#patience.outlast(error), () => {
        this.#cancelRest = null;
        void this.#work(() => this.#resync(loss), loss);
      });
    } catch (fatal) {
      this.#failure = fatal as Error;
      this.#wake();
    }
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    if (this.#closed) return;
    if (busy) this.#brake?.pause();
    else if (!this.#paused) this.#brake?.resume();
  }
}
