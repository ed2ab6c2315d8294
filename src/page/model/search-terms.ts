/** The words of a search, and why one of them matches. */
import type { SearchIndex, SearchText } from './search-index.ts';

const NUMBERS: readonly string[] = ['pid', 'nsid', 'inode', 'index', 'id', 'number'];
const TEXTS: Readonly<Record<string, readonly SearchText['field'][]>> = {
  name: ['name'],
  owner: ['owner'],
  kind: ['kind'],
  state: ['state'],
};
/** `kind:` and `state:` ask for these; a word alone does not find every veth. */
const PLAIN: ReadonlySet<SearchText['field']> = new Set(['name', 'owner', 'alias']);
const PREFIXES: ReadonlySet<string> = new Set([...NUMBERS, ...Object.keys(TEXTS), 'mac', 'ip']);
const MAC_DIGITS = /^[0-9a-f]{4,12}$/;
const MAC_PARTS = /^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){1,5}[:-]?$/;

export interface Term {
  /** In lower case. */
  word: string;
  /** Null: any. */
  prefix: string | null;
  /** As a MAC is written; null: it is no part of one. */
  mac: string | null;
  /** The same without colons. */
  macDigits: string | null;
  /** As those of an index, where it is a number. */
  numbers: readonly string[];
}

export const termsOf = (query: string): Term[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(termOf);

function termOf(text: string): Term {
  const at = text.indexOf(':');
  const named = at < 0 ? '' : text.slice(0, at);
  const isPrefix = PREFIXES.has(named);
  const numbered = isPrefix ? [named] : NUMBERS;
  const word = isPrefix ? text.slice(at + 1) : text;
  return {
    word,
    prefix: isPrefix ? named : null,
    mac: MAC_PARTS.test(word) ? word.replaceAll('-', ':') : null,
    macDigits: MAC_DIGITS.test(word) ? word : null,
    numbers: /^\d+$/.test(word) ? numbered.map((what) => `${what} ${word}`) : [],
  };
}

/** @param ips addresses of the link. @returns null: it does not match */
export function whyOf(term: Term, index: SearchIndex, ips: readonly string[]): string | null {
  const { word, prefix } = term;
  // It is still being written.
  if (word === '') return '';
  if (prefix === null)
    return byText(word, index, null) ?? byNumber(term, index) ?? byMac(term, index) ?? byIp(word, ips);
  if (prefix === 'mac') return byMac(term, index);
  if (prefix === 'ip') return byIp(word, ips);
  const fields = TEXTS[prefix];
  return fields === undefined ? byNumber(term, index) : byText(word, index, fields);
}

function byText(
  word: string,
  { texts }: SearchIndex,
  fields: readonly SearchText['field'][] | null,
): string | null {
  for (const { field, lower, text } of texts) {
    if (fields === null ? !PLAIN.has(field) : !fields.includes(field)) continue;
    // `up` is no part of `up` alone, but `kind:ve` is on the way to veth.
    if (field === 'state' ? lower.startsWith(word) : lower.includes(word)) return `${field} ${text}`;
  }
  return null;
}

const byNumber = ({ numbers }: Term, index: SearchIndex): string | null =>
  numbers.find((number) => index.numbers.has(number)) ?? null;

function byMac({ mac, macDigits }: Term, index: SearchIndex): string | null {
  if (index.mac === '') return null;
  const isPart =
    (mac !== null && index.mac.includes(mac)) || (macDigits !== null && index.macDigits.includes(macDigits));
  return isPart ? `MAC ${index.mac}` : null;
}

function byIp(word: string, ips: readonly string[]): string | null {
  const found = ips.find((ip) => ip.includes(word));
  return found === undefined ? null : `address ${found}`;
}
