/** The names as the unified watcher takes them in: one engine for each directory, in turn. */
import type { NamesEngine } from '../names/names-engine.ts';
import type { NamespaceEvent } from '../names/name-events.ts';

export class NamesSource {
  readonly #directories: { directory: string; engine: NamesEngine }[] = [];

  add(directory: string, engine: NamesEngine): void {
    this.#directories.push({ directory, engine });
  }

  /** The engines, for their counters. */
  get engines(): NamesEngine[] {
    return this.#directories.map(({ engine }) => engine);
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

  /** The next event of any directory. */
  next(): { directory: string; event: NamespaceEvent } | undefined {
    for (const { directory, engine } of this.#directories) {
      const event = engine.next();
      if (event !== undefined) return { directory, event };
    }
    return undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.close()));
  }
}
