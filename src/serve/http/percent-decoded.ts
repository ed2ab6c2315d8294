/**
 * The bytes of one segment of a path (RFC 3986, 2.1). Not decodeURIComponent(), which takes UTF-8
 * alone: names are bytes.
 */

/** @returns null: it is not well-formed, or is more than one segment */
export function percentDecoded(segment: string): Buffer | null {
  if (/\/|%(?![0-9A-Fa-f]{2})/.test(segment)) return null;
  const text = segment.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, 'latin1');
}
