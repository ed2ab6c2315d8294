/**
 * JSON as bytes, packed by gzip where that is shorter by much. What was packed is told by its first
 * two bytes (RFC 1952, 2.3.1), with which no JSON begins. What comes from elsewhere is bounded.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { FleetError } from '../errors.ts';

/** Shorter ones are sent as they are: packing costs more than it saves. */
const PACK_FROM = 2048;
/** What zlib takes at once. */
const CHUNK = 16 * 1024;
/** Of what is unpacked: some hundred thousand namespaces. */
const MOST_BYTES = 256 * 1024 * 1024;

export function packed(json: string): Buffer {
  const bytes = Buffer.from(json);
  return bytes.length < PACK_FROM ? bytes : gzipSync(bytes, { level: 4 });
}

/**
 * @param about how many bytes it will have, about: unpacked at one go it costs half
 * @throws FleetError `ERR_FLEET_MALFORMED`
 */
export function unpacked(bytes: Uint8Array, most: number = MOST_BYTES, about: number = CHUNK): string {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const options = { maxOutputLength: most, chunkSize: about + CHUNK };
  try {
    return (isPacked ? gunzipSync(bytes, options) : Buffer.from(bytes)).toString();
  } catch (error) {
    throw malformed('what is packed by gzip', error);
  }
}

/** @throws FleetError `ERR_FLEET_MALFORMED` */
export function parsed(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw malformed('JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('an object');
  return value as Record<string, unknown>;
}

export const malformed = (expected: string, cause?: unknown): FleetError =>
  new FleetError('ERR_FLEET_MALFORMED', `expected ${expected}`, { cause });
