/**
 * What is looked at, in the address: `#host=ID&host=ID&at=NAMESPACE&link=NAME&q=WORDS&state=late`.
 * `at` and `link` are on the last host. Nothing of it goes to the server.
 */
import type { Shown } from './hosts.ts';

export interface FleetPlace {
  /** Those that are open, by id. */
  readonly hosts: readonly string[];
  readonly at: string | null;
  readonly link: string | null;
  readonly query: string;
  readonly shown: Shown;
}

const SHOWN: ReadonlySet<string> = new Set(['all', 'live', 'late', 'gone', 'duplicate']);

export function hashOf({ hosts, at, link, query, shown }: FleetPlace): string {
  const words = new URLSearchParams();
  if (query !== '') words.set('q', query);
  if (shown !== 'all') words.set('state', shown);
  for (const id of hosts) words.append('host', id);
  if (at !== null) words.set('at', at);
  if (link !== null) words.set('link', link);
  const text = words.toString();
  return text === '' ? '' : `#${text}`;
}

export function placeIn(hash: string): FleetPlace {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const shown = words.get('state') ?? 'all';
  return {
    hosts: [...new Set(words.getAll('host'))],
    at: words.get('at'),
    link: words.get('link'),
    query: words.get('q') ?? '',
    shown: SHOWN.has(shown) ? (shown as Shown) : 'all',
  };
}
