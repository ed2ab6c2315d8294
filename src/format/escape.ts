/**
 * Makes text from elsewhere (names are bytes that anybody chose) safe and unambiguous on a
 * terminal: control characters, escape sequences, newlines, direction overrides (Unicode UAX #9),
 * invisible characters, and bytes that are not UTF-8, which stand in a name as the lone surrogates
 * U+DC80 to U+DCFF.
 */

/**
 * Controls, formats, surrogates, unassigned (C); lines and spaces other than U+0020 (Z); whatever
 * is not drawn.
 */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;
/**
 * What a plain name is made of: nothing unsafe, no space, nothing that quoting uses; and `-` stands
 * for no name.
 */
const NEEDS_QUOTES = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}"\\]|^\p{M}|^-$/u;

/**
 * What most texts and names are made of. The tables of Unicode behind the other two take V8 some
 * milliseconds to make.
 */
const PLAIN_TEXT = /^[\x20-\x7e]*$/;
const PLAIN_NAME = /^(?!-$)[!#-[\]-~]+$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/**
 * Text with every character that could do something to a terminal, or hide there, written as an
 * escape.
 */
export function escaped(text: string): string {
  return PLAIN_TEXT.test(text) ? text : text.replace(UNSAFE, escapeOf);
}

/**
 * A name, as it stands if it is plain, else in double quotes as in C: `"my net"`, `"a\nb"`,
 * `"caf\xe9"`.
 */
export function shown(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  return name === '' || NEEDS_QUOTES.test(name) ? quoted(name) : name;
}

/** Whether a name holds a byte that is not UTF-8. */
export const hasRawBytes = (name: string): boolean => /[\uDC80-\uDCFF]/u.test(name);

/** The name in double quotes, as in C. */
export function quoted(name: string): string {
  const text = escaped(name.replace(/["\\]/g, '\\$&'));
  return `"${PLAIN_TEXT.test(text) ? text : text.replace(/^\p{M}/u, escapeOf)}"`;
}

/**
 * JSON text that is safe on a terminal: what JSON leaves as it is (C1 controls, DEL, overrides) as
 * `\u` escapes.
 */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (PLAIN_TEXT.test(json)) return json;
  return json.replace(UNSAFE, (character) => {
    let text = '';
    for (let at = 0; at < character.length; at++) text += `\\u${hex(character.charCodeAt(at), 4)}`;
    return text;
  });
}

function escapeOf(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  // A byte that is not UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  return code > 0xffff ? `\\u{${hex(code, 0)}}` : `\\u${hex(code, 4)}`;
}

const hex = (number: number, width: number): string => number.toString(16).padStart(width, '0');
