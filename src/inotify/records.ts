/**
 * The codec of inotify(7): `struct inotify_event { s32 wd; u32 mask, cookie, len; char name[len];
 * }`, one after the other, names padded with NULs. A cursor over the bytes that allocates nothing,
 * since a storm brings a million a second.
 */
import { NlinkError } from '../errors.ts';
import { littleEndian } from '../sys/endian.ts';

/**
 * What Buffer.toString('latin1') comes to, without the functions on the way, which a program that
 * is mostly idle takes 15 µs for.
 */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice: (this: Buffer, start: number, end: number) => string;
};

/** Bytes before the name. */
export const HEADER_SIZE = 16;
/** The longest record: header, a name of 255 bytes, its NUL. */
export const MAX_RECORD_SIZE: number = HEADER_SIZE + 256;

/**
 * Walks over the records of one read. The fields are those of the record that {@link next} moved
 * to.
 */
export class RecordCursor {
  /** The watch that the record belongs to; -1 for an overflow. */
  wd = 0;
  /** IN_* bits. */
  mask = 0;
  /** Pairs IN_MOVED_FROM with IN_MOVED_TO. */
  cookie = 0;
  readonly #bytes: Buffer;
  readonly #words: DataView;
  #next = 0;
  #end = 0;
  #nameStart = 0;
  #nameEnd = 0;
  /** The last name that was made into text, and where in this batch its bytes are. */
  #text: string | null = null;
  #textStart = 0;
  #textLength = 0;

  /** @param bytes where reads put the records; watched, not copied */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Starts anew over the first `length` bytes. */
  reset(length: number): void {
    this.#next = 0;
    this.#end = Math.min(length, this.#bytes.length);
    this.#text = null;
  }

  /** Bytes of records not yet moved to. */
  get remaining(): number {
    return this.#end - this.#next;
  }

  /**
   * Moves to the next record; false at the end.
   * @throws NlinkError `ERR_NLINK_MALFORMED` when a record is cut off or lies about its length; the
   *   rest is skipped
   */
  next(): boolean {
    const start = this.#next;
    if (start >= this.#end) return false;
    const left = this.#end - start;
    const length = left < HEADER_SIZE ? 0 : this.#words.getUint32(start + 12, littleEndian);
    if (left < HEADER_SIZE || length > left - HEADER_SIZE) {
      this.#next = this.#end;
      throw new NlinkError(
        'ERR_NLINK_MALFORMED',
        `inotify record cut off: ${left} bytes left, name of ${length}`,
      );
    }
    this.wd = this.#words.getInt32(start, littleEndian);
    this.mask = this.#words.getUint32(start + 4, littleEndian);
    this.cookie = this.#words.getUint32(start + 8, littleEndian);
    this.#nameStart = start + HEADER_SIZE;
    this.#nameEnd = this.#nameStart + length;
    this.#next = this.#nameEnd;
    return true;
  }

  /**
   * The name's bytes without padding, empty if the record has none. A view that the next read
   * overwrites.
   */
  get name(): Buffer {
    let end = this.#nameStart;
    while (end < this.#nameEnd && this.#bytes[end] !== 0) end++;
    return this.#bytes.subarray(this.#nameStart, end);
  }

  /**
   * The name as text if it is all ASCII, else null: the quick way for the names that nearly all
   * are.
   */
  get asciiName(): string | null {
    // In a storm a name comes twice in a row: created, deleted.
    if (this.#text !== null && this.#repeatsName()) return this.#text;
    const bytes = this.#bytes;
    let end = this.#nameStart;
    this.#text = null;
    for (; end < this.#nameEnd; end++) {
      const byte = bytes[end] as number;
      if (byte === 0) break;
      if (byte > 0x7f) return null;
    }
    this.#text = latin1Slice.call(bytes, this.#nameStart, end);
    this.#textStart = this.#nameStart;
    this.#textLength = this.#nameEnd - this.#nameStart;
    return this.#text;
  }

  /** Whether the name is, with its padding, the one that was last made into text. */
  #repeatsName(): boolean {
    const start = this.#nameStart;
    const length = this.#nameEnd - start;
    if (length !== this.#textLength || length % 4 !== 0) return false;
    for (let at = 0; at < length; at += 4) {
      if (this.#words.getUint32(start + at) !== this.#words.getUint32(this.#textStart + at)) return false;
    }
    return true;
  }
}
