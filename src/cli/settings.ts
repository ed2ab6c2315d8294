/** The options of `nlink watch`, from text to what they mean. */
import type { NamespaceWatcherOptions } from '../watch/events.ts';
import type { Given, Options } from './command.ts';
import { quoted } from './escape.ts';
import { ID_EVENTS, NAME_EVENTS, WATCH } from './table-watch.ts';
import type { IdEventType, NameEventType } from './table-watch.ts';
import { UsageError } from './usage-error.ts';

/** What names and ids have in common. */
interface WatchSettings<Type extends string> {
  json: boolean;
  snapshot: boolean;
  colourRefused: boolean;
  /** The types of event to print. */
  events: ReadonlySet<Type>;
}

export interface NameSettings extends WatchSettings<NameEventType> {
  /** For the watcher; complete but for what the command never sets. */
  watcher: NamespaceWatcherOptions & { directory: string; readyTimeout: number };
}

/** With `--ids`. */
export interface IdSettings extends WatchSettings<IdEventType> {
  allNamespaces: boolean;
}

const NAME_TYPES = Object.keys(NAME_EVENTS) as NameEventType[];
const ID_TYPES = Object.keys(ID_EVENTS) as IdEventType[];
const DIRECTORY_TYPES: readonly NameEventType[] = ['directoryCreated', 'directoryDeleted'];
/** The longest time of a timer, in milliseconds: 24 days. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** @throws UsageError */
export function nameSettings({ options }: Given): NameSettings {
  const usual = NAME_TYPES.filter((type) => !DIRECTORY_TYPES.includes(type));
  const events = new Set(listedTypes(options, NAME_TYPES, '') ?? usual);
  if (options.has('directory-events')) for (const type of DIRECTORY_TYPES) events.add(type);
  return {
    ...commonSettings(options),
    events,
    watcher: {
      directory: options.get('directory')?.[0] ?? '/var/run/netns',
      readyTimeout: readyTimeout(options.get('ready-timeout')?.[0]),
      followSymlinks: !options.has('no-follow-symlinks'),
      // Asked for always: what is not printed is noted on stderr.
      emitDirectoryEvents: true,
    },
  };
}

/** @throws UsageError */
export function idSettings({ options }: Given): IdSettings {
  return {
    ...commonSettings(options),
    events: new Set(listedTypes(options, ID_TYPES, ' with --ids') ?? ID_TYPES),
    allNamespaces: options.has('all-namespaces'),
  };
}

const commonSettings = (options: Options): Omit<WatchSettings<never>, 'events'> => ({
  json: options.has('json'),
  snapshot: !options.has('no-snapshot'),
  colourRefused: options.has('no-color'),
});

/** Those of `--events`. @param where completes "there is no type of event …" */
function listedTypes<Type extends string>(
  options: Options,
  types: readonly Type[],
  where: string,
): Type[] | undefined {
  return options.get('events')?.flatMap((list) => list.split(',').map((text) => typeOf(text, types, where)));
}

function typeOf<Type extends string>(text: string, types: readonly Type[], where: string): Type {
  const type = types.find((candidate) => candidate === text.trim());
  if (type !== undefined) return type;
  throw usage(
    `--events: there is no type of event ${quoted(text)}${where}; there are ${types.join(', ')}${hintFor(text.trim())}`,
  );
}

function hintFor(type: string): string {
  if (type === 'present') return '; what is present is printed unless --no-snapshot';
  return ID_TYPES.some((known) => known === type) ? `; ${type} comes with --ids` : '';
}

function readyTimeout(text: string | undefined): number {
  if (text === undefined) return 1000;
  const milliseconds = /^\d+$/.test(text) ? Number(text) : NaN;
  if (milliseconds <= MAX_TIMEOUT) return milliseconds;
  throw usage(
    `--ready-timeout must be a whole number of milliseconds from 0 to ${MAX_TIMEOUT}, not ${quoted(text)}`,
  );
}

const usage = (message: string): UsageError => new UsageError(message, WATCH);
