/**
 * Bytes written down as the fields of C structures, so that one table holds on machines of either
 * byte order.
 */
import { littleEndian } from '../../src/sys/endian.ts';

/**
 * Bytes from words between spaces: 4, 8 or 16 hexadecimal digits are a number in this machine's
 * byte order, `"..."` is text, and digits after `=`, or of any other length, are bytes as they
 * stand.
 */
export function native(notation: string): Uint8Array {
  const words = notation.match(/"[^"]*"|\S+/g) ?? [];
  return new Uint8Array(Buffer.concat(words.map(bytesOf)));
}

function bytesOf(word: string): Buffer {
  if (word.startsWith('"')) return Buffer.from(word.slice(1, -1), 'latin1');
  const digits = word.replace(/^=/, '');
  const bytes = Buffer.from(digits, 'hex');
  if (bytes.length * 2 !== digits.length) throw new Error(`no bytes: ${word}`);
  const isNumber = digits === word && [2, 4, 8].includes(bytes.length);
  return isNumber && littleEndian ? bytes.reverse() : bytes;
}

/**
 * Puts bytes together, with `offset` bytes before them that do not belong to them: no decoder may
 * count from the buffer's start.
 */
export function shifted(offset: number, ...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat([new Uint8Array(offset).fill(0xaa), ...parts]).subarray(offset);
}

/** What a decoder throws that was given no valid bytes. */
export const MALFORMED = { name: 'NlinkError', code: 'ERR_NLINK_MALFORMED' } as const;
