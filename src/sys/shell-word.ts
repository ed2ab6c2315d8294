/** A word of a command that is printed to be pasted into a shell (POSIX, "Quoting"). */

const PLAIN = /^[\w@%+=:,./-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
/** Also in a browser. */
const ENCODER = new TextEncoder();

/**
 * As it stands if nothing in it means anything to a shell, else in single quotes; what cannot be
 * printed as `$'…'`, which bash, zsh and ksh read. A byte that is not UTF-8 stands in the word as a
 * lone surrogate (reference/names.ts).
 */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (PRINTABLE.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  let text = '';
  for (const character of word) {
    const code = character.codePointAt(0) as number;
    const bytes = code >= 0xdc80 && code <= 0xdcff ? [code - 0xdc00] : [...ENCODER.encode(character)];
    for (const byte of bytes) text += asText(byte);
  }
  return `$'${text}'`;
}

const asText = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
    ? String.fromCharCode(byte)
    : `\\x${byte.toString(16).padStart(2, '0')}`;
