/**
 * The engine of `UnifiedNamespaceWatcher`: an engine for the names of each directory and one for
 * the ids, whose events become facts of one inventory. Names go first: an id is told of namespaces
 * that have their names by then. Which name has an id is found out by asking (nsid-resolver.ts).
 *
 * | event                    | before it becomes a fact                                                                    |
 * | ------------------------ | ------------------------------------------------------------------------------------------- |
 * | `created`, `mounted`     | the namespace is asked for its id                                                           |
 * | `unmounted`, `deleted`   | the ids that wait are read, so that an end is known; the kernel is asked whether the id is still in use |
 * | `newNsid`                | names are asked, the newest first; not found while names are held back: waits a moment for them |
 * | `delNsid`                | -                                                                                           |
 * | `resynced`               | waits until neither names nor ids have more to tell, and names have been asked for ids: one event for both |
 */
import { leadToOne } from '../../netns/names/lead-to-one.ts';
import { Observer } from '../../netns/identity/observe.ts';
import { cPath } from '../../reference/names.ts';
import { THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import { NamesEngine } from '../names/names-engine.ts';
import type { WatcherIo } from '../names/engine-parts.ts';
import type { EventEngine } from '../stream/event-stream.ts';
import type { NamespaceEvent } from '../names/name-events.ts';
import { NsidSource } from './nsid-source.ts';
import { Inventory } from './inventory.ts';
import type { UnifiedSettings } from './unified-options.ts';
import { behindOf } from './namespace-record.ts';
import type { LocatedName, UnifiedEvent } from './unified-events.ts';

/** What the watcher works with. */
export type UnifiedIo = Omit<WatcherIo, 'system'> & { system: NetlinkSystem };

type IdsError = Error & { code: string };

export class UnifiedEngine implements EventEngine<UnifiedEvent> {
  readonly inventory: Inventory;
  readonly #io: UnifiedIo;
  readonly #settings: UnifiedSettings;
  readonly #names: { directory: string; engine: NamesEngine }[] = [];
  #ids: NsidSource | null = null;
  #wake: () => void = () => {};
  #story: Iterator<UnifiedEvent, void> = [][Symbol.iterator]();
  /** What is to be told before the story: it became a fact while the story was found out. */
  readonly #notices: UnifiedEvent[] = [];
  readonly #lost = new Set<'names' | 'ids'>();
  #busy = false;
  #closed = false;
  #failure: Error | null = null;

  private constructor(io: UnifiedIo, settings: UnifiedSettings) {
    this.#io = io;
    this.#settings = settings;
    const own = new Observer(io.system).observe(cPath(THREAD_NAMESPACE), true);
    const leads = (path: string, other: string): boolean => leadToOne(io.system, path, other);
    this.inventory = new Inventory(own.kind === 'namespace' ? own.namespace : null, leads);
  }

  /** @throws as `UnifiedNamespaceWatcher.open` says */
  static async open(io: UnifiedIo, settings: UnifiedSettings): Promise<UnifiedEngine> {
    const engine = new UnifiedEngine(io, settings);
    try {
      engine.#openNames();
      await engine.#openIds();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: () => void): this {
    this.#wake = wake;
    this.#ids?.engine.start(wake);
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

  /** The directories that are not there, and waited for. */
  get missing(): string[] {
    return this.#names.filter(({ engine }) => !engine.watching).map(({ directory }) => directory);
  }

  /** The engines of names, for their counters. */
  get names(): readonly NamesEngine[] {
    return this.#names.map(({ engine }) => engine);
  }

  /** The ids; null: not listened to. */
  get ids(): NsidSource | null {
    return this.#ids;
  }

  next(): UnifiedEvent | undefined {
    for (;;) {
      const notice = this.#notices.shift();
      if (notice !== undefined) return notice;
      const told = this.#story.next();
      if (told.done !== true) return told.value;
      if (this.#failure !== null) throw this.#failure;
      if (this.#busy || this.#closed) return undefined;
      if (this.#takeName() || this.#takeId() || this.#takeDoubts() || this.#takeHeld()) continue;
      // An end of the ids has something to tell; asking may have to wait.
      if (this.#notices.length > 0 || this.#busy) continue;
      if (this.#ids?.takeLoss() === true) {
        this.#lost.add('ids');
        this.#when(this.#ids.askAgain(), () => {});
        continue;
      }
      if (this.#lost.size === 0 || this.#ids?.busy === true) return undefined;
      const lost = (['names', 'ids'] as const).filter((kind) => this.#lost.has(kind));
      this.#lost.clear();
      return { type: 'resynced', lost, complete: this.#ids?.engine.counters.complete ?? true };
    }
  }

  pause(): void {
    for (const { engine } of this.#names) engine.pause();
    this.#ids?.engine.pause();
  }

  resume(): void {
    for (const { engine } of this.#names) engine.resume();
    this.#ids?.engine.resume();
  }

  ref(): void {
    for (const { engine } of this.#names) engine.ref();
    this.#ids?.engine.ref();
  }

  unref(): void {
    for (const { engine } of this.#names) engine.unref();
    this.#ids?.engine.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#names.map(({ engine }) => engine.close()), this.#ids?.close()]);
  }

  async #openIds(): Promise<void> {
    const { netlink, assignNsids } = this.#settings;
    if (netlink === 'off') return;
    try {
      this.#ids = await NsidSource.open(
        this.#io,
        this.#settings,
        this.inventory,
        () => this.#wake(),
        (events) => this.#notices.push(...events),
      );
    } catch (error) {
      if (assignNsids) throw error;
      this.#loseIds(error as IdsError);
    }
  }

  /** Takes in the names that are there. */
  #openNames(): void {
    const { directories } = this.#settings;
    for (const directory of directories) {
      const engine = new NamesEngine(this.#io, { ...this.#settings, directory }, () => this.#wake());
      this.#names.push({ directory, engine });
      for (const { name, path, ...entry } of engine.table.entries()) {
        const behind = entry.ready ? { namespace: entry.namespace, claim: null } : { reason: entry.reason };
        this.inventory.add({ name, path, directory }, behind);
      }
    }
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
          this.#story = inventory.created(located, behindOf(event)).values();
          return;
        }
        const { namespace } = event as { namespace: NonNullable<typeof event.namespace> };
        const claim = this.#ids?.resolver.claimOf({ path: event.path, namespace }) ?? null;
        this.#when(claim, (found) => {
          const told =
            event.type === 'created'
              ? inventory.created(located, { namespace, claim: found })
              : inventory.mounted(located, namespace, found);
          this.#story = told.values();
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
        this.#story = [event].values();
    }
  }

  #onLeave(located: LocatedName, event: Extract<NamespaceEvent, { type: 'unmounted' | 'deleted' }>): void {
    const { inventory } = this;
    this.#fromIds((ids) => ids.readAhead());
    const life = inventory.lifeAt(located.path);
    const inUse = life === null || this.#ids === null ? null : this.#ids.lives(life);
    this.#when(inUse, (assigned) => {
      const told =
        event.type === 'deleted'
          ? inventory.deleted(located, event.namespace, assigned)
          : inventory.unmounted(located, assigned);
      this.#story = told.values();
    });
  }

  #takeId(): boolean {
    const event = this.#fromIds((ids) => ids.next());
    const ids = this.#ids;
    if (event === undefined || ids === null) return false;
    const { nsid } = event;
    if (event.type === 'delNsid') {
      // It waits until the owner before is told of as gone.
      if (ids.resolver.held.has(nsid) && this.inventory.isEnding(nsid)) return false;
      this.#story = ids.removed(nsid).values();
    } else {
      this.#when(ids.resolver.find(nsid), (search) => {
        const asked = search !== 'more';
        const unsettled = search !== 'found' && (!asked || this.#namesPending);
        if (unsettled || this.inventory.isEnding(nsid)) ids.hold(nsid, asked);
        else this.#story = ids.assigned(nsid).values();
      });
    }
    return true;
  }

  /** What names have told of their ids was not believed: they are asked again. */
  #takeDoubts(): boolean {
    if (this.#ids?.doubts !== true) return false;
    this.#when(this.#ids.resolver.settleDoubts(), () => {});
    return true;
  }

  /** An id whose name was not found at once. */
  #takeHeld(): boolean {
    const ids = this.#ids;
    if (ids?.resolver.held.any !== true || ids.resolver.unsure) return false;
    let taken = false;
    this.#when(ids.resolver.askOn(), () => {
      if (ids.resolver.unsure) return;
      const nsid = ids.resolver.held.due(this.#namesPending);
      if (nsid === undefined) return;
      taken = true;
      this.#story = ids.assignedLate(nsid).values();
    });
    return taken;
  }

  /** Whether names are held back, one of which may be the one that an id is looked for. */
  get #namesPending(): boolean {
    return this.#names.some(({ engine }) => engine.behind);
  }

  /** Reads from the ids, which may come to their end. */
  #fromIds<T>(read: (ids: NsidSource) => T): T | undefined {
    if (this.#ids === null) return undefined;
    try {
      return read(this.#ids);
    } catch (error) {
      this.#loseIds(error as IdsError);
      return undefined;
    }
  }

  /** Goes on without ids, or not at all. */
  #loseIds(error: IdsError): void {
    if (this.#settings.netlink === 'require') throw error;
    void this.#ids?.close();
    this.#ids = null;
    this.inventory.forgetIds();
    this.#notices.push({ type: 'nsidsUnavailable', error });
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
