/** Checks the options of links. */
import { invalidArgument } from '../../errors.ts';
import { FALLBACK_TUNNELS } from '../../netns/processes/lo-only.ts';
import { globs } from '../../reference/glob.ts';
import type { Matcher } from '../../reference/glob.ts';
import { boolean } from '../stream/stream-options.ts';
import type { LinkView } from './link-node.ts';
import type { LinkOptions } from './link-types.ts';
import { isUp } from './link-view.ts';

/** The options of links, checked. */
export interface LinkSettings {
  /** Whether a link is told of. */
  shows: (view: LinkView) => boolean;
  /** The same of one whose name alone is known. */
  showsName: (name: string) => boolean;
  ownTable: boolean;
}

/**
 * @returns null: links are not watched
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function checkLinkOptions(value: unknown): LinkSettings | null {
  if (value === undefined || value === false) return null;
  if (value !== true && (typeof value !== 'object' || value === null || Array.isArray(value)))
    throw invalidArgument('links', 'true, false or an object', value);
  const options: { [name in keyof LinkOptions]?: unknown } = value === true ? {} : value;
  const kinds = new Set(strings('links.excludeKinds', options.excludeKinds));
  const names = strings('links.excludeNames', options.excludeNames);
  const isExcluded: Matcher | null = names.length === 0 ? null : globs(names);
  const showsTunnels = boolean('links.fallbackTunnels', options.fallbackTunnels, false);
  const isNamed = (name: string): boolean => isExcluded?.(name) !== true;
  return {
    shows: ({ facts }) => {
      if (facts.kind !== null && kinds.has(facts.kind)) return false;
      if (!isNamed(facts.name)) return false;
      return showsTunnels || isUp(facts) || facts.kind === null || !FALLBACK_TUNNELS.has(facts.name);
    },
    showsName: (name) => isNamed(name) && (showsTunnels || !FALLBACK_TUNNELS.has(name)),
    ownTable: boolean('links.ownTable', options.ownTable, false),
  };
}

function strings(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  const all: unknown[] = Array.isArray(value) ? Array.from(value) : [];
  if (Array.isArray(value) && all.every((one) => typeof one === 'string' && one !== ''))
    return all as string[];
  throw invalidArgument(name, 'an array of strings, none empty', value);
}
