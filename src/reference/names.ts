/**
 * Names of network namespaces, which are file names: bytes, not text. A name is shown as a string:
 * its UTF-8, with each byte that is not UTF-8 standing as the lone surrogate U+DC80 to U+DCFF (as
 * Python's "surrogateescape", PEP 383), so that two different names never look the same and any
 * name can be given back. Checked as iproute2 checks them (`ip/ipnetns.c`).
 */
import { NlinkError, shown } from '../errors.ts';

/** NAME_MAX of `include/uapi/linux/limits.h`: the longest file name, in bytes. */
const NAME_MAX = 255;

/** The string for a file name's bytes. Every name has one, and no two names have the same. */
export function decodeName(bytes: Uint8Array): string {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  // U+FFFD is what Node puts for bytes that are not UTF-8; the name may also hold a true one.
  return text.includes('\uFFFD') && !buffer.equals(Buffer.from(text)) ? decodeEscaped(buffer) : text;
}

function decodeEscaped(buffer: Buffer): string {
  let text = '';
  for (let at = 0; at < buffer.length;) {
    const length = sequenceLength(buffer, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (buffer[at] as number))
        : buffer.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/**
 * Length of the well-formed UTF-8 sequence at `at`, 0 if there is none (the Unicode Standard, table
 * 3-7).
 */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const sequence = bytes.subarray(at, at + length);
  return Buffer.from(sequence.toString('utf8')).equals(sequence) ? length : 0;
}

/** May be one: half of a pair is found as well. */
const LONE_BYTE = /[\uDC80-\uDCFF]/;

/** The bytes of a name or path that {@link decodeName} made, or of ordinary text. */
export function encodeName(name: string): Buffer {
  if (!LONE_BYTE.test(name)) return Buffer.from(name);
  const parts: Buffer[] = [];
  // With the u flag a surrogate in the class matches a lone one only, never half of a pair.
  for (const part of name.split(/([\uDC80-\uDCFF])/u)) {
    const lone = part.length === 1 ? part.charCodeAt(0) : 0;
    parts.push(lone >= 0xdc80 && lone <= 0xdcff ? Buffer.from([lone - 0xdc00]) : Buffer.from(part));
  }
  return Buffer.concat(parts);
}

/**
 * Checks a name as iproute2 does, before any path is made of it.
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`
 */
export function checkName(name: unknown): asserts name is string {
  const fault = nameFault(name);
  if (fault === null) return;
  throw new NlinkError(
    'ERR_NLINK_INVALID_NAME',
    `${shown(name)} cannot be the name of a network namespace: ${fault}`,
  );
}

function nameFault(name: unknown): string | null {
  if (typeof name !== 'string') return `it must be a string, not ${typeof name}`;
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'it stands for a directory';
  if (name.includes('/')) return 'it contains a slash; pass { path } for a path';
  if (name.includes('\0')) return 'it contains a NUL';
  const bytes = encodeName(name);
  if (bytes.length > NAME_MAX) return `it has ${bytes.length} bytes; the limit is ${NAME_MAX}`;
  if (decodeName(bytes) !== name) return 'it contains a lone surrogate that stands for no byte';
  return null;
}

/** A path as C wants it: bytes and a NUL. `directory` is not empty. */
export function cPath(directory: string, name?: string): Buffer {
  return encodeName(name === undefined ? `${directory}\0` : `${joinPath(directory, name)}\0`);
}

/** PATH_MAX of `include/uapi/linux/limits.h`; no character takes more than three bytes a unit. */
const PATH_MAX = 4096;
const MOST_BYTES = 3;
const scratch: Buffer = Buffer.alloc(PATH_MAX);

/** As {@link cPath}, for one call: the next one may write over it. */
export function transientPath(path: string): Buffer {
  if (path.length * MOST_BYTES >= PATH_MAX || LONE_BYTE.test(path)) return cPath(path);
  scratch[scratch.write(path)] = 0;
  return scratch;
}

/** The directory of a path, and the name of its last part. */
export function splitPath(path: string): { directory: string; name: string } {
  const end = path.lastIndexOf('/');
  return { directory: path.slice(0, end) || '/', name: path.slice(end + 1) };
}

/** `directory/name`, without doubling the slash of the root directory. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}
