/** The words of a search: what each is looked for in, and why it matches. */
import type { SearchIndex, TextField } from './search-index.ts';

const NUMBERS: readonly string[] = ['pid', 'nsid', 'inode', 'index', 'id', 'number'];
const TEXTS: readonly string[] = ['name', 'owner', 'kind', 'state'];
const PREFIXES: ReadonlySet<string> = new Set([...NUMBERS, ...TEXTS, 'mac', 'ip']);
/** A word alone does not find every veth. */
const WORDS: ReadonlySet<TextField> = new Set(['kind', 'state']);
const MAC_DIGITS = /^[0-9a-f]{4,12}$/;
const MAC_PARTS = /^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){1,5}[:-]?$/;

export interface Term {
  /** In lower case. */
  word: string;
  /** Null: any. */
  prefix: string | null;
  /** As a MAC has it; null: it is no part of one. */
  mac: string | null;
  /** As `numbers` of an index has them, where it is a number. */
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
  const prefix = at > 0 && PREFIXES.has(text.slice(0, at)) ? text.slice(0, at) : null;
  const word = prefix === null ? text : text.slice(at + 1);
  const of = prefix === null ? NUMBERS : [prefix];
  const numbers = /^\d+$/.test(word) ? of.map((what) => `\n${what} ${word}\n`) : [];
  return { word, prefix, mac: macOf(word), numbers };
}

/** With colons, from an even digit on: `0242ac` is `02:42:ac`. */
function macOf(word: string): string | null {
  if (MAC_PARTS.test(word)) return word.replaceAll('-', ':');
  return MAC_DIGITS.test(word) ? word.replaceAll(/..(?=.)/g, '$&:') : null;
}

/** @param ips addresses of the link */
export function isIn(term: Term, index: SearchIndex, ips: readonly string[]): boolean {
  const { word, prefix, numbers } = term;
  // It is still being written.
  if (word === '') return true;
  if (prefix === null)
    return index.plain.includes(word) || isNumber(numbers, index) || isMac(term, index) || isIp(word, ips);
  if (prefix === 'mac') return isMac(term, index);
  if (prefix === 'ip') return isIp(word, ips);
  if (prefix === 'kind' || prefix === 'state') return index.words.includes(`\n${prefix} ${word}`);
  if (numbers.length > 0) return isNumber(numbers, index);
  return index.plain.includes(word) && textIn(term, index) !== null;
}

/** In a few words. Of one that {@link isIn}. */
export function whyOf(term: Term, index: SearchIndex, ips: readonly string[]): string {
  const { word, numbers, prefix } = term;
  if (word === '') return '';
  const text = prefix === 'mac' || prefix === 'ip' ? null : textIn(term, index);
  if (text !== null) return text;
  const number = numbers.find((one) => index.numbers.includes(one));
  if (number !== undefined) return number.trim();
  if (isMac(term, index) && prefix !== 'ip') return `MAC ${index.mac}`;
  return `address ${ips.find((ip) => ip.includes(word)) ?? ''}`;
}

function textIn({ word, prefix }: Term, { texts }: SearchIndex): string | null {
  for (const [field, text] of texts()) {
    if (prefix === null ? WORDS.has(field) : field !== prefix) continue;
    const lower = text.toLowerCase();
    if (WORDS.has(field) ? lower.startsWith(word) : lower.includes(word)) return `${field} ${text}`;
  }
  return null;
}

const isNumber = (numbers: readonly string[], index: SearchIndex): boolean =>
  numbers.length > 0 && index.numbers !== '' && numbers.some((number) => index.numbers.includes(number));

const isMac = ({ mac }: Term, index: SearchIndex): boolean => mac !== null && index.mac.includes(mac);

const isIp = (word: string, ips: readonly string[]): boolean => ips.some((ip) => ip.includes(word));
