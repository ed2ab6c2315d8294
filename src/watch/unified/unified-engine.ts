/**
 * The engine of `UnifiedNamespaceWatcher`: names and nsids become facts of one inventory, and only
 * the inventory says what is emitted. Its sources, in order of priority (event-sources.ts):
 *
 * | source         | what it does                                                                |
 * | -------------- | --------------------------------------------------------------------------- |
 * | names          | takes names in: first, since nsids belong to namespaces with names by then  |
 * | nsids          | takes nsids in: finds the name that has one that was assigned, or defers it |
 * | deaths         | takes in which namespaces died, after all nsids that they had               |
 * | unconfirmed    | asks names again whose answers could not be used                            |
 * | deferred nsids | asks further names, a slice at a time; emits an nsid that is due            |
 * | loss of nsids  | asks names for nsids that changed hands in a loss, after its differences    |
 * | unnumbered     | numbers names that could not be numbered, since something ran out           |
 * | links          | follows the links of all namespaces, where that was asked for               |
 * | processes      | finds namespaces without a name, where that was asked for                   |
 * | resynced       | after losses, when nothing more is to come: one event for all kinds         |
 *
 * Those after the deaths are rare, and polled as one. What a change of names needs of the kernel:
 * name-changes.ts.
 */
import { Observer } from '../../netns/identity/observe.ts';
import { leadToOne } from '../../netns/names/lead-to-one.ts';
import { cPath } from '../../reference/names.ts';
import { THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import type { ReadinessListener } from '../../sys/readiness.ts';
import type { EventEngine } from '../stream/event-stream.ts';
import { EventSources } from './event-sources.ts';
import type { Polled } from './event-sources.ts';
import { Inventory } from './inventory.ts';
import { KernelSources } from './kernel-sources.ts';
import { NameChanges } from './name-changes.ts';
import { NamesSource } from './names-source.ts';
import { NsidChanges } from './nsid-changes.ts';
import { ProcessSource } from './process-source.ts';
import { attempt } from '../stream/chain.ts';
import type { LinkSource } from './link-source.ts';
import type { CodedError, UnifiedEvent } from './unified-events.ts';
import type { UnifiedIo, UnifiedSettings } from './unified-options.ts';

const LOST_KINDS = ['names', 'nsids', 'deaths', 'links'] as const;

export class UnifiedEngine implements EventEngine<UnifiedEvent> {
  readonly inventory: Inventory;
  readonly names: NamesSource = new NamesSource();
  readonly kernel: KernelSources;
  /** Null: namespaces without a name are not looked for. */
  processes: ProcessSource | null = null;
  /** Null: links are not watched. */
  links: LinkSource | null = null;
  /** Why links are not watched, although they were to be. */
  linksError: CodedError | null = null;
  readonly recheck = (): void => this.names.recheck();
  readonly #nameChanges: NameChanges;
  readonly #nsidChanges: NsidChanges;
  #wake: ReadinessListener = () => {};
  readonly #lost = new Set<(typeof LOST_KINDS)[number]>();
  readonly #sources = new EventSources<UnifiedEvent>(
    [
      { name: 'names', poll: () => this.#nameChanges.poll() },
      { name: 'nsids', poll: () => this.#nsidChanges.poll() },
      { name: 'deaths', poll: () => this.#pollDeaths() },
      { name: 'the rest', poll: () => this.#pollRest() },
    ],
    () => this.#wake(),
  );

  private constructor(io: UnifiedIo, settings: UnifiedSettings) {
    const own = new Observer(io.system).observe(cPath(THREAD_NAMESPACE), true);
    this.inventory = new Inventory(own.kind === 'namespace' ? own.namespace : null, (path, other) =>
      leadToOne(io.system, path, other),
    );
    const parts = { names: this.names, inventory: this.inventory, sources: this.#sources };
    this.kernel = new KernelSources(io, settings, { ...parts, wake: () => this.#wake() });
    const { kernel } = this;
    kernel.onDeathsLost = (error) => this.#loseLinks(error);
    this.#nameChanges = new NameChanges({ ...parts, kernel }, () => this.#lost.add('names'));
    this.#nsidChanges = new NsidChanges({ ...parts, kernel }, () => this.#lost.add('nsids'));
  }

  /** @throws as `UnifiedNamespaceWatcher.open` says */
  static async open(io: UnifiedIo, settings: UnifiedSettings): Promise<UnifiedEngine> {
    const engine = new UnifiedEngine(io, settings);
    try {
      engine.names.open(io, settings, engine.inventory, () => engine.#wake());
      // First of all: the kernel searches the table from there for each event, and each far end.
      engine.inventory.numbers.includesOwn = settings.links !== null;
      await engine.kernel.open(async () => {
        if (settings.unnamed) await engine.#openProcesses(io, settings);
        if (settings.links !== null) await engine.#openLinks(io, settings, 'scratch');
      });
      // Those that are known by nsids here, where there is no other way.
      if (settings.links !== null && engine.links === null && engine.linksError === null)
        await engine.#openLinks(io, settings, 'own');
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: ReadinessListener): this {
    this.#wake = wake;
    this.kernel.start(wake);
    this.processes?.start(wake);
    this.links?.start(wake);
    return this;
  }

  /** Whether the watcher has ended of itself: all directories are gone, and not waited for. */
  get ended(): boolean {
    return this.names.ended;
  }

  next(): UnifiedEvent | undefined {
    return this.#sources.next();
  }

  get hasJobs(): boolean {
    if (this.#sources.awaitingKernel || this.names.hasJobs) return true;
    const { nsids, deaths } = this.kernel;
    return nsids?.engine.hasJobs === true || deaths?.engine.hasJobs === true;
  }

  pause(): void {
    for (const engine of this.#engines) engine.pause();
    this.processes?.pause();
    this.links?.pause();
  }

  resume(): void {
    for (const engine of this.#engines) engine.resume();
    this.processes?.resume();
    this.links?.resume();
  }

  ref(): void {
    for (const engine of this.#engines) engine.ref();
    this.processes?.ref();
    this.links?.ref();
  }

  unref(): void {
    for (const engine of this.#engines) engine.unref();
    this.processes?.unref();
    this.links?.unref();
  }

  async close(): Promise<void> {
    this.#sources.close();
    this.processes?.close();
    this.links?.close();
    await Promise.all([this.names.close(), this.kernel.close()]);
  }

  get #engines(): EventEngine<unknown>[] {
    return [...this.names.engines, ...this.kernel.engines];
  }

  #pollDeaths(): Polled<UnifiedEvent> {
    const { deaths, nsids } = this.kernel;
    if (deaths === null) return 'none';
    const numbered = this.#nameChanges.number();
    if (numbered instanceof Promise) {
      this.#sources.thenOrAwait(numbered, () => {});
      return 'again';
    }
    const number = this.kernel.nextDeath(deaths);
    // What was reported of the nsids of the dead is taken in first: it was there before.
    if (deaths.takeBatch() && nsids !== null) return 'again';
    if (deaths.takeLoss()) this.#lost.add('deaths');
    if (number === undefined) return this.#sources.progress;
    const events = this.inventory.died(number);
    if (this.links !== null) events.push(...this.links.died(number));
    deaths.shift();
    return this.#sources.emit(events);
  }

  #pollRest(): Polled<UnifiedEvent> {
    let polled = this.#nsidChanges.pollRest();
    if (polled === 'none') polled = this.#pollUnnumbered();
    if (polled === 'none') polled = this.#pollLinks();
    if (polled === 'none') polled = this.#pollProcesses();
    return polled === 'none' ? this.#pollResynced() : polled;
  }

  #pollUnnumbered(): Polled<UnifiedEvent> {
    const { deaths } = this.kernel;
    if (deaths?.retry.isDue !== true) return 'none';
    this.#sources.thenOrAwait(deaths.numberAll(this.inventory), () => {});
    return 'again';
  }

  async #openLinks(io: UnifiedIo, settings: UnifiedSettings, table: 'scratch' | 'own'): Promise<void> {
    const { openScratchLinks, openOwnLinks } = await import('./open-links.ts');
    const open = table === 'own' ? openOwnLinks : openScratchLinks;
    try {
      this.links = await open(io, settings, { inventory: this.inventory, kernel: this.kernel });
    } catch (error) {
      this.linksError = error as CodedError;
    }
  }

  #pollLinks(): Polled<UnifiedEvent> {
    const { links } = this;
    if (links === null) return 'none';
    const found = links.nextFound();
    if (found !== null) {
      this.#sources.thenOrAwait(found, this.#sources.report);
      return 'again';
    }
    const event = links.next();
    if (links.takeLoss()) this.#lost.add('links');
    if (event !== undefined) return this.#sources.emitOne(event);
    const step = attempt<void | null>(
      () => links.step(),
      (error) => this.#loseLinks(error as CodedError),
    );
    if (step === null) return this.#sources.progress;
    this.#sources.thenOrAwait(step, () => {});
    return 'again';
  }

  #loseLinks(error: CodedError): void {
    const { links } = this;
    if (links === null) return;
    this.links = null;
    this.linksError = error;
    this.#sources.reportFirst([...links.end(), { type: 'linksUnavailable', error }]);
  }

  async #openProcesses(io: UnifiedIo, { proc }: UnifiedSettings): Promise<void> {
    const { inventory, kernel } = this;
    if (kernel.deaths === null) return;
    this.processes = await ProcessSource.open(io, proc, { inventory, kernel });
  }

  #pollProcesses(): Polled<UnifiedEvent> {
    const { processes, kernel } = this;
    if (processes === null) return 'none';
    if (kernel.deaths === null) {
      // Without their ends nothing can be said of them.
      processes.close();
      this.processes = null;
      return 'none';
    }
    const step = processes.next();
    if (step === null) return 'none';
    // A name that was made before that is taken in before.
    if (step === 'names first') this.names.recheck();
    else this.#sources.thenOrAwait(step, this.#sources.report);
    return 'again';
  }

  #pollResynced(): Polled<UnifiedEvent> {
    if (this.#lost.size === 0 || this.kernel.busy) return 'none';
    const lost = LOST_KINDS.filter((kind) => this.#lost.has(kind));
    this.#lost.clear();
    return { type: 'resynced', lost, complete: this.kernel.nsids?.engine.complete ?? true };
  }
}
