/**
 * Handing open descriptors to another process: SCM_RIGHTS in unix(7), by sendmsg(2) and recvmsg(2).
 * The structures that these take point at each other, so they lie in memory outside of JavaScript,
 * which is taken once and never freed.
 */
import { littleEndian } from './endian.ts';
import { errno } from './errno.ts';
import { allocate, bind, bindOnce, pointerSize } from './library.ts';

export interface DescriptorPassing {
  /**
   * socketpair(2): AF_UNIX, SOCK_SEQPACKET, SOCK_CLOEXEC, SOCK_NONBLOCK; or `-errno`. What the one
   * end has sent can still be received when that has been closed.
   */
  socketPair(): [number, number] | number;
  /** sendmsg(2): one message with these, at most {@link MOST_DESCRIPTORS}. */
  sendDescriptors(fd: number, descriptors: readonly number[]): number;
  /**
   * recvmsg(2): the next message; or `-errno`. Of its descriptors all or none: `-EMFILE` where not
   * all of them could be opened here.
   */
  receiveMessage(fd: number): ReceivedMessage | number;
}

/** With neither: an empty one, or the other end has been closed. */
export interface ReceivedMessage {
  /** The receiver's to close. */
  descriptors: readonly number[];
  /** What is longer than {@link MOST_TEXT} bytes has been cut off. */
  text: string;
}

/** How many a message may have here; the kernel allows 253 (SCM_MAX_FD). */
export const MOST_DESCRIPTORS = 16;
/** How many bytes of a message are received. */
export const MOST_TEXT = 256;

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** asm-generic/socket.h, which all architectures of Node.js follow. */
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_CTRUNC = 0x8;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;

/** How a machine lays out structures; that of the process, or a test's. */
export interface Layout {
  pointer: 4 | 8;
  littleEndian: boolean;
  allocate: (size: number) => { address: bigint; buffer: ArrayBuffer };
}

/**
 * `struct msghdr { void *name; u32 namelen; struct iovec *iov; size_t iovlen; void *control; size_t
 * controllen; int flags }`, an iovec with the data, of which a message must have a byte, and room
 * for one control message. Where musl has an int and padding for a size_t, they lie as its halves
 * do.
 */
export class DescriptorMessage {
  /** Of the `struct msghdr`. */
  readonly address: bigint;
  readonly #view: DataView;
  readonly #layout: Layout;
  /** Where the iovec, the control message and the data begin. */
  readonly #vector: number;
  readonly #control: number;
  readonly #data: number;

