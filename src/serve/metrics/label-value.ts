/**
 * Names as values of labels. A name is bytes, of which each that is not UTF-8 stands as a lone
 * surrogate in its text (names.ts); a label has to be UTF-8. So, and reversibly:
 *
 * | in the text                              | in the label |
 * | ---------------------------------------- | ------------ |
 * | a byte that is not UTF-8: U+DC80 to DCFF | `\x80`       |
 * | any other lone surrogate                 | `\ud800`     |
 * | a backslash                              | `\\`         |
 * | anything else                            | itself       |
 *
 * This is before the format's own escaping, which writes each backslash as two.
 */

/** With the u flag a surrogate in the class matches a lone one only, never half of a pair. */
const UNFIT = /[\\\uD800-\uDFFF]/gu;
const FIT = /^[^\\\uD800-\uDFFF]*$/;
const ESCAPE = /\\(?:x([89a-f][0-9a-f])|u(d[89a-f][0-9a-f]{2})|\\)/g;
/** A byte stands as this and itself. */
const BYTES = 0xdc00;

/** The label of a text; no two texts have the same. */
export function labelValue(text: string): string {
  return FIT.test(text) ? text : text.replace(UNFIT, escapeOf);
}

function escapeOf(character: string): string {
  if (character === '\\') return '\\\\';
  const code = character.charCodeAt(0);
  const isByte = code >= BYTES + 0x80 && code <= BYTES + 0xff;
  return isByte ? `\\x${(code - BYTES).toString(16)}` : `\\u${code.toString(16)}`;
}

/** The text of a label. */
export function textOfLabel(value: string): string {
  return value.replace(ESCAPE, (_, byte: string | undefined, unit: string | undefined) => {
    if (byte !== undefined) return String.fromCharCode(BYTES + Number.parseInt(byte, 16));
    return unit === undefined ? '\\' : String.fromCharCode(Number.parseInt(unit, 16));
  });
}
