/**
 * All that can be found on a host as one text in lower case: more than the search (core,
 * page/model/search.ts) finds, never less, so that a host without a word in it is passed over.
 */
import type { WireSnapshot } from '../../core.ts';

/** What is found and stands nowhere: labels, and states that are made of two fields. */
const WORDS: readonly string[] = ['(this namespace)', '?', 'up', 'down', 'no-carrier', 'lingering'];

export function searchText({ directory, namespaces, links }: WireSnapshot): string {
  const lines = new Set<string>(WORDS);
  lines.add(directory.toLowerCase());
  collect(namespaces, lines);
  collect(links, lines);
  // One text of its own, not a tree of all that it was made of.
  return Buffer.from([...lines].join('\n')).toString();
}

function collect(value: unknown, lines: Set<string>): void {
  if (typeof value === 'string') lines.add(value.toLowerCase());
  else if (typeof value === 'number') lines.add(String(value));
  else if (typeof value === 'object' && value !== null)
    // A path is a directory and a name, which stand alone.
    for (const [key, one] of Object.entries(value)) if (key !== 'path') collect(one, lines);
}

/** False: it surely has not all of these words. They are in lower case. */
export const mayHave = (text: string, words: readonly string[]): boolean =>
  words.every((word) => formsOf(word).some((form) => text.includes(form)));

/** A word as it stands in the text: without its prefix, as a MAC, the last part of a path. */
function formsOf(word: string): string[] {
  const bare = word.replace(/^[a-z]+:/, '');
  const mac = /^[0-9a-f]{4,12}$/.test(bare) ? bare.replaceAll(/..(?=.)/g, '$&:') : bare.replaceAll('-', ':');
  return [word, bare, mac, bare.slice(bare.lastIndexOf('/') + 1)];
}
