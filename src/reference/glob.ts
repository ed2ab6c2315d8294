/**
 * Patterns of names, as a shell matches file names (glob(7)). A pattern matches a whole name, case
 * counts, and a leading dot is an ordinary character:
 *
 * | pattern | matches |
 * | --- | --- |
 * | `*` | any characters, or none |
 * | `?` | one character |
 * | `[a-z_]` | one character of the set; a `]` that comes first belongs to the set |
 * | `[!a-z]`, `[^a-z]` | one character that is not in the set |
 * | `\x` | the character `x`, whatever it is |
 * | anything else, a `[` without its `]` | itself |
 *
 * A character is a code point, or a byte that is not UTF-8 (U+DC80 to U+DCFF, see names.ts). The
 * time that a pattern takes is bounded by its length times the name's.
 */

interface Range {
  first: number;
  last: number;
}
type Token = { kind: 'many' } | { kind: 'one'; negated: boolean; ranges: readonly Range[] };

/** Tells whether a whole name matches. */
export type Matcher = (name: string) => boolean;

/** @returns matches what one of the patterns matches */
export function globs(patterns: readonly string[]): Matcher {
  const all = patterns.map((pattern) => {
    const tokens = tokensOf(pattern);
    return { tokens, first: literalOf(tokens[0]) };
  });
  return (name) => {
    const start = name.codePointAt(0);
    let characters: number[] | null = null;
    for (const { tokens, first } of all) {
      // Most names that do not match differ in their first character: they cost no more than this.
      if (first !== null && first !== start) continue;
      if (matches(tokens, (characters ??= codePoints(name)))) return true;
    }
    return false;
  };
}

/** The pattern that matches this name alone. */
export const globOf = (name: string): string => name.replace(/[*?[\\]/g, '\\$&');

/** The one character that a token matches; null where there may be others. */
function literalOf(token: Token | undefined): number | null {
  if (token?.kind !== 'one' || token.negated || token.ranges.length !== 1) return null;
  const [range] = token.ranges;
  return range !== undefined && range.first === range.last ? range.first : null;
}

/** Goes on by one character for each token; where that fails, lets the last `*` take one more. */
function matches(tokens: readonly Token[], characters: readonly number[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let taken = 0;
  while (at < characters.length) {
    const next = tokens[token];
    if (next?.kind === 'many') {
      star = token++;
      taken = at;
    } else if (next !== undefined && holds(next, characters[at] as number)) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++taken;
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'many');
}

const holds = ({ negated, ranges }: Token & { kind: 'one' }, character: number): boolean =>
  ranges.some(({ first, last }) => first <= character && character <= last) !== negated;

const STAR = '*'.codePointAt(0);
const QUESTION = '?'.codePointAt(0);
const OPEN = '['.codePointAt(0);
const CLOSE = ']'.codePointAt(0);
const BACKSLASH = '\\'.codePointAt(0);
const DASH = '-'.codePointAt(0);
const NOT: ReadonlySet<number | undefined> = new Set(['!'.codePointAt(0), '^'.codePointAt(0)]);

function tokensOf(pattern: string): Token[] {
  const text = codePoints(pattern);
  const tokens: Token[] = [];
  // After a set that never ends no other one does: none is looked for, once for each bracket.
  let isClosed = true;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as number;
    if (character === STAR) tokens.push({ kind: 'many' });
    else if (character === QUESTION) tokens.push({ kind: 'one', negated: true, ranges: [] });
    else {
      const set: ReturnType<typeof setAt> = character === OPEN && isClosed ? setAt(text, at) : null;
      if (character === OPEN) isClosed = set !== null;
      if (set !== null) {
        tokens.push(set.token);
        at = set.end;
      } else {
        if (character === BACKSLASH && at + 1 < text.length) at++;
        const only = text[at] as number;
        tokens.push({ kind: 'one', negated: false, ranges: [{ first: only, last: only }] });
      }
    }
  }
  return tokens;
}

/**
 * The set that begins at a `[`; null where it never ends, so that the bracket is meant as it
 * stands.
 */
function setAt(text: readonly number[], start: number): { token: Token; end: number } | null {
  let at = start + 1;
  const negated = NOT.has(text[at]);
  if (negated) at++;
  const ranges: Range[] = [];
  // One that closes at once is meant as it stands.
  for (let first = true; first || text[at] !== CLOSE; first = false) {
    const low = memberAt(text, at);
    if (low === null) return null;
    at = low.next;
    const high = text[at] === DASH && text[at + 1] !== CLOSE ? memberAt(text, at + 1) : null;
    if (high !== null) at = high.next;
    ranges.push({ first: low.value, last: (high ?? low).value });
  }
  return { token: { kind: 'one', negated, ranges }, end: at };
}

function memberAt(text: readonly number[], at: number): { value: number; next: number } | null {
  const escaped = text[at] === BACKSLASH && at + 1 < text.length;
  const value = text[escaped ? at + 1 : at];
  return value === undefined ? null : { value, next: at + (escaped ? 2 : 1) };
}

const codePoints = (text: string): number[] =>
  Array.from(text, (character) => character.codePointAt(0) as number);
