/**
 * Descriptors that lie in the queue of a Unix socket (SCM_RIGHTS in unix(7)), without taking them
 * out: recvmsg(2) with MSG_PEEK and no room for data, of which nothing is read. The structures that
 * this takes lie in memory outside of JavaScript, since they point at each other; it is never
 * freed, so there is one for the process.
 */
import { littleEndian } from './endian.ts';
import { allocate, bind, pointerSize } from './library.ts';
import type { Call } from './library.ts';

/**
 * For the most that one message carries (SCM_MAX_FD, 253), and what else a socket may have asked
 * for: credentials, a label, times.
 */
const CONTROL_ROOM = 4096;
const MSG_PEEK = 0x2;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/**
 * The sender's process, as a descriptor, for sockets that asked for it (SO_PASSPIDFD, Linux 6.5).
 */
const SCM_PIDFD = 4;

/**
 * What was in the first message of the queue. All of them are duplicates, for the caller to close.
 */
export interface PeekedDescriptors {
  /** Those that were sent. */
  sent: number[];
  /** Made by the kernel for this call. */
  others: number[];
}

export class DescriptorPeek {
  readonly #receive: Call;
  readonly #pointer: 4 | 8 = pointerSize();
  /** Where in a size_t its low 32 bits stand. */
  readonly #lowHalf: 0 | 4;
  readonly #address: bigint;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  /** Where the control messages begin, after `struct msghdr`. */
  readonly #control: number;

  constructor() {
    this.#receive = bind('intptr_t recvmsg(int fd, void *message, int flags)');
    this.#lowHalf = this.#pointer === 8 && !littleEndian ? 4 : 0;
    // struct msghdr { void *name; u32 namelen; struct iovec *iov; size_t iovlen; void *control;
    // size_t controllen; int flags }
    this.#control = 8 * this.#pointer;
    const memory = allocate(this.#control + CONTROL_ROOM);
    this.#address = memory.address;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** Those of the first message; `-errno`: -EAGAIN where there is none. */
  of(fd: number): PeekedDescriptors | number {
    this.#bytes.fill(0);
    const control = this.#address + BigInt(this.#control);
    if (this.#pointer === 8) this.#view.setBigUint64(32, control, littleEndian);
    else this.#view.setUint32(16, Number(control), littleEndian);
    this.#view.setUint32(5 * this.#pointer + this.#lowHalf, CONTROL_ROOM, littleEndian);
    const result = this.#receive(fd, this.#address, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    return result < 0 ? result : this.#read();
  }

  #read(): PeekedDescriptors {
    const found: PeekedDescriptors = { sent: [], others: [] };
    const [pointer, view] = [this.#pointer, this.#view];
    // struct cmsghdr { size_t len; int level; int type } and the data, each aligned to a word.
    const head = pointer + 8;
    const end = this.#control + view.getUint32(5 * pointer + this.#lowHalf, littleEndian);
    let at = this.#control;
    while (at + head <= end) {
      const length = view.getUint32(at + this.#lowHalf, littleEndian);
      if (length < head) break;
      const level = view.getInt32(at + pointer, littleEndian);
      const type = view.getInt32(at + pointer + 4, littleEndian);
      if (level === SOL_SOCKET && (type === SCM_RIGHTS || type === SCM_PIDFD)) {
        const into = type === SCM_RIGHTS ? found.sent : found.others;
        for (let data = at + head; data + 4 <= at + length; data += 4) {
          const fd = view.getInt32(data, littleEndian);
          // A process that could not be given one (SCM_PIDFD) stands as an error.
          if (fd >= 0) into.push(fd);
        }
      }
      at += Math.ceil(length / pointer) * pointer;
    }
    return found;
  }
}
