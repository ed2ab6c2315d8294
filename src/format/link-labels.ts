/**
 * What a namespace is called where its links are printed (namespace-label.ts). `text` is as it is,
 * for JSON; `shown` is escaped and quoted as names are (escape.ts), so that a name cannot look like
 * another word.
 */
import type { LinkNamespace } from '../watch/links/link-types.ts';
import { keyOf, labelText, numberText } from '../watch/links/namespace-label.ts';
import { shown } from './escape.ts';
import { ownerText } from './owner-text.ts';

export interface NamespaceLabel {
  text: string;
  shown: string;
}

/** @param directory a name in it stands alone, one in another as its path */
export function labelOf(netns: LinkNamespace, directory: string): NamespaceLabel {
  const text = labelText(netns, directory);
  if (netns.names.length > 0) return { text, shown: shown(text) };
  return { text, shown: netns.own || netns.owner === null ? text : ownerText(netns.owner) };
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
    const number = numberText(netns);
    return { text: `${label.text} ${number}`, shown: `${label.shown} ${number}` };
  }
}
