/**
 * A watcher whose directories grow: those of container runtimes that are not there at the start and
 * that nobody could wait for, such as of a user who logs in later. It looks for them every two
 * seconds, because no kernel event reports that a file system was mounted. Each gets a watcher of
 * its own, for names alone: a rootless runtime mounts its namespaces where they are not seen from
 * here, so they have no nsids here. Names that are in it already are reported as `created`. When it
 * goes its watcher ends, and it is looked for again.
 */
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../watch/unified/unified-events.ts';
import { shown } from '../../../format/escape.ts';
import type { Io, NamespaceSource } from '../../host/io.ts';
import { note } from '../../output/output.ts';
import { presentOf } from '../../../format/output-event.ts';

const INTERVAL = 2000;

type Arrived = { event: UnifiedEvent | undefined } | { error: unknown };

export class GrowingSource implements NamespaceSource {
  readonly #main: NamespaceSource;
  readonly #options: UnifiedNamespaceWatcherOptions;
  readonly #io: Io;
  /** Those that are watched, or were found not to be watchable. */
  readonly #known: Set<string>;
  readonly #later = new Map<string, NamespaceSource>();
  /** Events of the later ones, which pause until these are taken. */
  #pendingEvents: UnifiedEvent[] = [];
  /** That the next event of the first watcher is waited for, and what came of it. */
  #waiting: Promise<void> | null = null;
  #arrived: Arrived | null = null;
  #changed: (() => void)[] = [];
  #stopped = false;
  #forget: () => void = () => {};

  /** @param options of the first watcher, with its directories */
  constructor(main: NamespaceSource, options: UnifiedNamespaceWatcherOptions, io: Io) {
    this.#main = main;
    this.#options = options;
    this.#io = io;
    this.#known = new Set(options.directories);
    this.#lookAgain();
  }

  async recv(): Promise<UnifiedEvent | undefined> {
    for (;;) {
      const event = this.tryRecv();
      if (event !== undefined) return event;
      if (this.#arrived !== null) return this.#takeArrived();
      this.#waiting ??= this.#wait();
      await this.#change();
    }
  }

  tryRecv(): UnifiedEvent | undefined {
    const event = this.#pendingEvents.shift();
    if (event !== undefined) {
      this.#wake();
      return event;
    }
    if (this.#arrived !== null && 'event' in this.#arrived && this.#arrived.event !== undefined)
      return this.#takeArrived();
    return this.#waiting === null && this.#arrived === null ? this.#main.tryRecv() : undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forget();
    await Promise.all([this.#main, ...this.#later.values()].map((source) => source.stop()));
    this.#wake();
  }

  missingDirectories(): string[] {
    return this.#main.missingDirectories();
  }

  stats(): ReturnType<NamespaceSource['stats']> {
    return this.#main.stats();
  }

  async #wait(): Promise<void> {
    try {
      this.#arrived = { event: await this.#main.recv() };
    } catch (error) {
      this.#arrived = { error };
    }
    this.#waiting = null;
    this.#wake();
  }

  #takeArrived(): UnifiedEvent | undefined {
    const arrived = this.#arrived as Arrived;
    this.#arrived = null;
    if ('error' in arrived) throw arrived.error;
    return arrived.event;
  }

  #lookAgain(): void {
    if (!this.#stopped) this.#forget = this.#io.after(INTERVAL, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { watched } = this.#io.containerDirectories([...this.#known], 'later');
    for (const directory of watched) {
      if (this.#known.has(directory)) continue;
      this.#known.add(directory);
      await this.#open(directory);
    }
    this.#lookAgain();
  }

  async #open(directory: string): Promise<void> {
    try {
      const options = {
        ...this.#options,
        directories: [directory],
        netlink: 'off',
        assignNsids: false,
        unnamed: false,
        links: false,
      } as const;
      const { namespaces, watcher } = await this.#io.listAndWatch(options);
      if (this.#stopped) return await watcher.stop();
      this.#later.set(directory, watcher);
      void this.#follow(directory, watcher, namespaces);
    } catch (error) {
      note(`${shown(directory)} is skipped: ${(error as Error).message}`, this.#io);
    }
  }

  async #follow(
    directory: string,
    watcher: NamespaceSource,
    namespaces: readonly InventoryEntry[],
  ): Promise<void> {
    try {
      await this.#emit([{ type: 'directoryCreated', path: directory }, ...namespaces.flatMap(createdOf)]);
      for (let event = await watcher.recv(); event !== undefined; event = await watcher.recv()) {
        await this.#emit([event]);
        if (event.type !== 'directoryDeleted') continue;
        this.#known.delete(directory);
        break;
      }
    } catch (error) {
      note(`${shown(directory)} is no longer watched: ${(error as Error).message}`, this.#io);
    }
    this.#later.delete(directory);
    await watcher.stop();
  }

  /** Done when all of it has been taken. */
  async #emit(events: readonly UnifiedEvent[]): Promise<void> {
    this.#pendingEvents.push(...events);
    const last = events.at(-1) as UnifiedEvent;
    this.#wake();
    while (!this.#stopped && this.#pendingEvents.includes(last)) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}

/** What was there before it was watched, as if it had come now. */
function createdOf(entry: InventoryEntry): UnifiedEvent[] {
  return presentOf(entry).flatMap((present): UnifiedEvent[] => {
    if (present.name === null) return [];
    const { own: _, ...name } = present;
    return [{ ...name, type: 'created' }];
  });
}
