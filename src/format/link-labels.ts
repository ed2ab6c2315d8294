/** What many namespaces are called where their links are printed. */
import type { LinkNamespace } from '../watch/links/link-types.ts';
import { numberText } from '../watch/links/label-text.ts';
import { keyOf } from '../watch/links/link-namespace-key.ts';
import { labelOf } from './namespace-label.ts';
import type { NamespaceLabel } from './namespace-label.ts';

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
