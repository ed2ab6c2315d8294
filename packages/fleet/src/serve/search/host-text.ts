/** All that can be found on a host as one text in lower case. */
import { linkIndex, namespaceIndex } from '../../core.ts';
import type { PageNamespace } from '../../core.ts';

export function searchText(namespaces: readonly PageNamespace[]): string {
  const lines = new Set<string>();
  const add = (text: string): void => {
    for (const line of text.split('\n')) lines.add(line);
  };
  for (const box of namespaces) {
    const { plain, words, numbers } = namespaceIndex(box);
    add(plain);
    add(words);
    add(numbers);
    for (const link of box.links.values()) {
      const index = linkIndex(link);
      add(index.plain);
      add(index.words);
      add(index.numbers);
      add(index.mac);
    }
  }
  // One text of its own, not a tree of all that it was made of.
  return Buffer.from([...lines].join('\n')).toString();
}
