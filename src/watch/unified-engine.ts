/**
 * The engine of `UnifiedNamespaceWatcher`: an engine for the names of each directory and one for the ids, whose events become facts of one
 * inventory. Names go first: an id is told of namespaces that have their names by then. Which name has an id is found out by
 * asking (nsid-resolver.ts).
 *
 * | event                    | before it becomes a fact                                                                    |
 * | ------------------------ | ------------------------------------------------------------------------------------------- |
 * | `created`, `mounted`     | the namespace is asked for its id                                                           |
 * | `unmounted`, `deleted`   | the ids that wait are read, so that an end is known; the kernel is asked whether the id is still in use |
 * | `newNsId`                | names are asked, the newest first; not found while names are held back: waits a moment for them |
 * | `delNsId`                | -                                                                                           |
 * | `resynced`               | waits until neither names nor ids have more to tell: one event for both                     |
 */
import { areAssigned } from '../netlink/nsid-listing.ts';
import { Observer } from '../netns/observe.ts';
import { cPath } from '../reference/names.ts';
import { THREAD_NAMESPACE } from '../reference/round-trip.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { Engine } from './engine.ts';
import type { WatcherIo } from './engine.ts';
import type { EventEngine } from './event-stream.ts';
import type { NamespaceEvent } from './events.ts';
import { Inventory } from './inventory.ts';
import { NsidBacklog } from './nsid-backlog.ts';
import { NsidEngine } from './nsid-engine.ts';
import type { NamespaceIdEvent } from './nsid-events.ts';
import { NsidResolver } from './nsid-resolver.ts';
import type { UnifiedSettings } from './options.ts';
import type { LocatedName, UnifiedEvent } from './unified-events.ts';

/** What the watcher works with. */
export type UnifiedIo = Omit<WatcherIo, 'system'> & { system: NetlinkSystem };

/** Changes of ids that are read ahead at most: more than the kernel keeps for us (notifications.ts), so that none are older. */
const AHEAD = 16_384;

type NsidChange = Extract<NamespaceIdEvent, { nsid: number }>;
type IdsError = Error & { code: string };

export class UnifiedEngine implements EventEngine<UnifiedEvent> {
  readonly inventory: Inventory;
  readonly #io: UnifiedIo;
  readonly #settings: UnifiedSettings;
  readonly #names: { directory: string; engine: Engine }[] = [];
  #ids: NsidEngine | null = null;
  #resolver: NsidResolver | null = null;
  #wake: () => void = () => {};
  #story: Iterator<UnifiedEvent, void> = [][Symbol.iterator]();
  /** Ids that were read ahead, and what is told of those that ended, before all else. */
  readonly #ahead = new NsidBacklog();
  #early: UnifiedEvent[] = [];
  /** The id whose beginning is about to be told. */
  #beginning: number | null = null;
  #started = false;
  readonly #lost = new Set<'names' | 'ids'>();
  #complete = true;
  #unavailable: UnifiedEvent | undefined = undefined;
  #busy = false;
  #closed = false;
  #failure: Error | null = null;

  private constructor(io: UnifiedIo, settings: UnifiedSettings) {
    this.#io = io;
    this.#settings = settings;
    const own = new Observer(io.system).observe(cPath(THREAD_NAMESPACE), true);
    this.inventory = new Inventory(
      own.kind === 'namespace' ? own.namespace : null,
      (nsid) => this.#ahead.beginnings(nsid) + Number(this.#begins(nsid)),
    );
  }

