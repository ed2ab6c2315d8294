/**
 * The engine of `NamespaceEventSubscriber`: reads notifications, asks the kernel about each nsid
 * that is reported as removed, and recovers from losses. It has two sockets, so that answers never
 * mix with notifications. What a notification comes to: nsid-states.ts.
 *
 * | phase   | notifications       | none left               | a loss          | a shortage |
 * | ------- | ------------------- | ----------------------- | --------------- | ---------- |
 * | reading | asks (1), emits     | sleeps                  | lists           | backs off  |
 * | asking  | wait                | -                       | -               | backs off  |
 * | listing | part of it, or wait | emits (2), then reads   | lists again (3) | backs off  |
 * | backoff | wait                | -                       | -               | then lists |
 *
 * (1) The answer is almost always there at once, so that it goes on reading. (2) What differs from
 * the list, then `resynced`. (3) A few times; after that, it is the next loss.
 */
import { NETLINK_ROUTE } from '../../netlink/constants.ts';
import { NsidGroupReader } from '../../netlink/nsid-group-reader.ts';
import type { NsidLoss } from '../../netlink/nsid-group-reader.ts';
import type { NsidEvent } from '../../netlink/nsid-event.ts';
import { areAssigned } from '../../netlink/nsid-listing.ts';
import { NEW_NAMESPACE, openSockets } from '../../netlink/raw-socket.ts';
import type { RawSocket } from '../../netlink/raw-socket.ts';
import { REMOVALS_ONLY } from '../../netlink/removals-filter.ts';
import { Requester } from '../../netlink/requester.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import type { Clock } from '../stream/clock.ts';
import type { EventEngine } from '../stream/event-stream.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';
import { WakeupCoalescer } from '../stream/wakeup-coalescer.ts';
import { chain } from '../stream/chain.ts';
import type { NamespaceIdEvent } from './nsid-events.ts';
import type { SubscriberSettings } from './nsid-options.ts';
import { addYounger, listOrigin, listSettled } from './nsid-snapshot.ts';
import { NsidTables } from './nsid-tables.ts';

export interface SubscriberIo {
  system: NetlinkSystem;
  clock: Clock;
}

/** NsidGroupReader that are taken together, so that one batch of requests asks for all of them. */
const BATCH = 64;
/** A receive buffer that holds what comes while wakeups are coalesced, bookkeeping included. */
const AMPLE_BUFFER = 4 * 1024 * 1024;

export class NsidEngine implements EventEngine<NamespaceIdEvent> {
  readonly ended = false;
  readonly #notifications: NsidGroupReader;
  readonly #requester: Requester;
  readonly #clock: Clock;
  readonly #coalesces: boolean;
  #tables: NsidTables;
  #wakeups: WakeupCoalescer | null = null;
  #wake: () => unknown = () => {};
  #pendingEvents: Iterator<NamespaceIdEvent, void> | null = null;
  /** Asking, listing or in backoff. */
  #awaitingKernel = false;
  /** The consumer lags. */
  #paused = false;
  #closed = false;
  #failure: Error | null = null;
  #cancelBackoff: (() => void) | null = null;
  readonly #backoff = new RetryBackoff();
  #resyncs = 0;
  #adoptedWhileListing: Set<number> | null = null;

  /**
   * Joins the group. {@link list} comes next.
   * @param sockets two that are open, in the place of the settings; taken over
   * @throws NlinkError, SystemError as `NamespaceEventSubscriber.open` says
   */
  constructor(
    { system, clock }: SubscriberIo,
    settings: SubscriberSettings,
    sockets: readonly RawSocket[] = openSockets(system, NETLINK_ROUTE, settings.place, 2),
  ) {
    this.#clock = clock;
    const [requests, events] = sockets as [RawSocket, RawSocket];
    this.#requester = new Requester(requests);
    // Whoever listens in a new namespace assigns the nsids there himself, each once.
    if (settings.place === NEW_NAMESPACE) events.filter(REMOVALS_ONLY);
    this.#tables = new NsidTables([], false, settings.place !== NEW_NAMESPACE);
    try {
      this.#notifications = new NsidGroupReader(events, settings.receiveBufferSize, settings.allNamespaces);
      this.#coalesces = events.receiveBuffer >= AMPLE_BUFFER;
    } catch (error) {
      this.#requester.close();
      events.close();
      throw error;
    }
  }

