/** The options of `nlink watch`, from text to what they mean. */
import type { NamespaceWatcherOptions } from '../watch/events.ts';
import type { Given, Options } from './command.ts';
import { quoted } from './escape.ts';
import { EVENTS, WATCH } from './table-watch.ts';
import type { EventType } from './table-watch.ts';
import { UsageError } from './usage-error.ts';

export interface WatchSettings {
  json: boolean;
  snapshot: boolean;
  colourRefused: boolean;
  /** The types of event to print. */
  events: ReadonlySet<EventType>;
  /** For the watcher; complete but for what the command never sets. */
  watcher: NamespaceWatcherOptions & { directory: string; readyTimeout: number };
}

const TYPES = Object.keys(EVENTS) as EventType[];
const DIRECTORY_TYPES: readonly EventType[] = ['directoryCreated', 'directoryDeleted'];
/** The longest time of a timer, in milliseconds: 24 days. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** @throws UsageError */
export function watchSettings({ options }: Given): WatchSettings {
  return {
    json: options.has('json'),
    snapshot: !options.has('no-snapshot'),
    colourRefused: options.has('no-color'),
    events: eventTypes(options),
    watcher: {
      directory: options.get('directory')?.[0] ?? '/var/run/netns',
      readyTimeout: readyTimeout(options.get('ready-timeout')?.[0]),
      followSymlinks: !options.has('no-follow-symlinks'),
      // Asked for always: what is not printed is noted on stderr.
      emitDirectoryEvents: true,
    },
  };
}

/** Those of `--events`, or all but the directory's own; and these with `--directory-events`. */
function eventTypes(options: Options): Set<EventType> {
  const listed = options.get('events')?.flatMap((list) => list.split(',').map(eventType));
  const types = new Set(listed ?? TYPES.filter((type) => !DIRECTORY_TYPES.includes(type)));
  if (options.has('directory-events')) for (const type of DIRECTORY_TYPES) types.add(type);
  return types;
}

function eventType(text: string): EventType {
  const type = TYPES.find((candidate) => candidate === text.trim());
  if (type !== undefined) return type;
  const hint = text.trim() === 'present' ? ' (what is present is printed unless --no-snapshot)' : '';
  throw usage(`--events: there is no type of event ${quoted(text)}${hint}; there are ${TYPES.join(', ')}`);
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
