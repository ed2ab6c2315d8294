/**
 * What all codecs share: the error for bytes that are not what they claim to be, and for numbers
 * that cannot be written.
 */
import { invalidArgument, NlinkError } from '../errors.ts';

/** `ERR_NLINK_MALFORMED`. From the kernel it never happens on a sound system. */
export function malformed(what: string): NlinkError {
  return new NlinkError('ERR_NLINK_MALFORMED', `netlink: ${what}`);
}

/** A view of the bytes as numbers. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkRange(name: string, value: number, most: number, least = 0): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalidArgument(name, `a whole number from ${least} to ${most}`, value);
}
