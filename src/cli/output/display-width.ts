/**
 * How much room text takes on a terminal, in cells: East Asian characters and pictures take two
 * (Unicode UAX #11), marks that are drawn over the character before them none. Terminals do not
 * agree on all of it; what is wrong shifts a column, and nothing else.
 */

const PLAIN = /^[\x20-\x7e]*$/;
const WIDE =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Katakana and Hangul that were made to fit into one cell. */
const HALF = /[\uff61-\uffdc]/;
const OVERLAID = /[\p{Mn}\p{Me}]/u;

/** Text without control characters (escape.ts). */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) {
    if (OVERLAID.test(character)) continue;
    cells += WIDE.test(character) && !HALF.test(character) ? 2 : 1;
  }
  return cells;
}

/** The text, padToWidth up with spaces to that many cells. */
export const padToWidth = (text: string, cells: number): string =>
  `${text}${' '.repeat(Math.max(0, cells - displayWidth(text)))}`;
