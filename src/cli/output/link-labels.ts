/**
 * What a namespace is called where its links are printed: its name, else the word for one's own,
 * else whose it is, else a number that tells it from others. `text` is as it is, for JSON; `shown`
 * is escaped and quoted as names are (escape.ts), so that a name cannot look like another word.
 */
import { namespaceKey } from '../../netns/identity/identity.ts';
import type { LinkNamespace } from '../../watch/links/link-types.ts';
import { shown } from './escape.ts';
import { isUnit, ownerText } from './owner-text.ts';

export interface NamespaceLabel {
  text: string;
  shown: string;
}

/** As `nlink list` calls it; no name is printed so, since one with a space is quoted. */
const OWN = '(this namespace)';

/** @param directory a name in it stands alone, one in another as its path */
export function labelOf(netns: LinkNamespace, directory: string): NamespaceLabel {
  const { names, own, owner } = netns;
  const [name] = names;
  if (name !== undefined) {
    const text = name.directory === directory ? name.name : name.path;
    return { text, shown: shown(text) };
  }
  if (own) return plain(OWN);
  if (owner !== null)
    return {
      text: isUnit(owner) ? owner.name : `${owner.kind} ${owner.name}`,
      shown: ownerText(owner),
    };
  return plain(numberOf(netns));
}

/** By a number: the first that is known. The last is this watcher's alone. */
function numberOf({ namespace, nsid, pids: [pid], number }: LinkNamespace): string {
  if (namespace !== null) return `inode:${namespace.ino}`;
  if (nsid !== null) return `nsid:${nsid}`;
  if (pid !== undefined) return `pid:${pid}`;
  return number === null ? '?' : `number:${number}`;
}

const plain = (text: string): NamespaceLabel => ({ text, shown: text });

/** That of a namespace with this number. */
export const numberKey = (number: number): string => `number ${number}`;

/** The same for two that are one namespace, as one watcher tells of them. */
export function keyOf({ number, namespace, own, nsid }: LinkNamespace): string {
  if (number !== null) return numberKey(number);
  if (namespace !== null) return namespaceKey(namespace);
  return own ? 'own' : `nsid ${nsid}`;
}

/** The labels of many, where no two are alike. */
export class NamespaceLabels {
  readonly #directory: string;
  readonly #keys = new Map<string, Set<string>>();

  /** @param all every namespace that will be asked for */
  constructor(all: Iterable<LinkNamespace>, directory: string) {
    this.#directory = directory;
    for (const netns of all) {
      const { text } = labelOf(netns, directory);
      const keys = this.#keys.get(text) ?? new Set();
      this.#keys.set(text, keys.add(keyOf(netns)));
    }
  }

  /** Two of one owner, such as a service: with a number of theirs. */
  of(netns: LinkNamespace): NamespaceLabel {
    const label = labelOf(netns, this.#directory);
    if ((this.#keys.get(label.text)?.size ?? 1) === 1) return label;
    const number = numberOf(netns);
    return { text: `${label.text} ${number}`, shown: `${label.shown} ${number}` };
  }
}
