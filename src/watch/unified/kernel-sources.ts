/**
 * What the unified watcher has of the kernel beside names: the nsids of its namespace, and the
 * deaths by a table of its own. Either may be missing from the start, or come to its end: then the
 * watcher goes on without it, or not at all, as its options say.
 */
import type { EventEngine } from '../stream/event-stream.ts';
import type { EventSources } from './event-sources.ts';
import type { Inventory } from './inventory.ts';
import type { NsidChange } from './nsid-backlog.ts';
import { NsidSource } from './nsid-source.ts';
import { ScratchTable } from './scratch-table.ts';
import type { CodedError, UnifiedEvent } from './unified-events.ts';
import type { UnifiedIo, UnifiedSettings } from './unified-options.ts';

interface Parts {
  inventory: Inventory;
  sources: EventSources<UnifiedEvent>;
  wake: () => unknown;
}

export class KernelSources {
  /** Null: nsids are not listened to. */
  nsids: NsidSource | null = null;
  /** Null: deaths are not watched. */
  deaths: ScratchTable | null = null;
  /** Why deaths are not watched, although they were to be. */
  deathsError: CodedError | null = null;
  /** Called when deaths come to their end, before they are forgotten. */
  onDeathsLost: (error: CodedError) => void = () => {};
  readonly #io: UnifiedIo;
  readonly #settings: UnifiedSettings;
  readonly #parts: Parts;

  constructor(io: UnifiedIo, settings: UnifiedSettings, parts: Parts) {
    this.#io = io;
    this.#settings = settings;
    this.#parts = parts;
  }

  /**
   * Numbers the names of the inventory, and asks them for their nsids.
   * @param between finds namespaces by their numbers, which are asked for their nsids then. It may
   *   take long: nsids come last, so that none is reported between their list and the snapshot
   * @throws as `UnifiedNamespaceWatcher.open` says
   */
  async open(between: () => Promise<void>): Promise<void> {
    await this.#openDeaths();
    await between();
    await this.#openNsids();
  }

  /** The engines. */
  get engines(): EventEngine<unknown>[] {
    const engines: EventEngine<unknown>[] = [];
    if (this.nsids !== null) engines.push(this.nsids.engine);
    if (this.deaths !== null) engines.push(this.deaths.engine);
    return engines;
  }

  /** From now on `wake` is called when there may be something. */
  start(wake: () => unknown): void {
    this.deaths?.engine.start(wake);
    this.nsids?.engine.start(wake);
  }

  /** Whether a loss of nsids or deaths is still being made up for. */
  get busy(): boolean {
    return this.nsids?.busy === true || this.deaths?.busy === true;
  }

  /** Reads what waits of nsids. @returns false: they have come to their end */
  readAhead(): boolean {
    try {
      this.nsids?.readAhead();
      return true;
    } catch (error) {
      this.#loseNsids(error as CodedError);
      return false;
    }
  }

  /** The next change of nsids, as `NsidSource.next`; they may come to their end. */
  nextChange(nsids: NsidSource): NsidChange | undefined {
    try {
      return nsids.next();
    } catch (error) {
      this.#loseNsids(error as CodedError);
      return undefined;
    }
  }

  /** The next death, as `ScratchTable.next`; they may come to their end. */
  nextDeath(deaths: ScratchTable): number | undefined {
    try {
      return deaths.next();
    } catch (error) {
      this.#loseDeaths(error as CodedError);
      return undefined;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.nsids?.close(), this.deaths?.close()]);
  }

  async #openDeaths(): Promise<void> {
    if (this.#settings.deaths === 'off') return;
    const wake = (): unknown => this.#parts.wake();
    try {
      this.deaths = await ScratchTable.open(this.#io, this.#settings, wake);
    } catch (error) {
      if (this.#settings.deaths === 'require') throw error;
      this.deathsError = error as CodedError;
    }
    await this.deaths?.numberAll(this.#parts.inventory);
  }

  async #openNsids(): Promise<void> {
    const { netlink, assignNsids } = this.#settings;
    if (netlink === 'off') return;
    const { inventory, sources, wake } = this.#parts;
    try {
      this.nsids = await NsidSource.open(this.#io, this.#settings, inventory, wake, sources.reportFirst);
    } catch (error) {
      if (assignNsids) throw error;
      this.#loseNsids(error as CodedError);
    }
  }

  #loseNsids(error: CodedError): void {
    if (this.#settings.netlink === 'require') throw error;
    void this.nsids?.close();
    this.nsids = null;
    this.#parts.inventory.forgetNsids();
    this.#parts.sources.reportFirst([{ type: 'nsidsUnavailable', error }]);
  }

  #loseDeaths(error: CodedError): void {
    if (this.#settings.deaths === 'require') throw error;
    void this.deaths?.close();
    this.deaths = null;
    this.deathsError = error;
    this.onDeathsLost(error);
    this.#parts.inventory.forgetNumbers();
    this.#parts.sources.reportFirst([{ type: 'deathsUnavailable', error }]);
  }
}
