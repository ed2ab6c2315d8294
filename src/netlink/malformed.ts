/** The one error of all decoders: bytes that are not what they claim to be. */
import { NlinkError } from '../errors.ts';

/** `ERR_NLINK_MALFORMED`. From the kernel it never happens on a sound system. */
export function malformed(what: string): NlinkError {
  return new NlinkError('ERR_NLINK_MALFORMED', `netlink: ${what}`);
}

/** A view of the bytes as numbers. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
