/** What `nlink watch` prints of namespaces: names and nsids together. */
import { noteIncomplete, noteMissingDirectories } from '../shared/notes.ts';
import type { InventoryEntry, UnifiedEvent } from '../../../watch/unified/unified-events.ts';
import { painter, wantsColour } from '../../output/color.ts';
import { safeJson } from '../../../format/escape.ts';
import type { Reporter } from './follow.ts';
import { namespaceKey } from '../../../netns/identity/identity.ts';
import { globs } from '../../../reference/glob.ts';
import type { Matcher } from '../../../reference/glob.ts';
import { GrowingSource } from './growing-source.ts';
import { textLine } from './text-lines.ts';
import type { Io, NamespaceSource } from '../../host/io.ts';
import { ipLine } from './ip-lines.ts';
import { recordOf } from '../../../format/event-json.ts';
import { note } from '../../output/output.ts';
import { unseenProcesses } from '../../output/unseen-processes.ts';
import type { NamespaceSettings } from './settings.ts';
import { Timestamps } from './timestamps.ts';
import type { LinkEvent } from '../../../watch/links/link-types.ts';
import { linksOf } from '../../../format/link-row.ts';
import { LinkNames } from '../../../format/link-names.ts';
import { isLinkOutput, presentOf } from '../../../format/output-event.ts';
import type { LackEvent, NamespaceEvent, OutputEvent } from '../../../format/output-event.ts';
import { linkNamespaceOf } from '../../../watch/unified/link-namespace.ts';
import { Remedies } from '../../output/verdict-text.ts';
import { judgedInventory } from '../../host/name-verdicts.ts';

/** Said on stderr, also where no line tells of it. */
const LACK_NOTES: Readonly<Record<LackEvent['type'], string>> = {
  nsidsUnavailable: 'continuing without nsids',
  deathsUnavailable: 'no longer reporting the end of namespaces without an nsid',
  linksUnavailable: 'no longer reporting links',
};

export class NamespaceReporter implements Reporter<UnifiedEvent, NamespaceSource, OutputEvent> {
  readonly #settings: NamespaceSettings;
  readonly #io: Io;
  readonly #directories: readonly string[];
  readonly #proc: string;
  readonly line: (event: OutputEvent, time: Date) => string;
  readonly record: Reporter<UnifiedEvent, NamespaceSource, OutputEvent>['record'];
  readonly #matches: Matcher | null;
  /** Namespaces that live on without a wanted name that they had: their ends are wanted as well. */
  readonly #outlived = new Set<string>();
  readonly #remedies: Remedies;
  /** Null: links are not watched. */
  readonly #linkNames: LinkNames | null;
  #namespaces: readonly InventoryEntry[] = [];

  /** @param directories to watch, the one that is meant first */
  constructor(settings: NamespaceSettings, directories: readonly string[], io: Io) {
    this.#settings = settings;
    this.#io = io;
    this.#directories = directories;
    this.#proc = settings.watcher.proc ?? '/proc';
    this.#remedies = new Remedies(this.#proc, { ofFiles: false });
    this.line = lineMaker(settings, directories, io);
    this.record = (event, time) => recordOf(event, time, directories[0]);
    this.#linkNames = settings.watcher.links === undefined ? null : new LinkNames();
    this.#matches = settings.patterns.length === 0 ? null : globs(settings.patterns);
  }

