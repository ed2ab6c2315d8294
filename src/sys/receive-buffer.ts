/**
 * Where recvmmsg(2) puts datagrams: an array of `struct mmsghdr` with a buffer, a sender's address
 * and room for one control message each, in memory outside of JavaScript, since these structures
 * point at each other. That memory is never freed, for a view of it may still be held; inboxes that
 * nobody needs any more are used again (`SocketCalls.takeBuffer`).
 */
import { littleEndian } from './endian.ts';
import { allocate, pointerSize } from './library.ts';

/** `struct sockaddr_nl`, up to the next 16. */
const NAME_SIZE = 12;
const NAME_ROOM = 16;
/** A header of at most 16 bytes and an int, twice that. */
const CONTROL_ROOM = 48;
const MSG_TRUNC = 0x20;
const SOL_NETLINK = 270;
/**
 * The control message that says which namespace it came from: `NETLINK_LISTEN_ALL_NSID` in
 * netlink(7).
 */
const NETLINK_LISTEN_ALL_NSID = 8;

export class ReceiveBuffer {
  readonly slots: number;
  readonly slotSize: number;
  /**
   * Whether the kernel says from where each datagram came; otherwise {@link port}, {@link groups},
   * {@link origin} say nothing.
   */
  readonly withSenders: boolean;
  /** Of the first `struct mmsghdr`. */
  readonly address: bigint;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #pointer: 4 | 8;
  readonly #headerSize: number;
  /** Where in a size_t its low 32 bits stand. */
  readonly #lowHalf: 0 | 4;
  readonly #names: number;
  readonly #controls: number;
  readonly #buffers: number;
  /** The kernel may have written over the lengths of so many slots, from the first. */
  #used: number;

  constructor(slots: number, slotSize: number, withSenders = true) {
    this.slots = slots;
    this.#used = slots;
    this.slotSize = slotSize;
    this.withSenders = withSenders;
    this.#pointer = pointerSize();
    // struct mmsghdr { struct msghdr { void *name; u32 namelen; struct iovec *iov; size_t iovlen;
    // void *control; size_t controllen; int flags }; unsigned int len }: 7 words, and the length,
    // in words of a pointer's size.
    this.#lowHalf = this.#pointer === 8 && !littleEndian ? 4 : 0;
    this.#headerSize = this.#pointer === 8 ? 64 : 32;
    const vectors = slots * this.#headerSize;
    this.#names = vectors + slots * 2 * this.#pointer;
    this.#controls = this.#names + slots * NAME_ROOM;
    this.#buffers = this.#controls + slots * CONTROL_ROOM;
    const memory = allocate(this.#buffers + slots * slotSize);
    this.address = memory.address;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#bytes.fill(0);
    for (let slot = 0; slot < slots; slot++) {
      const header = slot * this.#headerSize;
      const vector = vectors + slot * 2 * this.#pointer;
      if (withSenders) {
        this.#setPointer(header, this.#names + slot * NAME_ROOM);
        this.#setPointer(header + 4 * this.#pointer, this.#controls + slot * CONTROL_ROOM);
      }
      this.#setPointer(header + 2 * this.#pointer, vector);
      this.#setWord(header + 3 * this.#pointer, 1);
      this.#setPointer(vector, this.#buffers + slot * slotSize);
      this.#setWord(vector + this.#pointer, slotSize);
    }
  }

  /** Before a call: the kernel writes over the lengths of what it fills. */
  prepare(): void {
    if (!this.withSenders) return;
    for (let slot = 0; slot < this.#used; slot++) {
      const header = slot * this.#headerSize;
      this.#view.setUint32(header + this.#pointer, NAME_SIZE, littleEndian);
      this.#setWord(header + 5 * this.#pointer, CONTROL_ROOM);
    }
  }

  /** After a call. @param received how many slots were filled, or `-errno` */
  filled(received: number): void {
    // The kernel may have begun with one more before it failed.
    this.#used = Math.min(Math.max(received, 0) + 1, this.slots);
  }

  /** All of the memory, in which {@link start} and {@link length} lie. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the datagram in a slot begins. */
  start(slot: number): number {
    return this.#buffers + slot * this.slotSize;
  }

  /** Its bytes, without what was cut off. */
  length(slot: number): number {
    const length = this.#view.getUint32(slot * this.#headerSize + 7 * this.#pointer, littleEndian);
    return Math.min(length, this.slotSize);
  }

  /** Whether it was longer than the slot. */
  truncated(slot: number): boolean {
    return (this.#view.getInt32(slot * this.#headerSize + 6 * this.#pointer, littleEndian) & MSG_TRUNC) !== 0;
  }

  /** The port that it came from; 0 is the kernel. */
  port(slot: number): number {
    return this.#view.getUint32(this.#names + slot * NAME_ROOM + 4, littleEndian);
  }

  /**
   * `nl_groups` of the sender's address: the group it was multicast to, as a bit; 0 for an answer.
   */
  groups(slot: number): number {
    return this.#view.getUint32(this.#names + slot * NAME_ROOM + 8, littleEndian);
  }

  /**
   * The id of the namespace that it came from, where the kernel says so; null: from the socket's
   * own.
   */
  origin(slot: number): number | null {
    const length = this.#word(slot * this.#headerSize + 5 * this.#pointer);
    const control = this.#controls + slot * CONTROL_ROOM;
    // struct cmsghdr { size_t len; int level; int type; } and the data.
    const data = this.#pointer + 8;
    if (length < data + 4) return null;
    const level = this.#view.getInt32(control + this.#pointer, littleEndian);
    const type = this.#view.getInt32(control + this.#pointer + 4, littleEndian);
    if (level !== SOL_NETLINK || type !== NETLINK_LISTEN_ALL_NSID) return null;
    return this.#view.getInt32(control + data, littleEndian);
  }

  #setPointer(at: number, offset: number): void {
    const address = this.address + BigInt(offset);
    if (this.#pointer === 8) this.#view.setBigUint64(at, address, littleEndian);
    else this.#view.setUint32(at, Number(address), littleEndian);
  }

  /** A size_t whose value fits into 32 bits: the half that holds it; the other one is always 0. */
  #setWord(at: number, value: number): void {
    this.#view.setUint32(at + this.#lowHalf, value, littleEndian);
  }

  #word(at: number): number {
    return this.#view.getUint32(at + this.#lowHalf, littleEndian);
  }
}
