/**
 * `UnifiedNamespaceWatcher`: the public face of the engine that watches names and nsids as one
 * inventory.
 */
import { abortError, invalidArgument, NlinkError } from '../../errors.ts';
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import { NameDiagnosis } from '../../netns/diagnosis/name-diagnosis.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import { waking } from '../../sys/poll-support.ts';
import { netlinkSystem } from '../../sys/socket.ts';
import { whole } from '../../reference/reference.ts';
import type { LinkAddress, LinkReference } from '../links/link-types.ts';
import { systemClock } from '../stream/clock.ts';
import { EventStream } from '../stream/event-stream.ts';
import type { LinkSource } from './link-source.ts';
import { checkUnifiedOptions } from './unified-options.ts';
import type { UnifiedSettings } from './unified-options.ts';
import { UnifiedEngine } from './unified-engine.ts';
import type { UnifiedIo } from './unified-options.ts';
import type {
  CodedError,
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from './unified-events.ts';
import type { UnifiedNamespaceWatcherStats } from './unified-stats.ts';

const realIo = (proc: string): UnifiedIo => ({
  system: waking(netlinkSystem()),
  clock: systemClock,
  diagnosis: new NameDiagnosis({ proc, system: inspectionSystem, thorough: true }),
});

/**
 * Watches the names and nsids of network namespaces as one live inventory: each namespace with all
 * its names (in one or several directories), its nsid and its identity. Each change is emitted
 * once, whichever source reports it first. When a name goes, the event says whether its namespace
 * lives on. When the kernel has freed a namespace, there is an event, too.
 *
 * ```ts
 * const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch();
 * for await (const event of watcher) {
 *   if (event.type === 'destroyed') console.log('gone for good:', event.names);
 * }
 * ```
 *
 * Has no side effects on the host unless `assignNsids` is set: it opens a namespace only for as
 * long as it takes to number it or to ask for its nsid. Needs only permission to read the
 * directories; `deaths` need CAP_SYS_ADMIN or user namespaces. Needs Linux 4.11 for names, 5.0 for
 * nsids.
 */
export class UnifiedNamespaceWatcher extends EventStream<UnifiedEvent> {
  readonly #engine: UnifiedEngine;

  private constructor(settings: UnifiedSettings, engine: UnifiedEngine) {
    super(settings, (wake) => engine.start(wake));
    this.#engine = engine;
  }

  /**
   * Starts to watch. What is there already causes no event; {@link namespaces} has it.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`,
   *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`; with `netlink: 'require'` also before Linux 4.1),
   *   `ERR_NLINK_NETLINK_UNAVAILABLE` (with `netlink: 'require'`, where a sandbox forbids it),
   *   `ERR_NLINK_NATIVE_LIBRARY`
   *   `ERR_NLINK_NO_USER_NAMESPACE` (with `deaths: 'require'`, without CAP_SYS_ADMIN, where user
   *   namespaces are forbidden)
   * @throws NetlinkError `EPERM` (`assignNsids` without CAP_NET_ADMIN)
   * @throws SystemError `ENOSPC` with `deaths: 'require'` (no network namespace can be made),
   *   `ENOENT`, `ENOTDIR`, `EACCES`, `EMFILE`, `ENOSPC` as `NamespaceWatcher.open`
   * @throws AbortError (`ABORT_ERR`) `signal` was aborted already
   */
  static async open(
    options: UnifiedNamespaceWatcherOptions = {},
    io?: UnifiedIo,
  ): Promise<UnifiedNamespaceWatcher> {
    const settings = checkUnifiedOptions(options);
    if (settings.signal?.aborted === true) throw abortError(settings.signal);
    const engine = await UnifiedEngine.open(io ?? realIo(settings.proc), settings);
    try {
      return new UnifiedNamespaceWatcher(settings, engine);
    } catch (error) {
      // Aborted meanwhile.
      await engine.close();
      throw error;
    }
  }

  /**
   * Starts to watch, and lists what is there. Every later change is an event, and nothing that the
   * list shows already.
   *
   * @throws as {@link open}
   */
  static async listAndWatch(
    options: UnifiedNamespaceWatcherOptions = {},
    io?: UnifiedIo,
  ): Promise<{ namespaces: InventoryEntry[]; watcher: UnifiedNamespaceWatcher }> {
    const watcher = await UnifiedNamespaceWatcher.open(options, io);
    return { namespaces: watcher.namespaces(), watcher };
  }

  /**
   * Whether every directory is watched. False while a missing one is waited for, and after the
   * stop.
   */
  get isWatchingNetns(): boolean {
    return !this.stopped && this.#engine.names.missing.length === 0;
  }

  /**
   * The missing directories that are waited for, spelled as they were given. Empty after the stop.
   */
  missingDirectories(): string[] {
    return this.stopped ? [] : this.#engine.names.missing;
  }

  /** Whether nsids are listened to. */
  get isWatchingNsids(): boolean {
    return !this.stopped && this.#engine.kernel.nsids !== null;
  }

  /** Whether deaths are watched, also of namespaces without an nsid. */
  get isWatchingDeaths(): boolean {
    return !this.stopped && this.#engine.kernel.deaths !== null;
  }

  /** Why deaths are not watched with `deaths: 'auto'`; null: they are, or were not asked for. */
  get deathsError(): CodedError | null {
    return this.#engine.kernel.deathsError;
  }

  /** Whether links are watched. */
  get isWatchingLinks(): boolean {
    return !this.stopped && this.#engine.links !== null;
  }

  /** Why links are not watched although they were asked for; null: they are, or were not. */
  get linksError(): CodedError | null {
    return this.#engine.linksError;
  }

  /**
   * The live state, oldest first: one entry for each namespace that has a name or an nsid, and one
   * for each name without a namespace; with `unnamed` one for each that processes were found in,
   * and for the watcher's own. Names that are held back until they are ready are not in it.
   */
  namespaces(): InventoryEntry[] {
    return this.#engine.inventory.entries();
  }

  /**
   * The entry of the namespace that a process is in now, by its number in the procfs (`proc`), or
   * that of a thread. Null: none is known, as of one that was made just now; or it has ended. Only
   * with `unnamed`.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
   */
  entryOfProcess(pid: number): InventoryEntry | null {
    whole('pid', pid, 1);
    return this.#engine.processes?.entryOf(pid) ?? null;
  }

  /**
   * The counters of the links of a namespace now, by ifindex. Null: one may not look there, or it
   * is gone. Of one whose links are `limited`, those whose index is known.
   *
   * @param namespace an entry of {@link namespaces}, or the `netns` of a link
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`; `ERR_NLINK_CLOSED`: links are not watched, or
   *   no longer
   * @throws SystemError `ENOBUFS`, `ENOMEM`
   */
  async linkStatistics(namespace: LinkReference): Promise<Map<number, LinkStatistics> | null> {
    return this.#linksFor(namespace).statisticsOf(namespace);
  }

  /** The addresses of the links of a namespace now, as {@link linkStatistics}. Linux 4.20. */
  async linkAddresses(namespace: LinkReference): Promise<Map<number, LinkAddress[]> | null> {
    return this.#linksFor(namespace).addressesOf(namespace);
  }

  /** Counters since the start. */
  stats(): UnifiedNamespaceWatcherStats {
    const total = { records: 0, overflows: 0, resyncs: 0, rewatches: 0, mountChanges: 0 };
    let pending = 0;
    for (const { counters, table } of this.#engine.names.engines) {
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counters[key];
      pending += table.unresolved.size;
    }
    const { nsids, deaths } = this.#engine.kernel;
    return {
      ...this.streamStats,
      ...total,
      pending,
      nsids: nsids?.engine.counters ?? null,
      deaths: deaths?.engine.counters ?? null,
      processes: this.#engine.processes?.counters ?? null,
      links: this.#engine.links?.counters ?? null,
      asked: nsids?.resolver.lookup.asked ?? 0,
    };
  }

  #linksFor(namespace: unknown): LinkSource {
    if (typeof namespace !== 'object' || namespace === null)
      throw invalidArgument('namespace', 'an entry of namespaces()', namespace);
    const { links } = this.#engine;
    if (this.stopped || links === null)
      throw new NlinkError('ERR_NLINK_CLOSED', 'links are not watched: open with `links: true`');
    return links;
  }
}