  async open(): Promise<NamespaceSource> {
    const options = { ...this.#settings.watcher, directories: this.#directories };
    const { namespaces, watcher } = await this.#io.listAndWatch(options);
    if (options.unnamed === true && !watcher.isWatchingDeaths)
      note(`namespaces without a name or an nsid are not found: ${watcher.deathsError?.message}`, this.#io);
    if (watcher.linksError !== null) note(`links are not reported: ${watcher.linksError.message}`, this.#io);
    const { processes } = watcher.stats();
    const missed = processes === null ? '' : unseenProcesses(processes.unseen, this.#proc);
    if (missed !== '') note(`namespaces without a name may be missed: ${missed}`, this.#io);
    this.#namespaces = this.#settings.snapshot ? await this.#judged(namespaces, watcher) : namespaces;
    return this.#settings.containers ? new GrowingSource(watcher, options, this.#io) : watcher;
  }

  async #judged(
    namespaces: readonly InventoryEntry[],
    watcher: NamespaceSource,
  ): Promise<readonly InventoryEntry[]> {
    try {
      return await judgedInventory(namespaces, (name) => this.#matches?.(name) ?? true, this.#proc, this.#io);
    } catch (error) {
      // Nobody has it yet who could stop it.
      await watcher.stop();
      throw error;
    }
  }

  present(source: NamespaceSource): OutputEvent[] {
    this.#noteWhatIsMissing(source);
    // Also where they are not printed: names are learnt from them.
    const all = this.#namespaces.flatMap((entry) => [...presentOf(entry), ...this.#presentLinks(entry)]);
    if (!this.#settings.snapshot) return [];
    const present = all.filter((event) => this.#isMeant(event));
    for (const event of present) this.#explain(event);
    return present;
  }

  #presentLinks(entry: InventoryEntry): OutputEvent[] {
    return this.#linkNames?.present(linkNamespaceOf(entry), linksOf(entry)) ?? [];
  }

  report(event: UnifiedEvent): OutputEvent | null {
    return 'link' in event ? this.#reportLink(event) : this.#reportNamespace(event);
  }

  #reportLink(event: LinkEvent): OutputEvent | null {
    const told = this.#linkNames?.told(event) ?? null;
    return told !== null && this.#settings.events.has(event.type) && this.#isMeant(told) ? told : null;
  }

  #reportNamespace(event: NamespaceEvent): OutputEvent | null {
    if (isLack(event)) note(`${LACK_NOTES[event.type]}: ${event.error.message}`, this.#io);
    if (event.type === 'destroyed') this.#linkNames?.ended(event.number ?? null);
    const isEnd = this.#endsOutlived(event);
    if (this.#settings.events.has(event.type)) {
      if (!isEnd && !this.#isMeant(event)) return null;
      this.#explain(event);
      return event;
    }
    if (event.type === 'directoryCreated') note(`${event.path} exists now`, this.#io);
    if (event.type === 'directoryDeleted')
      note(`${event.path} is gone; waiting for it to come back`, this.#io);
    return null;
  }

  #noteWhatIsMissing(source: NamespaceSource): void {
    const missing = noteMissingDirectories(source, this.#io);
    const there = this.#directories.filter((directory) => !missing.includes(directory));
    if (there.length > 0 && this.#namespaces.every(({ names }) => names.length === 0))
      note(`no namespaces in ${there.join(', ')} yet; waiting for the first`, this.#io);
    if (source.stats().nsids?.complete === false) noteIncomplete(null, this.#io);
  }

  /** What nlink lacks is no event of the host. */
  counts(event: OutputEvent): boolean {
    return !isLack(event);
  }

  /** Whether one of its names is wanted. What concerns no namespace is meant for everybody. */
  #isMeant(event: OutputEvent): boolean {
    if (this.#matches === null) return true;
    if (isLinkOutput(event)) {
      const { netns, type } = event;
      const places = type === 'linkMoved' ? [netns, event.from.netns] : [netns];
      return places.some(({ names }) => names.some(({ name }) => this.#matches?.(name)));
    }
    if ('names' in event) return event.names.some(({ name }) => this.#matches?.(name));
    if (!('name' in event)) return true;
    return event.name !== null && this.#matches(event.name);
  }

  /** Whether it is the end of a namespace that had a wanted name when last that was told. */
  #endsOutlived(event: NamespaceEvent): boolean {
    if (this.#matches === null || !('namespace' in event) || event.namespace === null) return false;
    const key = namespaceKey(event.namespace);
    if (event.type === 'destroyed') return this.#outlived.delete(key);
    if (!('alive' in event)) return false;
    if (event.alive === true && this.#isMeant(event)) this.#outlived.add(key);
    // Its end will not be told.
    if (event.alive === null) this.#outlived.delete(key);
    return false;
  }

  /** Says once for each kind of reason why a name is not ready what can be done about it. */
  #explain(event: OutputEvent): void {
    const remedy = 'reason' in event ? this.#remedies.next(event) : undefined;
    if (remedy !== undefined) note(remedy, this.#io);
  }
}

const LACKS: ReadonlySet<OutputEvent['type']> = new Set(Object.keys(LACK_NOTES) as LackEvent['type'][]);

const isLack = (event: OutputEvent): event is LackEvent => LACKS.has(event.type);

function lineMaker(
  { format, time: style, colourRefused, watcher }: NamespaceSettings,
  directories: readonly string[],
  { env, stdout }: Io,
): (event: OutputEvent, time: Date) => string {
  const timestamps = new Timestamps(style);
  if (format === 'json')
    return (event, time) => `${safeJson(recordOf(event, timestamps.value(time), directories[0]))}\n`;
  if (format === 'ip') return ipLine;
  const paint = painter(wantsColour(env, stdout.isTTY === true, colourRefused));
  const look = { paint, readyTimeout: watcher.readyTimeout, directories };
  // Nobody needs a line of what has been said on the same terminal.
  return (event, time) => (isLack(event) ? '' : `${textLine(event, timestamps.text(time), look)}\n`);
}
