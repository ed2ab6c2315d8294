/** The names as the unified watcher takes them in: one engine for each directory, in turn. */
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { WatcherIo } from '../names/engine-parts.ts';
import type { NamespaceEvent } from '../names/name-events.ts';
import { NamesEngine } from '../names/names-engine.ts';
import type { Inventory } from './inventory.ts';
import type { UnifiedSettings } from './unified-options.ts';

/** A namespace is behind a name. */
export type Appearance = Extract<NamespaceEvent, { namespace: NamespaceId; type: 'created' | 'mounted' }>;
/** A name loses its namespace, or is gone. */
export type Departure = Extract<NamespaceEvent, { type: 'unmounted' | 'deleted' }>;

export class NamesSource {
  /** That of the event that {@link next} gave last. */
  directory = '';
  readonly #directories: { directory: string; engine: NamesEngine }[] = [];

  /**
   * Watches the directories, and takes in the names that are there.
   * @throws as `NamesEngine`; {@link close} frees what is open by then
   */
  open(io: WatcherIo, settings: UnifiedSettings, inventory: Inventory, wake: () => void): void {
    for (const directory of settings.directories) {
      const engine = new NamesEngine(io, { ...settings, directory }, wake);
      this.#directories.push({ directory, engine });
      for (const { name, path, ...entry } of engine.table.entries()) {
        const located = { name, path, directory };
        if (entry.ready) inventory.add(located, { namespace: entry.namespace, claim: null });
        else inventory.placeholders.add(located, entry.reason, null);
      }
    }
  }

  /** The engines, for their counters. */
  get engines(): NamesEngine[] {
    return this.#directories.map(({ engine }) => engine);
  }

  /** As `EventEngine.recheck`. */
  recheck(): void {
    for (const { engine } of this.#directories) engine.recheck();
  }

  /** As `EventEngine.hasJobs`. */
  get hasJobs(): boolean {
    for (const { engine } of this.#directories) if (engine.hasJobs) return true;
    return false;
  }

  /** Whether all directories are gone, and none is waited for. */
  get ended(): boolean {
    return this.#directories.every(({ engine }) => engine.ended);
  }

  /** The directories that are not there, and waited for. */
  get missing(): string[] {
    return this.#directories.filter(({ engine }) => !engine.watching).map(({ directory }) => directory);
  }

  /** Whether names are held back or not read yet: one may have the nsid that is looked for. */
  get pending(): boolean {
    return this.#directories.some(({ engine }) => engine.behind);
  }

  /** The next event of any directory, which {@link directory} says. */
  next(): NamespaceEvent | undefined {
    const all = this.#directories;
    for (let at = 0; at < all.length; at++) {
      const { directory, engine } = all[at] as (typeof all)[number];
      const event = engine.next();
      if (event === undefined) continue;
      this.directory = directory;
      return event;
    }
    return undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.close()));
  }
}
