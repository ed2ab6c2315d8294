/** Which words of a search are about a host itself, not about what is on it. */

export interface Searched {
  readonly id: string;
  readonly name: string;
  readonly versions: { readonly kernel: string };
}

/** Shorter ones are the start of many an id. */
const ID_FROM = 4;

export const wordsOf = (query: string): string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

/** @param word in lower case; `host:` and `kernel:` are of hosts alone */
export function isOfHost(word: string, { id, name, versions }: Searched): boolean {
  if (word.startsWith('kernel:')) return versions.kernel.toLowerCase().includes(word.slice('kernel:'.length));
  if (word.startsWith('host:')) return name.toLowerCase().includes(word.slice('host:'.length));
  return name.toLowerCase().includes(word) || (word.length >= ID_FROM && id.toLowerCase().startsWith(word));
}

/** Whether it says nothing of what is on a host. */
export const isOfHostAlone = (word: string): boolean => /^(?:host|kernel):/.test(word);
