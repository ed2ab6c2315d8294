/**
 * The engine of `UnifiedNamespaceWatcher`: names and nsids become facts of one inventory, and only
 * the inventory says what is emitted. Its sources, in order of priority (event-sources.ts):
 *
 * | source         | what it does                                                                |
 * | -------------- | --------------------------------------------------------------------------- |
 * | names          | takes names in: first, since nsids belong to namespaces with names by then  |
 * | nsids          | takes nsids in: finds the name that has one that was assigned, or defers it |
 * | unconfirmed    | asks names again whose answers could not be used                            |
 * | deferred nsids | asks further names, a slice at a time; emits an nsid that is due            |
 * | loss of nsids  | asks names for nsids that changed hands in a loss, after its differences    |
 * | resynced       | after losses, when nothing more is to come: one event for both kinds        |
 *
 * All but names and nsids are rare, and polled as one. A new name is asked for its nsid, unless it
 * is known to have none (nsid-source.ts). Before a name with an nsid goes, what waits is read, and
 * the kernel is asked whether its nsid is in use.
 */
import { Observer } from '../../netns/identity/observe.ts';
import { leadToOne } from '../../netns/names/lead-to-one.ts';
import { cPath } from '../../reference/names.ts';
import { THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import type { ReadinessListener } from '../../sys/readiness.ts';
import type { MaybePromise } from '../ids/chain.ts';
import type { EventEngine } from '../stream/event-stream.ts';
import { EventSources } from './event-sources.ts';
import type { Polled } from './event-sources.ts';
import { Inventory } from './inventory.ts';
import { NamesSource } from './names-source.ts';
import type { Appearance, Departure } from './names-source.ts';
import type { PendingNsid } from './namespace-record.ts';
import type { NsidChange } from './nsid-backlog.ts';
import { NsidSource } from './nsid-source.ts';
import type { Search } from './nsid-resolver.ts';
import type { UnifiedEvent } from './unified-events.ts';
import type { UnifiedIo, UnifiedSettings } from './unified-options.ts';

type NsidsError = Error & { code: string };

export class UnifiedEngine implements EventEngine<UnifiedEvent> {
  readonly inventory: Inventory;
  readonly names: NamesSource = new NamesSource();
  readonly recheck = (): void => this.names.recheck();
  readonly #io: UnifiedIo;
  readonly #settings: UnifiedSettings;
  #nsids: NsidSource | null = null;
  #wake: ReadinessListener = () => {};
  readonly #lost = new Set<'names' | 'nsids'>();
  readonly #sources = new EventSources<UnifiedEvent>(
    [
      { name: 'names', poll: () => this.#pollNames() },
      { name: 'nsids', poll: () => this.#pollNsids() },
      { name: 'the rest', poll: () => this.#pollRest() },
    ],
    () => this.#wake(),
  );

  private constructor(io: UnifiedIo, settings: UnifiedSettings) {
    this.#io = io;
    this.#settings = settings;
    const own = new Observer(io.system).observe(cPath(THREAD_NAMESPACE), true);
    this.inventory = new Inventory(own.kind === 'namespace' ? own.namespace : null, (path, other) =>
      leadToOne(io.system, path, other),
    );
  }

  /** @throws as `UnifiedNamespaceWatcher.open` says */
  static async open(io: UnifiedIo, settings: UnifiedSettings): Promise<UnifiedEngine> {
    const engine = new UnifiedEngine(io, settings);
    try {
      engine.names.open(io, settings, engine.inventory, () => engine.#wake());
      await engine.#openNsids();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: ReadinessListener): this {
    this.#wake = wake;
    this.#nsids?.engine.start(wake);
    return this;
  }

  /** Whether the watcher has ended of itself: all directories are gone, and not waited for. */
  get ended(): boolean {
    return this.names.ended;
  }

  /** The nsids; null: not listened to. */
  get nsids(): NsidSource | null {
    return this.#nsids;
  }

  next(): UnifiedEvent | undefined {
    return this.#sources.next();
  }

  get hasJobs(): boolean {
    return this.#sources.awaitingKernel || this.names.hasJobs || this.#nsids?.engine.hasJobs === true;
  }

  pause(): void {
    for (const engine of this.#engines) engine.pause();
  }

  resume(): void {
    for (const engine of this.#engines) engine.resume();
  }

  ref(): void {
    for (const engine of this.#engines) engine.ref();
  }

  unref(): void {
    for (const engine of this.#engines) engine.unref();
  }

  async close(): Promise<void> {
    this.#sources.close();
    await Promise.all([this.names.close(), this.#nsids?.close()]);
  }

  get #engines(): EventEngine<unknown>[] {
    return this.#nsids === null ? this.names.engines : [...this.names.engines, this.#nsids.engine];
  }

  async #openNsids(): Promise<void> {
    const { netlink, assignNsids } = this.#settings;
    if (netlink === 'off') return;
    try {
      const { reportFirst } = this.#sources;
      const wake = (): unknown => this.#wake();
      this.#nsids = await NsidSource.open(this.#io, this.#settings, this.inventory, wake, reportFirst);
    } catch (error) {
      if (assignNsids) throw error;
      this.#loseNsids(error as NsidsError);
    }
  }

  #pollNames(): Polled<UnifiedEvent> {
    const event = this.names.next();
    if (event === undefined) return 'none';
    const { directory } = this.names;
    switch (event.type) {
      case 'created':
        return event.ready
          ? this.#onAppear(event, directory)
          : this.#sources.emitOne(this.inventory.placeholders.created(event, directory));
      case 'mounted':
        return this.#onAppear(event, directory);
      case 'unmounted':
      case 'deleted':
        return this.#onLeave(event, directory);
      case 'resynced':
        this.#lost.add('names');
        return 'again';
      default:
        return this.#sources.emitOne(event);
    }
  }

  #onAppear(event: Appearance, directory: string): Polled<UnifiedEvent> {
    const claim = this.#nsids?.claimOf(event) ?? null;
    if (!(claim instanceof Promise)) return this.#sources.emitOne(this.#appeared(event, directory, claim));
    this.#sources.thenOrAwait(claim, (found) =>
      this.#sources.report([this.#appeared(event, directory, found)]),
    );
    return 'again';
  }

  #appeared(event: Appearance, directory: string, claim: PendingNsid | null): UnifiedEvent {
    const { type, name, path, namespace } = event;
    const located = { name, path, directory };
    return type === 'created'
      ? this.inventory.created(located, { namespace, claim })
      : this.inventory.mounted(located, namespace, claim);
  }

  #onLeave(event: Departure, directory: string): Polled<UnifiedEvent> {
    const inUse = this.#askBefore(event);
    if (!(inUse instanceof Promise)) return this.#sources.emit(this.#left(event, directory, inUse));
    this.#sources.thenOrAwait(inUse, (answer) => this.#sources.report(this.#left(event, directory, answer)));
    return 'again';
  }

  /** Before a name goes: whether its nsid is in use; null: that says nothing of it. */
  #askBefore(event: Departure): MaybePromise<boolean | null> {
    const { inventory } = this;
    const last = event.type === 'deleted' ? event.namespace : null;
    if (this.#nsids === null || !inventory.concernsNsids(event.path, last)) return null;
    try {
      this.#nsids.readAhead();
    } catch (error) {
      this.#loseNsids(error as NsidsError);
      return null;
    }
    const claim = inventory.nsidToAsk(event.path);
    return claim === null ? null : this.#nsids.isAlive(claim);
  }

  #left({ name, path, ...event }: Departure, directory: string, inUse: boolean | null): UnifiedEvent[] {
    const located = { name, path, directory };
    return event.type === 'deleted'
      ? this.inventory.deleted(located, event.namespace, inUse)
      : this.inventory.unmounted(located, inUse);
  }

  #pollNsids(): Polled<UnifiedEvent> {
    const nsids = this.#nsids;
    if (nsids === null) return 'none';
    const change = this.#nextChange(nsids);
    if (nsids.takeBatch()) {
      // Names that were made before these nsids were assigned are taken in first.
      this.names.recheck();
      return 'again';
    }
    if (change === undefined) return this.#sources.progress;
    const { nsid } = change;
    if (change.type === 'newNsid') {
      const search = nsids.resolver.find(nsid);
      if (!(search instanceof Promise)) return this.#sources.emit(this.#searched(nsids, nsid, search));
      this.#sources.thenOrAwait(search, (found) => this.#sources.report(this.#searched(nsids, nsid, found)));
      return 'again';
    }
    // The end of the owner before is emitted first.
    if (nsids.resolver.deferred.has(nsid) && this.inventory.isEnding(nsid)) return 'none';
    return this.#sources.emit(nsids.removed(nsid));
  }

  /** The search for the name of an nsid has come to its end, or will go on later. */
  #searched(nsids: NsidSource, nsid: number, search: Search): readonly UnifiedEvent[] {
    const asked = search !== 'more';
    const mayCome = search !== 'found' && (!asked || this.names.pending);
    if (!mayCome && !this.inventory.isEnding(nsid)) return nsids.assigned(nsid);
    nsids.defer(nsid, asked);
    return [];
  }

  #pollRest(): Polled<UnifiedEvent> {
    if (this.#nsids !== null) {
      let polled = this.#pollUnconfirmed();
      if (polled === 'none') polled = this.#pollDeferred();
      if (polled === 'none') polled = this.#pollLoss();
      if (polled !== 'none') return polled;
    }
    return this.#pollResynced();
  }

  #pollUnconfirmed(): Polled<UnifiedEvent> {
    if (this.#nsids?.unconfirmed !== true) return 'none';
    this.#sources.thenOrAwait(this.#nsids.resolver.confirm(), () => {});
    return 'again';
  }

  #pollDeferred(): Polled<UnifiedEvent> {
    const nsids = this.#nsids;
    if (nsids?.resolver.deferred.any !== true || nsids.resolver.needsRetry) return 'none';
    this.#sources.thenOrAwait(nsids.resolver.askOn(), () => {
      if (nsids.resolver.needsRetry) return;
      const nsid = nsids.resolver.deferred.due(this.names.pending);
      if (nsid !== undefined) this.#sources.report(nsids.assignedLate(nsid));
    });
    return this.#sources.progress;
  }

  #pollLoss(): Polled<UnifiedEvent> {
    if (this.#nsids?.takeLoss() !== true) return 'none';
    this.#lost.add('nsids');
    this.#sources.thenOrAwait(this.#nsids.askAgain(this.#sources.reportFirst), () => {});
    return 'again';
  }

  #pollResynced(): Polled<UnifiedEvent> {
    if (this.#lost.size === 0 || this.#nsids?.busy === true) return 'none';
    const lost = (['names', 'nsids'] as const).filter((kind) => this.#lost.has(kind));
    this.#lost.clear();
    return { type: 'resynced', lost, complete: this.#nsids?.engine.complete ?? true };
  }

  /** Reads from the nsids, which may come to their end. */
  #nextChange(nsids: NsidSource): NsidChange | undefined {
    try {
      return nsids.next();
    } catch (error) {
      this.#loseNsids(error as NsidsError);
      return undefined;
    }
  }

  /** Goes on without nsids, or not at all. */
  #loseNsids(error: NsidsError): void {
    if (this.#settings.netlink === 'require') throw error;
    void this.#nsids?.close();
    this.#nsids = null;
    this.inventory.forgetNsids();
    this.#sources.reportFirst([{ type: 'nsidsUnavailable', error }]);
  }
}
