/**
 * `UnifiedNamespaceWatcher`: the public face of the engine that watches names and ids as one
 * inventory.
 */
import { abortError } from '../../errors.ts';
import { NameDiagnosis } from '../../netns/diagnosis/name-diagnosis.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import { waking } from '../../sys/poll-support.ts';
import { netlinkSystem } from '../../sys/socket.ts';
import { systemClock } from '../stream/clock.ts';
import { EventStream } from '../stream/event-stream.ts';
import { checkUnifiedOptions } from './unified-options.ts';
import type { UnifiedSettings } from './unified-options.ts';
import { UnifiedEngine } from './unified-engine.ts';
import type { UnifiedIo } from './unified-engine.ts';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
  UnifiedNamespaceWatcherStats,
} from './unified-events.ts';

const realIo = (proc: string): UnifiedIo => ({
  system: waking(netlinkSystem()),
  clock: systemClock,
  diagnosis: new NameDiagnosis({ proc, system: inspectionSystem, thorough: true }),
});

/**
 * Watches names and ids of network namespaces as one live inventory: which namespaces there are,
 * with all their names (in one or several directories), their id and identity; and tells each
 * change once, whichever source told it first. Says of a name that goes whether its namespace lives
 * on without it, and of a namespace with an id when the kernel has freed it.
 *
 * ```ts
 * const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch(); for await (const
 * event of watcher) if (event.type === 'destroyed') console.log('gone for good:', event.names);
 * ```
 *
 * Has no side effects unless `assignNsids` is set: a namespace is opened for the moment in which it
 * is asked for its id, and none is kept open. Needs no privilege beyond permission to read the
 * directories. Linux 4.11 or later for names, 5.0 for ids.
 */
export class UnifiedNamespaceWatcher extends EventStream<UnifiedEvent> {
  readonly #engine: UnifiedEngine;

  private constructor(settings: UnifiedSettings, engine: UnifiedEngine) {
    super(settings, (wake) => engine.start(wake));
    this.#engine = engine;
  }

  /**
   * Starts to watch. What is there already is not told; {@link namespaces} has it.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`,
   *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`; with `netlink: 'require'` also before Linux 4.1),
   *   `ERR_NLINK_NETLINK_UNAVAILABLE` (with `netlink: 'require'`, where a sandbox forbids it),
   *   `ERR_NLINK_NATIVE_LIBRARY`
   * @throws NetlinkError `EPERM` (`assignNsids` without CAP_NET_ADMIN)
   * @throws SystemError `ENOENT`, `ENOTDIR`, `EACCES`, `EMFILE`, `ENOSPC` as
   *   `NamespaceWatcher.open`
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
   * Starts to watch and gives what was there as of then: the events tell of everything that came
   * after, and of nothing that the listing holds.
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
   * Whether every directory is watched; false while one of them is missing and waited for, and once
   * stopped.
   */
  get isWatchingNetns(): boolean {
    return !this.stopped && this.#engine.names.missing.length === 0;
  }

  /**
   * The directories that are missing and waited for, spelled as they were given. Empty once
   * stopped.
   */
  missingDirectories(): string[] {
    return this.stopped ? [] : this.#engine.names.missing;
  }

  /** Whether ids are listened to. */
  get isWatchingNsids(): boolean {
    return !this.stopped && this.#engine.nsids !== null;
  }

  /**
   * The live state, oldest first: one record for each namespace that has a name or an id, and one
   * for each name without a namespace. Names that are held back until they are ready are not in it.
   */
  namespaces(): InventoryEntry[] {
    return this.#engine.inventory.entries();
  }

  /** Counters since the start. */
  stats(): UnifiedNamespaceWatcherStats {
    const total = { records: 0, overflows: 0, resyncs: 0, rewatches: 0, mountChanges: 0 };
    let pending = 0;
    for (const { counters, table } of this.#engine.names.engines) {
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counters[key];
      pending += table.unresolved.size;
    }
    const { nsids } = this.#engine;
    return {
      ...this.streamStats,
      ...total,
      pending,
      ids: nsids?.engine.counters ?? null,
      asked: nsids?.resolver.lookup.asked ?? 0,
    };
  }
}