  constructor(layout: Layout) {
    const { pointer } = layout;
    this.#layout = layout;
    this.#vector = 7 * pointer;
    this.#control = this.#vector + 2 * pointer;
    this.#data = this.#control + this.#head + MOST_DESCRIPTORS * 4;
    const { address, buffer } = layout.allocate(this.#data + MOST_TEXT);
    this.address = address;
    this.#view = new DataView(buffer);
    new Uint8Array(buffer).fill(0);
    this.#setWord(2 * pointer, address + BigInt(this.#vector));
    this.#setWord(3 * pointer, 1n);
    this.#setWord(4 * pointer, address + BigInt(this.#control));
    this.#setWord(this.#vector, address + BigInt(this.#data));
  }

  /** Before sendmsg(2). */
  put(descriptors: readonly number[]): void {
    const length = this.#head + 4 * descriptors.length;
    this.#view.setUint8(this.#data, 0);
    this.#dataLength = 1;
    this.#controlLength = length;
    this.#setWord(this.#control, BigInt(length));
    this.#setInt(this.#control + this.#layout.pointer, SOL_SOCKET);
    this.#setInt(this.#control + this.#layout.pointer + 4, SCM_RIGHTS);
    for (const [index, fd] of descriptors.entries()) this.#setInt(this.#control + this.#head + 4 * index, fd);
  }

  /** Before recvmsg(2), which writes over the lengths. */
  clear(): void {
    this.#dataLength = MOST_TEXT;
    this.#controlLength = this.#head + MOST_DESCRIPTORS * 4;
    this.#setInt(6 * this.#layout.pointer, 0);
  }

  /** After recvmsg(2), which gave the length. `complete`: these descriptors are all that it had. */
  take(length: number): ReceivedMessage & { complete: boolean } {
    const complete = (this.#int(6 * this.#layout.pointer) & MSG_CTRUNC) === 0;
    const descriptors: number[] = [];
    const { pointer } = this.#layout;
    // What the kernel wrote is as long as it says, unless it wrote nothing.
    const end = Math.min(this.#controlLength, this.#word(this.#control));
    const isRights =
      this.#controlLength >= this.#head &&
      this.#int(this.#control + pointer) === SOL_SOCKET &&
      this.#int(this.#control + pointer + 4) === SCM_RIGHTS;
    if (isRights)
      for (let at = this.#head; at + 4 <= end; at += 4) descriptors.push(this.#int(this.#control + at));
    const text = Buffer.from(this.#view.buffer as ArrayBuffer, this.#data, length).toString();
    // The byte of who sends descriptors.
    return { descriptors, text: text === '\0' ? '' : text, complete };
  }

  /** `struct cmsghdr { size_t len; int level; int type }`, behind which the descriptors are. */
  get #head(): number {
    return this.#layout.pointer + 8;
  }

  set #dataLength(length: number) {
    this.#setWord(this.#vector + this.#layout.pointer, BigInt(length));
  }

  get #controlLength(): number {
    return this.#word(5 * this.#layout.pointer);
  }

  set #controlLength(length: number) {
    this.#setWord(5 * this.#layout.pointer, BigInt(length));
  }

  #setWord(at: number, value: bigint): void {
    if (this.#layout.pointer === 8) this.#view.setBigUint64(at, value, this.#layout.littleEndian);
    else this.#view.setUint32(at, Number(value), this.#layout.littleEndian);
  }

  /** A size_t that fits into a number. */
  #word(at: number): number {
    return this.#layout.pointer === 8
      ? Number(this.#view.getBigUint64(at, this.#layout.littleEndian))
      : this.#view.getUint32(at, this.#layout.littleEndian);
  }

  #setInt(at: number, value: number): void {
    this.#view.setInt32(at, value, this.#layout.littleEndian);
  }

  #int(at: number): number {
    return this.#view.getInt32(at, this.#layout.littleEndian);
  }
}

/** The real thing; bound at the first call, which few processes make. */
export const descriptorPassing: DescriptorPassing = {
  socketPair: () => (bound ??= bindPassing()).socketPair(),
  sendDescriptors: (fd, descriptors) => (bound ??= bindPassing()).sendDescriptors(fd, descriptors),
  receiveMessage: (fd) => (bound ??= bindPassing()).receiveMessage(fd),
};

let bound: DescriptorPassing | undefined;

function bindPassing(): DescriptorPassing {
  const socketpair = bind('int socketpair(int domain, int type, int protocol, void *pair)');
  const sendmsg = bind('intptr_t sendmsg(int fd, const void *message, int flags)');
  const recvmsg = bind('intptr_t recvmsg(int fd, void *message, int flags)');
  const close = bindOnce('int close(int fd)');
  const message = new DescriptorMessage({ pointer: pointerSize(), littleEndian, allocate });
  const pair = new Int32Array(2);
  return {
    socketPair() {
      const result = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
      return result < 0 ? result : [pair[0] as number, pair[1] as number];
    },
    sendDescriptors(fd, descriptors) {
      if (descriptors.length > MOST_DESCRIPTORS) return -errno.EINVAL;
      message.put(descriptors);
      return sendmsg(fd, message.address, MSG_DONTWAIT | MSG_NOSIGNAL);
    },
    receiveMessage(fd) {
      message.clear();
      const result = recvmsg(fd, message.address, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
      if (result < 0) return result;
      const { complete, ...received } = message.take(result);
      if (complete) return received;
      for (const each of received.descriptors) close(each);
      return -(received.descriptors.length < MOST_DESCRIPTORS ? errno.EMFILE : errno.EMSGSIZE);
    },
  };
}
