/**
 * Names and kinds of links: a few bytes that come again and again (`lo`, `eth0`, `veth`). To make
 * a string takes longer than to find the one that was made last time.
 */

/** Entries; a power of two. Each replaces what stood in its place: it never grows. */
const ENTRIES = 1024;
/** What is longer is not kept. A name has at most 15 bytes and a NUL. */
const LONGEST = 16;
const kept: string[] = Array.from({ length: ENTRIES }, () => '');

/** The text in these bytes, up to the first NUL. UTF-8; what is none is replaced. */
export function shortText(bytes: Uint8Array, start: number, end: number): string {
  let hash = 0;
  let at = start;
  let isPlain = true;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) break;
    if (byte > 127) isPlain = false;
    hash = (hash * 31 + byte) | 0;
  }
  const length = at - start;
  if (!isPlain || length > LONGEST)
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString();
  const entry = hash & (ENTRIES - 1);
  const candidate = kept[entry] as string;
  if (candidate.length === length && isSame(candidate, bytes, start)) return candidate;
  const text = String.fromCharCode(...bytes.subarray(start, at));
  kept[entry] = text;
  return text;
}

function isSame(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index++)
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