  /** @throws as `UnifiedNamespaceWatcher.open` says */
  static async open(io: UnifiedIo, settings: UnifiedSettings): Promise<UnifiedEngine> {
    const engine = new UnifiedEngine(io, settings);
    try {
      await engine.#openIds();
      engine.#openNames();
      await engine.#adopt();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: () => void): this {
    this.#wake = wake;
    this.#started = true;
    this.#ids?.start(wake);
    return this;
  }

  /** Whether the watcher has ended of itself: all directories are gone, and not waited for. */
  get ended(): boolean {
    return this.#names.every(({ engine }) => engine.ended);
  }

  /** Whether each directory is watched, and none is waited for. */
  get watching(): boolean {
    return this.#names.every(({ engine }) => engine.watching);
  }

  /** The engines of names, for their counters. */
  get names(): readonly Engine[] {
    return this.#names.map(({ engine }) => engine);
  }

  get ids(): NsidEngine | null {
    return this.#ids;
  }

  /** Names that were asked for their ids. */
  get asked(): number {
    return this.#resolver?.asker.asked ?? 0;
  }

  next(): UnifiedEvent | undefined {
    for (;;) {
      const told = this.#story.next();
      if (told.done !== true) return told.value;
      const early = this.#early.shift();
      if (early !== undefined) return early;
      const unavailable = this.#takeUnavailable();
      if (unavailable !== undefined) return unavailable;
      if (this.#failure !== null) throw this.#failure;
      if (this.#busy || this.#closed) return undefined;
      if (this.#takeName() || this.#takeId() || this.#takeHeld()) continue;
      if (this.#busy) return undefined;
      if (this.#lost.size === 0 || this.#ids?.busy === true || this.#resolver?.holds === true)
        return undefined;
      const lost = [...this.#lost].sort().reverse();
      this.#lost.clear();
      return { type: 'resynced', lost, complete: this.#complete };
    }
  }

  pause(): void {
    for (const { engine } of this.#names) engine.pause();
    this.#ids?.pause();
  }

  resume(): void {
    for (const { engine } of this.#names) engine.resume();
    this.#ids?.resume();
  }

  ref(): void {
    for (const { engine } of this.#names) engine.ref();
    this.#ids?.ref();
  }

  unref(): void {
    for (const { engine } of this.#names) engine.unref();
    this.#ids?.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#resolver?.close();
    await Promise.all([...this.#names.map(({ engine }) => engine.close()), this.#ids?.close()]);
  }

  async #openIds(): Promise<void> {
    const { netlink, assignNsids, bufferSize, signal, receiveBufferSize } = this.#settings;
    if (netlink === 'off') return;
    const settings = { bufferSize, signal, receiveBufferSize, place: {}, allNamespaces: false };
    try {
      this.#ids = await NsidEngine.open(this.#io, settings);
      this.#resolver = new NsidResolver(
        this.#io,
        this.inventory,
        this.#ids.requester,
        assignNsids,
        () => this.#wake(),
        () => this.#started && this.#readAhead(),
      );
      if (assignNsids) await this.#resolver.requirePrivilege();
    } catch (error) {
      if (netlink === 'require' || assignNsids) throw error;
      this.#loseIds(error as IdsError);
    }
  }

  #openNames(): void {
    const { directories } = this.#settings;
    for (const directory of directories) {
      const engine = new Engine(this.#io, { ...this.#settings, directory }, () => this.#wake());
      this.#names.push({ directory, engine });
    }
  }

  /** Takes in what is there. */
  async #adopt(): Promise<void> {
    for (const { directory, engine } of this.#names) {
      for (const { name, path, ...entry } of engine.table.entries()) {
        const located = { name, path, directory };
        this.inventory.add(
          located,
          entry.ready ? { namespace: entry.namespace, claim: null } : { reason: entry.reason },
        );
      }
    }
    await this.#resolver?.askAll();
    for (const nsid of this.#ids?.known ?? []) this.inventory.adopt(nsid);
  }

  #takeName(): boolean {
    for (const { directory, engine } of this.#names) {
      const event = engine.next();
      if (event === undefined) continue;
      this.#onName(directory, event);
      return true;
    }
    return false;
  }

  #onName(directory: string, event: NamespaceEvent): void {
    const { inventory } = this;
    switch (event.type) {
      case 'created':
      case 'mounted': {
        const located = { name: event.name, path: event.path, directory };
        if (event.type === 'created' && !event.ready) {
          this.#tell(inventory.created(located, { reason: event.reason }));
          return;
        }
        const { namespace } = event as { namespace: NonNullable<typeof event.namespace> };
        const claim = this.#resolver?.claimOf({ path: event.path, namespace }) ?? null;
        this.#when(claim, (nsid) => {
          if (nsid !== null) this.#readAhead();
          const told =
            event.type === 'created'
              ? inventory.created(located, { namespace, claim: nsid })
              : inventory.mounted(located, namespace, nsid);
          this.#tell(told);
        });
        return;
      }
      case 'unmounted':
      case 'deleted':
        this.#onLeave({ name: event.name, path: event.path, directory }, event);
        return;
      case 'resynced':
        this.#lost.add('names');
        return;
      default:
        this.#tell([event]);
    }
  }

  #onLeave(located: LocatedName, event: Extract<NamespaceEvent, { type: 'unmounted' | 'deleted' }>): void {
    const { inventory } = this;
    this.#readAhead();
    const nsid = inventory.lifeAt(located.path);
    const states = nsid === null || this.#ids === null ? [null] : areAssigned(this.#ids.requester, [nsid]);
    this.#when(states, ([assigned = null]) => {
      const told =
        event.type === 'deleted'
          ? inventory.deleted(located, event.namespace, assigned)
          : inventory.unmounted(located, assigned);
      this.#tell(told);
    });
  }

  /**
   * Reads the ids that wait: the kernel's answers are newer than they are. Those that end are taken in at once, and told before all else; the
   * others wait for their turn.
   */
  #readAhead(): void {
    while (this.#ahead.size < AHEAD) {
      const event = this.#nextId();
      if (event === undefined) break;
      const { type, nsid } = event;
      if (type === 'delNsId' && !this.#begins(nsid) && !this.#ahead.has(nsid)) {
        this.#early.push(...this.inventory.removed(nsid));
        continue;
      }
      this.#ahead.push(event);
    }
    const unavailable = this.#takeUnavailable();
    if (unavailable !== undefined) this.#early.push(unavailable);
  }

  /** Whether an id's beginning is about to be told. */
  #begins(nsid: number): boolean {
    return nsid === this.#beginning || this.#resolver?.isHeld(nsid) === true;
  }

  #tell(events: readonly UnifiedEvent[]): void {
    this.#story = [...this.#early, ...events].values();
    this.#early = [];
  }

  /** The next change of ids from the kernel. */
  #nextId(): NsidChange | undefined {
    while (this.#ids !== null) {
      let event: NamespaceIdEvent | undefined;
      try {
        event = this.#ids.next();
      } catch (error) {
        if (this.#settings.netlink === 'require') throw error;
        void this.#ids.close();
        this.#loseIds(error as IdsError);
        return undefined;
      }
      if (event?.type !== 'resynced') return event;
      this.#lost.add('ids');
      this.#complete = event.complete;
    }
    return undefined;
  }

  #takeId(): boolean {
    const ids = this.#ids;
    const event = this.#ahead.shift() ?? this.#nextId();
    const resolver = this.#resolver;
    if (event === undefined || resolver === null) return ids !== this.#ids;
    const { nsid } = event;
    if (event.type === 'delNsId') {
      const held = resolver.release(nsid) ? this.#begin(nsid) : [];
      this.#tell([...held, ...this.inventory.removed(nsid)]);
      return true;
    }
    this.#beginning = nsid;
    this.#when(resolver.find(nsid), (found) => {
      if (!found && this.#namesPend) {
        resolver.hold(nsid);
        this.#beginning = null;
      } else this.#tell(this.#begin(nsid));
    });
    return true;
  }

  /** An id whose name was not there yet. */
  #takeHeld(): boolean {
    const resolver = this.#resolver;
    const nsid = resolver?.due(this.#namesPend);
    if (resolver === null || nsid === undefined) return false;
    this.#beginning = nsid;
    this.#when(resolver.find(nsid), () => this.#tell(this.#begin(nsid)));
    return true;
  }

  /** Whether names are held back. */
  get #namesPend(): boolean {
    return this.#names.some(({ engine }) => engine.table.unsettled.size > 0);
  }

  /** What is told of an id that was assigned. */
  #begin(nsid: number): UnifiedEvent[] {
    this.#beginning = nsid;
    this.#readAhead();
    this.#beginning = null;
    return this.inventory.assigned(nsid, null, this.#ahead.has(nsid));
  }

  #takeUnavailable(): UnifiedEvent | undefined {
    const event = this.#unavailable;
    this.#unavailable = undefined;
    return event;
  }

  /** Goes on with names alone. Found out at any time, so what is being told is told first. */
  #loseIds(error: IdsError): void {
    this.#ids = null;
    this.#resolver?.close();
    this.#resolver = null;
    this.#ahead.clear();
    this.inventory.forgetIds();
    this.#unavailable = { type: 'idsUnavailable', error };
  }

  /** Goes on with a value that is mostly there at once. */
  #when<T>(value: T | Promise<T>, then: (value: T) => void): void {
    if (value instanceof Promise) void this.#wait(value, then);
    else then(value);
  }

  async #wait<T>(value: Promise<T>, then: (value: T) => void): Promise<void> {
    this.#busy = true;
    try {
      then(await value);
    } catch (error) {
      this.#failure = error as Error;
    }
    this.#busy = false;
    if (!this.#closed) this.#wake();
  }
}
