/**
 * `NamespaceWatcher`: the public class over the engine that watches names.
 */
import type { NamespaceEntry } from '../../netns/names/entry.ts';
import { NameDiagnosis } from '../../netns/diagnosis/name-diagnosis.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import { waking } from '../../sys/poll-support.ts';
import { linux } from '../../sys/system.ts';
import { systemClock } from '../stream/clock.ts';
import { NamesEngine } from './names-engine.ts';
import type { WatcherIo } from './engine-parts.ts';
import { EventStream } from '../stream/event-stream.ts';
import type { NamespaceEvent, NamespaceWatcherOptions, NamespaceWatcherStats } from './name-events.ts';
import { checkOptions } from './name-options.ts';
import type { WatcherSettings } from './name-options.ts';

/** The kernel and the clock of this machine. @param proc where a procfs is mounted */
export const realIo = (proc?: string): WatcherIo => ({
  system: waking(linux()),
  clock: systemClock,
  diagnosis: new NameDiagnosis({ proc, system: inspectionSystem, thorough: true }),
});

/**
 * Watches the named network namespaces in a directory. It emits `created` when a name can be
 * entered, `mounted` and `unmounted` when the namespace comes or goes while the name stays, and
 * `deleted` when the name is gone. It loses no event silently: after a loss it emits what differs,
 * and then `resynced`.
 *
 * ```ts
 * const { namespaces, watcher } = await NamespaceWatcher.listAndWatch();
 * for await (const event of watcher) {
 *   if (event.type === 'created' && event.ready) enter(event.path);
 *   if (event.type === 'mounted') enter(event.path);
 * }
 * ```
 *
 * Watching has no side effects and needs no privilege beyond permission to read the directory;
 * Linux 4.11 or later, the namespace's `id` 6.18. Works through inotify(7) and
 * /proc/self/mountinfo, see proc_pid_mountinfo(5).
 */
export class NamespaceWatcher extends EventStream<NamespaceEvent> {
  readonly #engine: NamesEngine;

  private constructor(settings: WatcherSettings, io: WatcherIo) {
    let engine: NamesEngine | undefined;
    super(settings, (wake) => (engine = new NamesEngine(io, settings, wake)));
    this.#engine = engine as unknown as NamesEngine;
  }

  /**
   * Starts to watch. Names that are there already make no events; {@link namespaces} has them.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`,
   *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`), `ERR_NLINK_NATIVE_LIBRARY`
   * @throws SystemError `ENOENT` (the directory is missing and `watchParent` is false), `ENOTDIR`
   *   (it is a file), `EACCES` (it may not be read), `EMFILE` (limit of inotify instances or of
   *   open files), `ENOSPC` (limit of inotify watches)
   * @throws AbortError (`ABORT_ERR`) `signal` was aborted already
   */
  static async open(options: NamespaceWatcherOptions = {}, io?: WatcherIo): Promise<NamespaceWatcher> {
    const settings = checkOptions(options);
    return new NamespaceWatcher(settings, io ?? realIo(settings.proc));
  }

  /**
   * Starts to watch and returns the names that are there. The events report every change after
   * that, and nothing that the listing holds. A name in the listing may be not ready; `mounted`
   * says when it is.
   *
   * @throws as {@link open}
   */
  static async listAndWatch(
    options: NamespaceWatcherOptions = {},
    io?: WatcherIo,
  ): Promise<{ namespaces: NamespaceEntry[]; watcher: NamespaceWatcher }> {
    const settings = checkOptions(options);
    const watcher = new NamespaceWatcher(settings, io ?? realIo(settings.proc));
    return { namespaces: watcher.namespaces(), watcher };
  }

  /**
   * Whether the directory itself is watched; false while it is missing and the watcher waits for
   * it, and once stopped.
   */
  get isWatchingNetns(): boolean {
    return !this.stopped && this.#engine.watching;
  }

  /**
   * The live state: what a listing with all events since comes to, those included that still wait
   * for the consumer. Names that are held back until they are ready are not in it.
   */
  namespaces(): NamespaceEntry[] {
    return this.#engine.table.entries();
  }

  /** Counters since the start. */
  stats(): NamespaceWatcherStats {
    return {
      ...this.streamStats,
      ...this.#engine.counters,
      pending: this.#engine.table.unresolved.size,
    };
  }
}
