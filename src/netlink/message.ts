/**
 * The codec of netlink messages: `struct nlmsghdr { u32 len; u16 type, flags; u32 seq, pid; }` and
 * a payload, several of them in a datagram, each beginning at a multiple of 4 (netlink(7)). All
 * numbers are in the machine's byte order. Every length is checked before it is used.
 */
import { littleEndian } from '../sys/endian.ts';
import { checkRange, malformed, viewOf } from './malformed.ts';

/** Bytes of a header. */
export const NLMSG_HDRLEN = 16;

/** The next multiple of 4 (`NLMSG_ALIGN`, `NLA_ALIGN`). */
export const align = (length: number): number => (length + 3) & ~3;

/** One message. */
export interface NetlinkMessage {
  /** `RTM_*` or `NLMSG_*`. 0 to 65535. */
  type: number;
  /** `NLM_F_*`. 0 to 65535. */
  flags: number;
  /** Ties answers to requests. 32 bits without sign. */
  sequence: number;
  /**
   * The port of the socket that asked; 0 in what the kernel says of its own accord. 32 bits without
   * sign.
   */
  port: number;
  /** What follows the header: a fixed structure that depends on the type, then attributes. */
  payload: Uint8Array;
}

/**
 * Walks over the messages of a datagram and allocates nothing. The fields are those of the message
 * that {@link next} moved to.
 */
export class MessageCursor {
  type = 0;
  flags = 0;
  sequence = 0;
  port = 0;
  /** Where the payload begins and ends. */
  start = 0;
  end = 0;
  /** All bytes that it was given, as they are and as numbers. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #size: number;
  #next = 0;
  #limit = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.#size = bytes.byteLength;
    this.#limit = this.#size;
  }

  /** Starts anew with a datagram at this place in the same bytes. */
  reset(start: number, length: number): void {
    this.#next = Math.min(start, this.#size);
    this.#limit = Math.min(start + length, this.#size);
  }

  /**
   * Moves to the next message; false at the end.
   * @throws NlinkError `ERR_NLINK_MALFORMED` a message is cut off or lies about its length; the
   *   rest is skipped
   */
  next(): boolean {
    const at = this.#next;
    const left = this.#limit - at;
    if (left <= 0) return false;
    const { view } = this;
    const length = left < NLMSG_HDRLEN ? 0 : view.getUint32(at, littleEndian);
    if (length < NLMSG_HDRLEN || length > left) {
      this.#next = this.#limit;
      throw malformed(`a message of ${length} bytes where ${left} are left`);
    }
    this.type = view.getUint16(at + 4, littleEndian);
    this.flags = view.getUint16(at + 6, littleEndian);
    this.sequence = view.getUint32(at + 8, littleEndian);
    this.port = view.getUint32(at + 12, littleEndian);
    this.start = at + NLMSG_HDRLEN;
    this.end = at + length;
    this.#next = at + align(length);
    return true;
  }

  /** A copy of the payload; not by slice(), which gives a view where the bytes are a Buffer. */
  payload(): Uint8Array {
    return new Uint8Array(this.bytes.subarray(this.start, this.end));
  }
}

/**
 * The messages of a datagram.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function decodeMessages(bytes: Uint8Array): NetlinkMessage[] {
  const cursor = new MessageCursor(bytes);
  const messages: NetlinkMessage[] = [];
  while (cursor.next()) {
    const { type, flags, sequence, port } = cursor;
    messages.push({ type, flags, sequence, port, payload: cursor.payload() });
  }
  return messages;
}

/**
 * The bytes of a message, padded to a multiple of 4, so that several can be put together. What is
 * left out is 0.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` a number that does not fit
 */
export function encodeMessage({
  type,
  flags = 0,
  sequence = 0,
  port = 0,
  payload = new Uint8Array(0),
}: Partial<NetlinkMessage> & { type: number }): Uint8Array {
  checkRange('type', type, 0xffff);
  checkRange('flags', flags, 0xffff);
  checkRange('sequence', sequence, 0xffffffff);
  checkRange('port', port, 0xffffffff);
  const length = NLMSG_HDRLEN + payload.byteLength;
  const bytes = new Uint8Array(align(length));
  const view = viewOf(bytes);
  view.setUint32(0, length, littleEndian);
  view.setUint16(4, type, littleEndian);
  view.setUint16(6, flags, littleEndian);
  view.setUint32(8, sequence, littleEndian);
  view.setUint32(12, port, littleEndian);
  bytes.set(payload, NLMSG_HDRLEN);
  return bytes;
}
