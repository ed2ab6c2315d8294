/**
 * All that is on a host, as the snapshot of `GET /v1/events` has it: JSON, packed, in parts of at
 * most 512 kB. Each part begins with a line of JSON that says which it is:
 *
 *     {"v":1,"epoch":"…","seq":17,"resync":null,"part":0,"parts":2,"bytes":700123}
 *
 * Parts of two snapshots may come mixed, and those of a former, longer one may still be kept: only
 * parts that say the same belong together.
 */
import { count, epochOf } from './fields.ts';
import { requireVersion, VERSION } from './head.ts';
import { malformed, packed, parsed } from './payload.ts';

export const PART_BYTES: number = 512 * 1024;
/** Twice what a reader takes: of a snapshot that is not whole all parts are in memory. */
const MOST_PARTS = 64;
const LONGEST_LINE = 512;
const NEWLINE = 0x0a;

/**
 * Why events were not published: `overflow` (more than the agent keeps), `timeout` (a message may
 * have been kept or not), `refused` (the server said no). Null: nothing is missing.
 */
export type ResyncReason = 'overflow' | 'timeout' | 'refused';
const REASONS: ReadonlySet<unknown> = new Set<ResyncReason>(['overflow', 'timeout', 'refused']);

export interface PartHead {
  epoch: string;
  /** The number of the last event before it. */
  seq: number;
  resync: ResyncReason | null;
  part: number;
  parts: number;
  /** Of all parts. */
  bytes: number;
}

/** All that is on a host. */
export interface Snapshot {
  /** Of the start of its agent. */
  epoch: string;
  /** The number of the last event before it. */
  seq: number;
  /** Why events before it were not published; null: none is missing. */
  resync: ResyncReason | null;
  /** JSON of a `WireSnapshot`, packed as it came: `unpacked` reads it. */
  body: Buffer;
}

/** @param json of the snapshot, as `View` makes it */
export function encodeSnapshot(
  epoch: string,
  seq: number,
  json: string,
  resync: ResyncReason | null,
): Buffer[] {
  const body = packed(json);
  const parts = Math.max(1, Math.ceil(body.length / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => {
    const head = { v: VERSION, epoch, seq, resync, part, parts, bytes: body.length };
    const bytes = body.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]);
  });
}

/** @throws FleetError `ERR_FLEET_MALFORMED` */
export function decodePart(message: Uint8Array): PartHead & { body: Buffer } {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const end = bytes.subarray(0, LONGEST_LINE).indexOf(NEWLINE);
  if (end < 0) throw malformed('a line that says which part it is');
  const fields = parsed(bytes.subarray(0, end).toString());
  requireVersion(fields);
  const [part, parts] = [count(fields, 'part'), count(fields, 'parts')];
  if (parts === 0 || parts > MOST_PARTS || part >= parts) throw malformed(`a part of at most ${MOST_PARTS}`);
  const resync = REASONS.has(fields['resync']) ? (fields['resync'] as ResyncReason) : null;
  const body = bytes.subarray(end + 1);
  if (body.length > PART_BYTES) throw malformed(`a part of at most ${PART_BYTES} bytes`);
  return {
    epoch: epochOf(fields),
    seq: count(fields, 'seq'),
    resync,
    part,
    parts,
    bytes: count(fields, 'bytes'),
    body,
  };
}

/** Puts the parts of one host's snapshots together. It holds one that is not whole, at most. */
export class SnapshotParts {
  #head: PartHead | null = null;
  #parts: (Buffer | undefined)[] = [];

  /** @returns the snapshot, if this was the last part that it lacked */
  add(message: PartHead & { body: Buffer }): Snapshot | null {
    const { epoch, seq, resync, part, parts, bytes, body } = message;
    const head = this.#head;
    const isSame = head?.epoch === epoch && head.seq === seq && head.parts === parts && head.bytes === bytes;
    if (!isSame) {
      this.#head = message;
      this.#parts = Array.from({ length: parts });
    }
    this.#parts[part] = parts === 1 ? body : joined([body]);
    if (this.#parts.includes(undefined)) return null;
    const whole = joined(this.#parts as Buffer[]);
    this.#head = null;
    this.#parts = [];
    return whole.length === bytes ? { epoch, seq, resync, body: whole } : null;
  }
}

/**
 * A copy in memory of its own: what came is a view into a receive buffer, which would be kept with
 * it, and so would be a slab of Buffer's pool.
 */
function joined(parts: readonly Buffer[]): Buffer {
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(whole, at);
  return whole;
}
