/**
 * What matches some words. All of them must, each by itself:
 *
 * | word                             | matches                                             |
 * | -------------------------------- | --------------------------------------------------- |
 * | `text`                           | part of a name, path, label, owner, alias           |
 * | digits                           | the same; or exactly a PID, nsid, inode, index, id  |
 * | `02:42`, `0242ac`, `02-42-AC`    | part of a MAC                                       |
 * | `10.0.0.2`, `fe80::1`            | part of an IP address, where these were asked for   |
 * | `name:` `owner:` `mac:` `ip:`    | that part alone; `name:` is of namespaces and links |
 * | `pid:` `nsid:` `inode:` `index:` | that number exactly; so do `id:` and `number:`      |
 * | `kind:` `state:`                 | that of a link; of a namespace how links are known  |
 *
 * In any case. A link matches by what is of itself; with several words, those that it lacks may be
 * its namespace's. What each is made of is kept for as long as it stays the same object.
 */
import type { PageModel } from '../replay/replay-types.ts';
import { linkIndex, namespaceIndex } from './search-index.ts';
import { isIn, termsOf, whyOf } from './search-terms.ts';
import type { Term } from './search-terms.ts';

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
    const of = namespaceIndex(box);
    const isTheir = terms.map((term) => isIn(term, of, NONE));
    if (!isTheir.includes(false)) namespaces.set(box.key, joined(terms.map((term) => whyOf(term, of, NONE))));
    for (const [key, link] of box.links) {
      const index = linkIndex(link);
      const ips = addresses?.get(key) ?? NONE;
      let isOfItself = false;
      const isMissing = terms.some((term, at) => {
        const isOwn = isIn(term, index, ips);
        isOfItself ||= isOwn;
        return !isOwn && isTheir[at] === false;
      });
      if (isMissing || !isOfItself) continue;
      const why = (term: Term): string =>
        isIn(term, index, ips) ? whyOf(term, index, ips) : whyOf(term, of, NONE);
      links.set(key, joined(terms.map(why)));
    }
  }
  return { namespaces, links };
}

const joined = (whys: readonly string[]): string => [...new Set(whys)].filter((why) => why !== '').join(', ');
