/** The options of `nlink watch`, from text to what they mean. */
import type { UnifiedNamespaceWatcherOptions } from '../../../watch/unified/unified-events.ts';
import type { LinkOptions } from '../../../watch/links/link-types.ts';
import type { Given, Options } from '../../args/given.ts';
import { MAX_MILLISECONDS } from '../../args/duration.ts';
import { words } from '../../args/option-values.ts';
import { patternsOf } from '../../args/name-patterns.ts';
import { quoted } from '../../../format/escape.ts';
import { lineSettings } from './format-settings.ts';
import type { LineSettings } from './format-settings.ts';
import { suggest } from '../../args/suggest.ts';
import { EVENT_WORDS, LINK_EVENTS, NSID_EVENTS, NAMESPACE_EVENTS } from '../../spec/watch.ts';
import type { LinkEventType, NsidEventType, NamespaceEventType } from '../../spec/watch.ts';
import { UsageError } from '../../output/usage-error.ts';

/** What both kinds of watch have in common. */
interface WatchSettings<Type extends string> extends LineSettings {
  /** The types of event to print. */
  events: ReadonlySet<Type>;
}

export interface NamespaceSettings extends WatchSettings<NamespaceEventType | LinkEventType> {
  /** Patterns, one of which a name must match to be reported; none: all are reported. */
  patterns: readonly string[];
  /** Whether directories of container runtimes are looked for, also later. */
  containers: boolean;
  /**
   * For the watcher; complete but for the directories (directories.ts) and what the command never
   * sets.
   */
  watcher: UnifiedNamespaceWatcherOptions & { readyTimeout: number };
}

/** With `--nsids`. */
export interface NsidSettings extends WatchSettings<NsidEventType> {
  allNamespaces: boolean;
}

const NAMESPACE_TYPES = Object.keys(NAMESPACE_EVENTS) as NamespaceEventType[];
const LINK_TYPES = Object.keys(LINK_EVENTS) as LinkEventType[];
const NSID_TYPES = Object.keys(NSID_EVENTS) as NsidEventType[];
/** What `ip netns monitor` has lines for. */
const IP_TYPES: readonly NamespaceEventType[] = ['created', 'deleted'];
const DIRECTORY_TYPES: readonly NamespaceEventType[] = ['directoryCreated', 'directoryDeleted'];

/** @param proc where procfs is mounted @throws UsageError */
export function namespaceSettings({ options, arguments: args }: Given, proc = '/proc'): NamespaceSettings {
  const lines = lineSettings(options);
  const links = options.has('links');
  if (links && lines.format === 'ip')
    throw new UsageError('--links cannot be used with --format ip: ip netns monitor has no links');
  const [types, where] = lines.format === 'ip' ? [IP_TYPES, ' with --format ip'] : [NAMESPACE_TYPES, ''];
  const all = links ? [...types, ...LINK_TYPES] : types;
  const usual = all.filter((type) => !DIRECTORY_TYPES.some((one) => one === type));
  const events = new Set(listedTypes(options, all, where) ?? usual);
  if (options.has('directory-events') && lines.format === 'ip')
    throw new UsageError('--directory-events cannot be used with --format ip');
  if (options.has('directory-events')) for (const type of DIRECTORY_TYPES) events.add(type);
  const patterns = patternsOf(args);
  const [pattern] = patterns;
  if (options.has('all') && pattern !== undefined)
    throw new UsageError(`unexpected argument ${quoted(pattern)}: --all is about those without a name too`);
  return {
    ...lines,
    events,
    patterns,
    containers: options.has('containers'),
    watcher: {
      readyTimeout: readyTimeout(
        options.get('ready-timeout')?.[0],
        options.has('containers') ? RUNTIMES_TAKE : 1000,
      ),
      followSymlinks: !options.has('no-follow-symlinks'),
      // Asked for always: what is not printed is noted on stderr.
      emitDirectoryEvents: true,
      netlink: options.has('no-nsids') ? 'off' : 'auto',
      assignNsids: options.has('assign-nsids'),
      ...(options.has('no-deaths') && { deaths: 'off' as const }),
      ...(options.has('all') && { unnamed: true }),
      ...(links && { links: linkOptions(options) }),
      proc,
    },
  };
}

/** `lo` is the same everywhere, and in the way of what is looked for. */
function linkOptions(options: Options): LinkOptions {
  const all = options.has('all-links');
  return {
    excludeKinds: words(options, 'exclude-kind'),
    excludeNames: [...(all ? [] : ['lo']), ...(options.get('exclude-link') ?? [])],
    fallbackTunnels: all,
    ...(options.has('own-table') && { ownTable: true }),
  };
}

/** @throws UsageError */
export function nsidSettings({ options, arguments: args }: Given): NsidSettings {
  const [pattern] = args.get('pattern') ?? [];
  if (pattern !== undefined)
    throw new UsageError(`unexpected argument ${quoted(pattern)}: --nsids has no names`);
  return {
    ...lineSettings(options),
    events: new Set(listedTypes(options, NSID_TYPES, ' with --nsids') ?? NSID_TYPES),
    allNamespaces: options.has('all-namespaces'),
  };
}

/** Those of `--events`. @param where completes "unknown type …" */
function listedTypes<Type extends string>(
  options: Options,
  types: readonly Type[],
  where: string,
): Type[] | undefined {
  const lists = options.get('events');
  return lists?.flatMap((list) => list.split(',').flatMap((text) => typesOf(text.trim(), types, where)));
}

/** What one word stands for: a type, or the word of the lines for people. */
function typesOf<Type extends string>(word: string, types: readonly Type[], where: string): Type[] {
  const meant = EVENT_WORDS[word] ?? [word];
  const found = types.filter((type) => meant.some((one) => one === type));
  if (found.length > 0) return found;
  throw new UsageError(
    `--events: unknown type ${quoted(word)}${where}; known: ${types.join(', ')}${hintFor(word, types)}`,
  );
}

function hintFor(word: string, types: readonly string[]): string {
  if (word === 'present') return '; the state at the start is printed without --no-snapshot';
  const meant = EVENT_WORDS[word] ?? [word];
  if (LINK_TYPES.some((known) => meant.some((one) => one === known))) return `; ${word} requires --links`;
  if (NSID_TYPES.some((known) => known === word)) return `; ${word} requires --nsids`;
  const words = Object.entries(EVENT_WORDS).filter(([, meant]) => meant.some((one) => types.includes(one)));
  const near = suggest(word, [...types, ...words.map(([known]) => known)]);
  return near === null ? '' : `; did you mean ${near}?`;
}

/**
 * A dockerd mounts the namespaces of its own networks up to 1.7 s after it has made their files
 * (20.10).
 */
const RUNTIMES_TAKE = 3000;

function readyTimeout(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const milliseconds = /^\d+$/.test(text) ? Number(text) : NaN;
  if (milliseconds <= MAX_MILLISECONDS) return milliseconds;
  throw new UsageError(
    `--ready-timeout must be a whole number of milliseconds from 0 to ${MAX_MILLISECONDS}, not ${quoted(text)}`,
  );
}
