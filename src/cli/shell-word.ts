/** A word as it can be pasted into a shell: as it is, in single quotes, or, for what is not to be printed, as `$'…'` of bash, zsh, ksh. */
import { encodeName } from '../reference/names.ts';

const PLAIN = /^[\w./:@%+=,-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (PRINTABLE.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const bytes = [...encodeName(word)].map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  // What follows an escape must not be read as more digits of it: two are the most that the shells take.
  return `$'${bytes.join('')}'`;
}
