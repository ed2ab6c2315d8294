/** A word of a command that is printed to be pasted into a shell (POSIX, "Quoting"). */

/** As it stands if nothing in it means anything to a shell, else in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
