/** What `nlink watch` tells of names, and how. */
import type { NotReadyReason } from '../netns/observe.ts';
import type { NamespaceEntry } from '../netns/entry.ts';
import type { NamespaceEvent } from '../watch/events.ts';
import { painter, wantsColour } from './color.ts';
import type { Telling } from './follow.ts';
import { humanLine } from './human.ts';
import type { Told } from './human.ts';
import type { Io, NameSource } from './io.ts';
import { jsonLine } from './json.ts';
import { note } from './output.ts';
import { REMEDIES } from './reasons.ts';
import type { NameSettings } from './settings.ts';

export class NameTelling implements Telling<NamespaceEvent, NameSource> {
  readonly #settings: NameSettings;
  readonly #io: Io;
  readonly #line: (told: Told) => string;
  readonly #explained = new Set<NotReadyReason>();
  #namespaces: readonly NamespaceEntry[] = [];

  constructor(settings: NameSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.#line = lineMaker(settings, io);
  }

  async open(): Promise<NameSource> {
    const { namespaces, watcher } = await this.#io.listAndWatch(this.#settings.watcher);
    this.#namespaces = namespaces;
    return watcher;
  }

  present({ isWatchingNetns }: NameSource): string {
    const { directory } = this.#settings.watcher;
    if (!isWatchingNetns) note(`${directory} is not there yet; waiting for it`, this.#io);
    else if (this.#namespaces.length === 0)
      note(`no namespaces in ${directory} yet; waiting for the first`, this.#io);
    if (!this.#settings.snapshot) return '';
    return this.#namespaces.map((entry) => this.#tell({ type: 'present', ...entry })).join('');
  }

  line(event: NamespaceEvent): string {
    if (this.#settings.events.has(event.type)) return this.#tell(event);
    if (event.type === 'directoryCreated') note(`${event.path} is there now`, this.#io);
    if (event.type === 'directoryDeleted')
      note(`${event.path} is gone; waiting for it to come back`, this.#io);
    return '';
  }

  /** The line, and once for each reason why a name is not ready what can be done about it. */
  #tell(told: Told): string {
    if (
      (told.type === 'created' || told.type === 'present') &&
      !told.ready &&
      !this.#explained.has(told.reason)
    ) {
      this.#explained.add(told.reason);
      const remedy = REMEDIES[told.reason];
      if (remedy !== undefined) note(remedy, this.#io);
    }
    return this.#line(told);
  }
}

function lineMaker(
  { json, colourRefused, watcher }: NameSettings,
  { env, stdout, now }: Io,
): (told: Told) => string {
  if (json) return (told) => `${jsonLine(told, now())}\n`;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  const style = { paint, readyTimeout: watcher.readyTimeout };
  return (told) => `${humanLine(told, now(), style)}\n`;
}
