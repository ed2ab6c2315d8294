/**
 * The codec of netlink attributes: `struct nlattr { u16 len, type; }` and a value, each beginning
 * at a multiple of 4; two bits of the type are flags (`NLA_TYPE_MASK`). A value may be attributes
 * itself, as deep as its reader goes. netlink(7).
 */
import { littleEndian } from '../sys/endian.ts';
import { NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_TYPE_MASK } from './constants.ts';
import { checkRange, malformed, viewOf } from './malformed.ts';
import { align } from './message.ts';

/** Bytes of an attribute's header. */
export const NLA_HDRLEN = 4;
/** The length has 16 bits. */
const MAX_VALUE: number = 0xffff - NLA_HDRLEN;

/** One attribute. */
export interface Attribute {
  /** Without flags: 0 to 16383. */
  type: number;
  /** At most 65,531 bytes, without padding. */
  value: Uint8Array;
  /**
   * Marked as holding attributes ({@link decodeAttributes} of its value). The kernel marks only
   * some of those that do.
   */
  nested?: boolean;
  /** Marked as being in network byte order. */
  netByteOrder?: boolean;
}

/**
 * What a cursor walks over that was given nothing yet: a view of its own would cost more than all
 * the rest.
 */
const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/**
 * Walks over the attributes in a range of bytes and allocates nothing. The fields are those of the
 * attribute that {@link next} moved to.
 */
export class AttributeCursor {
  /** Without flags. */
  type = 0;
  /** `NLA_F_*`. */
  flags = 0;
  /** Where the value begins and ends. */
  start = 0;
  end = 0;
  #view: DataView = NOTHING;
  /** That of the view, which costs a call to ask for. */
  #size = 0;
  #next = 0;
  #limit = 0;

  constructor(view: DataView = NOTHING, start = 0, end: number = view.byteLength) {
    this.reset(view, start, end);
  }

  /** Starts anew, in these bytes. */
  reset(view: DataView, start: number, end: number): void {
    if (view !== this.#view) {
      this.#view = view;
      this.#size = view.byteLength;
    }
    this.#next = start;
    this.#limit = Math.min(end, this.#size);
  }

  /**
   * Moves to the next attribute; false at the end.
   * @throws NlinkError `ERR_NLINK_MALFORMED` an attribute is cut off or lies about its length; the
   *   rest is skipped
   */
  next(): boolean {
    const at = this.#next;
    const left = this.#limit - at;
    if (left <= 0) return false;
    const length = left < NLA_HDRLEN ? 0 : this.#view.getUint16(at, littleEndian);
    if (length < NLA_HDRLEN || length > left) {
      this.#next = this.#limit;
      throw malformed(`an attribute of ${length} bytes where ${left} are left`);
    }
    const type = this.#view.getUint16(at + 2, littleEndian);
    this.type = type & NLA_TYPE_MASK;
    this.flags = type & ~NLA_TYPE_MASK;
    this.start = at + NLA_HDRLEN;
    this.end = at + length;
    this.#next = at + align(length);
    return true;
  }

  /**
   * The value as a signed number of 32 bits; more bytes than four are passed over, as the kernel
   * does.
   * @throws NlinkError `ERR_NLINK_MALFORMED`
   */
  s32(): number {
    this.#require(4);
    return this.#view.getInt32(this.start, littleEndian);
  }

  /** As {@link s32}, without sign. */
  u32(): number {
    this.#require(4);
    return this.#view.getUint32(this.start, littleEndian);
  }

  /** As {@link s32}, of 8 bits without sign. */
  u8(): number {
    this.#require(1);
    return this.#view.getUint8(this.start);
  }

  /** As {@link s32}, of 16 bits without sign. */
  u16(): number {
    this.#require(2);
    return this.#view.getUint16(this.start, littleEndian);
  }

  /** As {@link u16}, in network byte order. */
  be16(): number {
    this.#require(2);
    return this.#view.getUint16(this.start);
  }

  /** As {@link u32}, in network byte order. */
  be32(): number {
    this.#require(4);
    return this.#view.getUint32(this.start);
  }

  /** The value as text, up to the first NUL. */
  text(): string {
    const { buffer, byteOffset } = this.#view;
    const text = Buffer.from(buffer, byteOffset + this.start, this.end - this.start).toString();
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  }

  /** A copy of the value. */
  value(): Uint8Array {
    const { buffer, byteOffset } = this.#view;
    return new Uint8Array(buffer, byteOffset + this.start, this.end - this.start).slice();
  }

  #require(bytes: number): void {
    if (this.end - this.start < bytes) {
      throw malformed(`attribute ${this.type} has ${this.end - this.start} bytes where ${bytes} are needed`);
    }
  }
}

/**
 * The attributes of a payload that holds nothing else, or of a nested attribute.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function decodeAttributes(bytes: Uint8Array): Attribute[] {
  const cursor = new AttributeCursor(viewOf(bytes));
  const attributes: Attribute[] = [];
  while (cursor.next()) attributes.push(attributeAt(cursor));
  return attributes;
}

/** The attribute that a cursor stands at. */
export function attributeAt(cursor: AttributeCursor): Attribute {
  const { type, flags } = cursor;
  return {
    type,
    value: cursor.value(),
    ...((flags & NLA_F_NESTED) !== 0 && { nested: true }),
    ...((flags & NLA_F_NET_BYTEORDER) !== 0 && { netByteOrder: true }),
  };
}

/**
 * The bytes of attributes, each padded to a multiple of 4.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` a type that does not fit; `ERR_NLINK_MALFORMED` a
 *   value of more than 65,531 bytes
 */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const size = attributes.reduce((sum, { value }) => sum + align(NLA_HDRLEN + value.byteLength), 0);
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  let at = 0;
  for (const { type, value, nested, netByteOrder } of attributes) {
    if (value.byteLength > MAX_VALUE)
      throw malformed(`attribute ${type} has ${value.byteLength} bytes, ${MAX_VALUE} are possible`);
    checkRange('type', type, NLA_TYPE_MASK);
    const flags = (nested === true ? NLA_F_NESTED : 0) | (netByteOrder === true ? NLA_F_NET_BYTEORDER : 0);
    view.setUint16(at, NLA_HDRLEN + value.byteLength, littleEndian);
    view.setUint16(at + 2, type | flags, littleEndian);
    bytes.set(value, at + NLA_HDRLEN);
    at += align(NLA_HDRLEN + value.byteLength);
  }
  return bytes;
}
