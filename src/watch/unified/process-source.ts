/**
 * Namespaces without a name, as the unified watcher finds them: processes are looked at now and
 * then (scan-schedule.ts), and what differs from the look before becomes facts
 * (inhabited-namespaces.ts).
 */
import type { ProcessChanges } from '../../netns/processes/process-groups.ts';
import type { SystemError } from '../../sys/errno.ts';
import { isShortage } from '../../sys/shortage.ts';
import { chain } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Clock } from '../stream/clock.ts';
import { HintedNamespaces } from './hinted-namespaces.ts';
import { InhabitedNamespaces } from './inhabited-namespaces.ts';
import type { InhabitedParts } from './inhabited-namespaces.ts';
import { realProcessIo } from './process-io.ts';
import type { ProcessIo } from './process-io.ts';
import { ListedNamespaces } from './listed-namespaces.ts';
import { ScanSchedule } from './scan-schedule.ts';
import type { Thoroughness } from './scan-schedule.ts';
import type { InventoryEntry, UnifiedEvent } from './unified-events.ts';
import type { UnifiedNamespaceWatcherStats } from './unified-stats.ts';
import type { UnifiedIo } from './unified-options.ts';

export class ProcessSource {
  readonly #io: ProcessIo;
  readonly #clock: Clock;
  readonly #namespaces: InhabitedNamespaces;
  readonly #schedule: ScanSchedule;
  readonly #hints: HintedNamespaces;
  /** Null: the kernel lists none. */
  readonly #listed: ListedNamespaces | null;
  #wake: () => unknown = () => {};
  #found: { changes: ProcessChanges; thoroughness: Thoroughness; cost: number } | null = null;
  #areNamesFirst = true;
  #failure: Error | null = null;
  #scans = 0;
  #closed = false;

  private constructor(
    io: ProcessIo,
    clock: Clock,
    namespaces: InhabitedNamespaces,
    listed: ListedNamespaces | null,
  ) {
    this.#io = io;
    this.#clock = clock;
    this.#namespaces = namespaces;
    this.#listed = listed;
    const signs = { latest: io.latest, anyListed: () => this.#look() };
    this.#schedule = new ScanSchedule(clock, signs, (thoroughness) => void this.#scan(thoroughness));
    this.#hints = new HintedNamespaces(io, clock, this.#schedule);
  }

  /**
   * Takes in the namespaces that processes are in.
   * @param proc where the procfs is mounted
   * @throws SystemError of the procfs
   */
  static async open(
    { system, clock, processes }: UnifiedIo,
    proc: string,
    parts: InhabitedParts,
  ): Promise<ProcessSource> {
    const io = processes ?? realProcessIo(proc, clock, system);
    const lister = io.openLister();
    const listed = lister === null ? null : new ListedNamespaces(lister, system, parts);
    const source = new ProcessSource(io, clock, new InhabitedNamespaces(io, system, parts), listed);
    try {
      await source.#load();
      return source;
    } catch (error) {
      source.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link next} may have something. */
  start(wake: () => unknown): void {
    this.#wake = wake;
    this.#hints.start();
  }

  /**
   * What the last look has brought, once names that were made before it are taken in; null: nothing
   * for now.
   * @throws SystemError of the procfs
   */
  next(): 'names first' | MaybePromise<UnifiedEvent[]> | null {
    if (this.#failure !== null) throw this.#failure;
    const found = this.#found;
    if (found === null) return null;
    if (this.#areNamesFirst) {
      this.#areNamesFirst = false;
      return 'names first';
    }
    this.#found = null;
    this.#areNamesFirst = true;
    const { changes, thoroughness, cost } = found;
    const began = this.#clock.now();
    return chain(this.#take(changes, { all: thoroughness === 'all', settled: false }), (events) => {
      // A consumer who lags takes it in late: that is no reason to look less often.
      this.#schedule.scanned(thoroughness, cost + this.#clock.now() - began);
      if (this.#namespaces.isShort || this.#listed?.isShort === true) this.#schedule.repeat();
      return events;
    });
  }

  /** That of the namespace in which a process is now; null: none is known. */
  entryOf(pid: number): InventoryEntry | null {
    const inode = this.#io.scanner.inodeOf(pid);
    return inode === null ? null : this.#namespaces.entryAt(inode);
  }

  get counters(): UnifiedNamespaceWatcherStats['processes'] {
    const { scanner } = this.#io;
    return {
      scans: this.#scans,
      looks: scanner.looks,
      unseen: scanner.unseen,
      hints: this.#hints.listening,
    };
  }

  pause(): void {
    this.#hints.pause();
    this.#schedule.pause();
  }

  resume(): void {
    this.#schedule.resume();
    this.#hints.resume();
  }

  ref(): void {
    this.#hints.ref();
  }

  unref(): void {
    this.#hints.unref();
  }

  close(): void {
    this.#closed = true;
    this.#hints.close();
    this.#schedule.close();
    this.#namespaces.close();
  }

  /** What a scan has brought, and then what is listed and not among that. */
  #take(changes: ProcessChanges, how: { all: boolean; settled: boolean }): MaybePromise<UnifiedEvent[]> {
    return chain(this.#namespaces.take(changes, how), (inhabited) =>
      chain(this.#listed?.take() ?? [], (others) => [...inhabited, ...others]),
    );
  }

  /** Whether the kernel lists namespaces that nobody knows. */
  #look(): boolean {
    try {
      return this.#listed?.look() ?? false;
    } catch {
      // It is asked again soon; processes are looked at all the same.
      return false;
    }
  }

  async #load(): Promise<void> {
    // Whoever is started while it looks is not missed.
    this.#hints.open();
    this.#look();
    this.#schedule.begin();
    const changes = await this.#io.scanner.scan({ all: true, threads: true });
    this.#scans++;
    await this.#take(changes, { all: true, settled: true });
    this.#schedule.scanned('all');
  }

  async #scan(thoroughness: Thoroughness): Promise<void> {
    const all = thoroughness === 'all';
    const began = this.#clock.now();
    try {
      const changes = await this.#io.scanner.scan({ all, threads: all });
      this.#scans++;
      if (this.#closed) return;
      this.#found = { changes, thoroughness, cost: this.#clock.now() - began };
    } catch (error) {
      // What has run out for a moment is there again later.
      if (!isShortage((error as SystemError).errno)) this.#failure = error as Error;
      this.#schedule.scanned('changes');
    }
    this.#wake();
  }
}
