/** What `nlink watch` tells of namespaces, and how: their names and their ids together. */
import type { NotReadyReason } from '../netns/observe.ts';
import type { InventoryEntry, UnifiedEvent } from '../watch/unified-events.ts';
import { painter, wantsColour } from './color.ts';
import type { Telling } from './follow.ts';
import { humanLine } from './human.ts';
import type { Io, NamespaceSource } from './io.ts';
import { jsonLine } from './json.ts';
import { note } from './output.ts';
import { REMEDIES } from './reasons.ts';
import type { NamespaceSettings } from './settings.ts';
import { presentOf } from './told.ts';
import type { Told } from './told.ts';

export class NamespaceTelling implements Telling<UnifiedEvent, NamespaceSource> {
  readonly #settings: NamespaceSettings;
  readonly #io: Io;
  readonly #directories: readonly string[];
  readonly #line: (told: Told) => string;
  readonly #explained = new Set<NotReadyReason>();
  #namespaces: readonly InventoryEntry[] = [];

  /** @param directories to watch, the one that is meant first */
  constructor(settings: NamespaceSettings, directories: readonly string[], io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.#directories = directories;
    this.#line = lineMaker(settings, directories, io);
  }

  async open(): Promise<NamespaceSource> {
    const options = { ...this.#settings.watcher, directories: this.#directories };
    const { namespaces, watcher } = await this.#io.listAndWatch(options);
    this.#namespaces = namespaces;
    return watcher;
  }

  present(source: NamespaceSource): string {
    this.#noteWhatIsMissing(source);
    if (!this.#settings.snapshot) return '';
    return this.#namespaces
      .flatMap(presentOf)
      .map((told) => this.#tell(told))
      .join('');
  }

  line(event: UnifiedEvent): string {
    if (event.type === 'idsUnavailable')
      note(`going on with names alone, without ids: ${event.error.message}`, this.#io);
    if (this.#settings.events.has(event.type)) return this.#tell(event);
    if (event.type === 'directoryCreated') note(`${event.path} is there now`, this.#io);
    if (event.type === 'directoryDeleted')
      note(`${event.path} is gone; waiting for it to come back`, this.#io);
    return '';
  }

  #noteWhatIsMissing(source: NamespaceSource): void {
    const missing = source.missingDirectories();
    for (const directory of missing) note(`${directory} is not there yet; waiting for it`, this.#io);
    const there = this.#directories.filter((directory) => !missing.includes(directory));
    if (there.length > 0 && this.#namespaces.every(({ names }) => names.length === 0))
      note(`no namespaces in ${there.join(', ')} yet; waiting for the first`, this.#io);
    if (source.stats().ids?.complete === false)
      note('there may be more ids than these: the kernel did not list them all', this.#io);
  }

  /** The line, and once for each reason why a name is not ready what can be done about it. */
  #tell(told: Told): string {
    if ('reason' in told && !this.#explained.has(told.reason)) {
      this.#explained.add(told.reason);
      const remedy = REMEDIES[told.reason];
      if (remedy !== undefined) note(remedy, this.#io);
    }
    return this.#line(told);
  }
}

function lineMaker(
  { json, colourRefused, watcher }: NamespaceSettings,
  directories: readonly string[],
  { env, stdout, now }: Io,
): (told: Told) => string {
  if (json) return (told) => `${jsonLine(told, now())}\n`;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  const style = { paint, readyTimeout: watcher.readyTimeout, directories };
  // Nobody needs a line of what has been said on the same terminal.
  return (told) => (told.type === 'idsUnavailable' ? '' : `${humanLine(told, now(), style)}\n`);
}