  /** An engine that has listed what is there. @throws as the constructor */
  static async open(
    io: SubscriberIo,
    settings: SubscriberSettings,
    sockets?: readonly RawSocket[],
  ): Promise<NsidEngine> {
    const engine = new NsidEngine(io, settings, sockets);
    try {
      await engine.list();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** Lists the nsids that are assigned. Nothing is emitted of these. */
  async list(): Promise<void> {
    const { nsids, complete } = await listSettled(this.#requester, this.#notifications, []);
    this.#tables = new NsidTables(nsids, complete, this.#tables.areReused);
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: () => unknown): this {
    this.#wake = wake;
    const count = (): number => this.#notifications.counters.datagrams;
    this.#wakeups = new WakeupCoalescer(this.#notifications, this.#clock, count, wake, this.#coalesces);
    return this;
  }

  /** The nsids that were emitted as assigned, or were there at the start. */
  get known(): ReadonlySet<number> {
    return this.#tables.known;
  }

  /** Somebody has this nsid, or will in a moment, although it was neither listed nor reported. */
  adopt(nsid: number): void {
    this.#tables.adopt(nsid);
    this.#adoptedWhileListing?.add(nsid);
  }

  /** Nobody has got an nsid that was adopted. */
  disown(nsid: number): void {
    this.#tables.disown(nsid);
  }

  /** For requests of others; shared with the engine's own. */
  get requester(): Requester {
    return this.#requester;
  }

  /** Whether {@link next} has nothing now, although more may follow. */
  get awaitingKernel(): boolean {
    return this.#awaitingKernel;
  }

  get hasJobs(): boolean {
    return this.#awaitingKernel;
  }

  /** Nothing: each {@link next} asks the kernel. */
  recheck(): void {}

  /** How often notifications were received. */
  get batches(): number {
    return this.#notifications.batches;
  }

  /** How often the nsids were listed after a loss. */
  get resyncs(): number {
    return this.#resyncs;
  }

  /** Whether all nsids could be listed at the start, or after the last loss. */
  get complete(): boolean {
    return this.#tables.complete;
  }

  /** Counters since the start. */
  get counters(): NsidGroupReader['counters'] & { resyncs: number; complete: boolean } {
    return { ...this.#notifications.counters, resyncs: this.#resyncs, complete: this.#tables.complete };
  }

  next(): NamespaceIdEvent | undefined {
    for (;;) {
      if (this.#pendingEvents !== null) {
        const pending = this.#pendingEvents.next();
        if (pending.done !== true) return pending.value;
        this.#pendingEvents = null;
      }
      if (this.#failure !== null) throw this.#failure;
      if (this.#awaitingKernel || this.#closed) return undefined;
      const event = this.#read();
      if (event === 'again') continue;
      if (event !== null) return event;
      const loss = this.#notifications.takeLoss();
      if (loss === null) return undefined;
      void this.#await(() => this.#resync(loss), loss);
    }
  }

  pause(): void {
    this.#paused = true;
    this.#wakeups?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#awaitingKernel) this.#wakeups?.resume();
  }

  ref(): void {
    this.#wakeups?.ref();
  }

  unref(): void {
    this.#wakeups?.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelBackoff?.();
    this.#wakeups?.close();
    this.#notifications.close();
    this.#requester.close();
  }

  /**
   * Takes a notification, or some where the kernel has to be asked. @returns the one event that it
   * came to; `again`: there are some, or a wait
   */
  #read(): NsidEvent | 'again' | null {
    try {
      const first = this.#notifications.next();
      if (first === null || this.#tables.takeIn(first)) return first;
      const { events, ends } = this.#take(first);
      const inUse = ends.length === 0 ? [] : areAssigned(this.#requester, ends);
      const done = chain(inUse, (states) => {
        this.#pendingEvents = this.#tables.apply(events, states);
      });
      if (done instanceof Promise) void this.#await(() => done, 'overflow');
    } catch (error) {
      this.#retryLater(error, 'overflow');
    }
    return 'again';
  }

  /** The next notifications, and those nsids that end by them and can be asked for. */
  #take(first: NsidEvent): { events: NsidEvent[]; ends: number[] } {
    const events: NsidEvent[] = [];
    const ends: number[] = [];
    const most = Math.min(BATCH, this.#requester.batch);
    for (let event: NsidEvent | null = first; event !== null;) {
      events.push(event);
      if (event.type === 'delNsid' && event.origin === undefined) ends.push(event.nsid);
      // What was received is emitted before more is received: asking takes as long as emitting.
      event = events.length < most && this.#notifications.received ? this.#notifications.next() : null;
    }
    return { events, ends };
  }

  /** Recovers from a loss. */
  async #resync(reason: NsidLoss): Promise<void> {
    const adopted = (this.#adoptedWhileListing = new Set<number>());
    const { nsids, complete } = await listSettled(this.#requester, this.#notifications, this.known);
    const others = new Map<number, ReadonlySet<number> | null>();
    for (const origin of this.#tables.origins)
      others.set(origin, nsids.has(origin) ? await listOrigin(this.#requester, origin) : null);
    await addYounger(this.#requester, nsids, adopted);
    this.#adoptedWhileListing = null;
    this.#resyncs++;
    this.#pendingEvents = this.#tables.reconcile(reason, { nsids, complete, others });
  }

  /** Waits for the kernel. @param loss what counts as lost if that fails */
  async #await(work: () => Promise<void>, loss: NsidLoss): Promise<void> {
    this.#setAwaiting(true);
    try {
      await work();
    } catch (error) {
      return this.#retryLater(error, loss);
    }
    this.#backoff.reset();
    this.#setAwaiting(false);
    this.#wake();
  }

  /** Waits until a shortage may have passed, then lists everything. */
  #retryLater(error: unknown, loss: NsidLoss): void {
    if (this.#closed) return;
    this.#setAwaiting(true);
    try {
      this.#cancelBackoff = this.#clock.after(this.#backoff.onError(error), () => {
        void this.#await(() => this.#resync(loss), loss);
      });
    } catch (fatal) {
      this.#failure = fatal as Error;
      this.#wake();
    }
  }

  #setAwaiting(awaiting: boolean): void {
    this.#awaitingKernel = awaiting;
    if (this.#closed) return;
    if (awaiting) this.#wakeups?.pause();
    else if (!this.#paused) this.#wakeups?.resume();
  }
}
