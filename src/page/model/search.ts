/**
 * What matches some words. All of them must, each by itself:
 *
 * | word                               | matches                                                     |
 * | ---------------------------------- | ----------------------------------------------------------- |
 * | `text`                             | part of a name, path, label, owner, link, alias, address    |
 * | digits                             | the same; or exactly an nsid, index, number, inode, id, PID |
 * | `02:42`, `0242ac`, `02-42-AC`      | part of a MAC                                               |
 * | `10.0.0.2`, `fe80::1`              | part of an IP address, where these were asked for           |
 * | `name:` `owner:` `mac:` `ip:`      | that part alone; `name:` is of namespaces and links         |
 * | `pid:` `nsid:` `inode:` `index:`   | that number exactly; so do `id:` and `number:`              |
 * | `kind:` `state:`                   | that of a link; `state:` also how it is known or leads      |
 *
 * In any case. A link matches by what is of itself; with several words, those that it lacks may be
 * its namespace's. What each is made of is kept for as long as it stays the same object.
 */
import type { PageModel } from './page-types.ts';
import { linkIndex, namespaceIndex } from './search-index.ts';
import { termsOf, whyOf } from './search-terms.ts';

export interface Matches {
  /** Why, in a few words, by `PageNamespace.key`. Not escaped. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** The same by `PageLink.key`. */
  readonly links: ReadonlyMap<string, string>;
}

/** IP addresses by `PageLink.key`. */
export type Addresses = ReadonlyMap<string, readonly string[]>;

const NOTHING: Matches = { namespaces: new Map(), links: new Map() };
const NONE: readonly string[] = [];

/** @param addresses left out: they were not asked for */
export function search(model: PageModel, query: string, addresses?: Addresses): Matches {
  const terms = termsOf(query);
  if (terms.length === 0) return NOTHING;
  const namespaces = new Map<string, string>();
  const links = new Map<string, string>();
  for (const box of model.namespaces.values()) {
    const index = namespaceIndex(box);
    const whys = terms.map((term) => whyOf(term, index, NONE));
    if (!whys.includes(null)) namespaces.set(box.key, joined(whys));
    for (const [key, link] of box.links) {
      const found = terms.map((term) => whyOf(term, linkIndex(link), addresses?.get(key) ?? NONE));
      const isOfItself = found.some((why) => why !== null);
      const all = isOfItself ? found.map((why, at) => why ?? whys[at] ?? null) : found;
      if (!all.includes(null)) links.set(key, joined(all));
    }
  }
  return { namespaces, links };
}

const joined = (whys: readonly (string | null)[]): string =>
  [...new Set(whys)].filter((why) => why !== '').join(', ');
