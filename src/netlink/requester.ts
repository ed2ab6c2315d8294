/**
 * Requests and their answers over one socket, one exchange at a time. The kernel answers a request
 * of NETLINK_ROUTE within send(2) (`netlink_unicast_kernel` calls `rtnetlink_rcv`), so the answer
 * is received at once, without a turn of the event loop; if it is not there yet, it is waited for.
 * Answers are known by sequence number; anything else that is received is passed over. Where the
 * answers of a batch may be of any length, one that was longer than its slot is asked for again.
 *
 * | state      | request               | datagram          | nothing to receive | failure       |
 * | ---------- | --------------------- | ----------------- | ------------------ | ------------- |
 * | idle       | sent: exchanging      | -                 | -                  | -             |
 * | exchanging | (synchronous: cannot) | taken; last: idle | waiting            | drained: idle |
 * | waiting    | queued: sent in idle  | taken; last: idle | waiting            | drained: idle |
 *
 * `close` rejects what waits, in any state.
 */
import { NlinkError } from '../errors.ts';
import { littleEndian } from '../sys/endian.ts';
import { errno, systemError } from '../sys/errno.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import { align, MessageCursor } from './message.ts';
import type { RawSocket } from './raw-socket.ts';

/**
 * The longest datagram that the kernel makes of its own is 32 kB (`netlink_recvmsg`,
 * max_recvmsg_len).
 */
const ANSWER_SIZE = 64 * 1024;
/** The longest request of a batch: header, `struct ifinfomsg`, two numbers. */
const REQUEST_SIZE = 48;

/** How large batches are, and what is made ready for their answers. */
export interface BatchSizes {
  /** Requests that are sent together at most. Each leaves an answer in the receive buffer. */
  most: number;
  /** What an answer takes of the receive buffer, in bytes, with room to spare. */
  cost: number;
  /** The longest answer of a batch, in bytes. */
  slot: number;
}

/**
 * For answers about nsids: 832 bytes of the buffer measured on x86_64; the longest is an error with
 * its words.
 */
const NSID_SIZES: BatchSizes = { most: 128, cost: 1664, slot: 512 };

/** Where requests are written. */
export interface WriteBuffer {
  bytes: Uint8Array;
  view: DataView;
}

/** One or more requests and what is made of their answers. */
export interface Exchange<T> {
  /** How many sequence numbers it takes; each is answered on its own. */
  readonly count: number;
  /**
   * Whether any of its requests may be sent twice: one whose answer was longer than a slot is asked
   * again, alone. Otherwise that is a failure.
   */
  readonly repeatable?: boolean;
  /**
   * Gives the bytes to send, which may lie in the scratch.
   * @param sequence the first of its numbers; the others follow
   */
  write(scratch: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number };
  /**
   * Takes a message that answers.
   * @param index which of its requests
   * @returns whether that was the last one
   */
  take(message: MessageCursor, index: number): boolean;
  /** What came of it, after the last message. May throw. */
  result(): T;
}

/** An exchange whose last answer has not come yet. */
interface Pending {
  exchange: Exchange<unknown>;
  /** The first of its sequence numbers. */
  first: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class Requester {
  readonly #socket: RawSocket;
  readonly #scratch: WriteBuffer;
  readonly #answer: Uint8Array;
  readonly #messages: MessageCursor;
  readonly #sizes: BatchSizes;
  #inbox: ReceiveBuffer | null = null;
  #inboxMessages: MessageCursor | null = null;
  #sequence = 0;
  #batch = 0;
  /** Of the exchange at work: those whose answers were cut off; null: none was. */
  #cut: number[] | null = null;
  /** The exchange that waits for its answer. */
  #pending: Pending | null = null;
  /** Those queued behind it: each sends its requests. */
  readonly #queue: (() => void)[] = [];

  constructor(socket: RawSocket, sizes: BatchSizes = NSID_SIZES) {
    this.#socket = socket;
    this.#sizes = sizes;
    const bytes = new Uint8Array(sizes.most * REQUEST_SIZE);
    this.#scratch = { bytes, view: new DataView(bytes.buffer) };
    this.#answer = new Uint8Array(ANSWER_SIZE);
    this.#messages = new MessageCursor(this.#answer);
  }

  get socket(): RawSocket {
    return this.#socket;
  }

  /** How many requests may go together so that no answer is lost. */
  get batch(): number {
    if (this.#batch === 0) {
      const room = Math.floor(this.#socket.receiveBuffer / this.#sizes.cost);
      this.#batch = Math.max(1, Math.min(this.#sizes.most, room));
    }
    return this.#batch;
  }

  /**
   * Sends requests and takes their answers.
   * @returns the result itself where the answer was there at once
   * @throws SystemError of send(2) or recv(2), such as `ENOBUFS`; NlinkError `ERR_NLINK_CLOSED`,
   *   `ERR_NLINK_MALFORMED`, `ERR_NLINK_TRUNCATED`; and what the exchange's result throws. A
   *   promise rejects with the same
   */
  exchange<T>(exchange: Exchange<T>): T | Promise<T> {
    if (this.#pending === null) return this.#start(exchange);
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        try {
          resolve(this.#start(exchange));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Frees everything; what waits is rejected. Idempotent. */
  close(): void {
    this.#socket.close();
    if (this.#inbox !== null) this.#socket.releaseBuffer(this.#inbox);
    this.#inbox = null;
    this.#pending?.reject(new NlinkError('ERR_NLINK_CLOSED', 'closed before the answer came'));
    this.#pending = null;
    this.#advance();
  }

  #start<T>(exchange: Exchange<T>): T | Promise<T> {
    let first = this.#sequence + 1;
    if (first + exchange.count > 0xffffffff) first = 1;
    this.#sequence = first + exchange.count - 1;
    this.#cut = null;
    const { bytes, length } = exchange.write(this.#scratch, first);
    this.#socket.send(bytes, length);
    if (this.#collect(exchange, first)) return exchange.result();
    return this.#wait(exchange, first);
  }

  /**
   * Takes what has been received. @returns whether it was the last answer; false: there is nothing
   * more for now
   */
  #collect(exchange: Exchange<unknown>, first: number): boolean {
    try {
      const isMany = exchange.count > 1 && this.#cut === null;
      return isMany ? this.#collectMany(exchange, first) : this.#collectOne(exchange, first);
    } catch (error) {
      this.#drain();
      throw error;
    }
  }

  #collectOne(exchange: Exchange<unknown>, first: number): boolean {
    for (;;) {
      const length = this.#socket.receive(this.#answer);
      if (length === -errno.EAGAIN) {
        const again = this.#cut?.pop();
        if (again === undefined) return false;
        this.#sendAgain(again);
        continue;
      }
      if (length < 0) throw systemError(-length, 'recv');
      if (length > ANSWER_SIZE) throw truncated(length, ANSWER_SIZE);
      this.#messages.reset(0, length);
      if (this.#take(this.#messages, exchange, first)) return true;
    }
  }

  #collectMany(exchange: Exchange<unknown>, first: number): boolean {
    // The socket is connected: answers come from the kernel and from nobody else, and senders cost
    // time.
    const inbox = (this.#inbox ??= this.#takeInbox());
    const messages = (this.#inboxMessages ??= new MessageCursor(inbox.bytes));
    for (;;) {
      const received = this.#socket.receiveMany(inbox, exchange.count);
      if (received === -errno.EAGAIN) return false;
      if (received < 0) throw systemError(-received, 'recvmmsg');
      for (let slot = 0; slot < received; slot++) {
        if (inbox.truncated(slot)) {
          if (exchange.repeatable !== true) throw truncated(null, inbox.slotSize);
          this.#noteCut(messages.view.getUint32(inbox.start(slot) + 8, littleEndian) - first, exchange.count);
          continue;
        }
        messages.reset(inbox.start(slot), inbox.length(slot));
        if (this.#take(messages, exchange, first)) return true;
      }
      // The rest one by one, since a slot may be too short for it.
      if (this.#cut !== null) return this.#collectOne(exchange, first);
    }
  }

  #takeInbox(): ReceiveBuffer {
    return this.#socket.takeBuffer(this.#sizes.most, this.#sizes.slot, false);
  }

  /** An answer to another exchange is passed over, as ever. */
  #noteCut(index: number, count: number): void {
    if (index >= 0 && index < count) (this.#cut ??= []).push(index);
  }

  /** Sends one of the requests that the scratch holds. */
  #sendAgain(index: number): void {
    const { bytes, view } = this.#scratch;
    let at = 0;
    for (let before = index; before > 0; before--) at += align(view.getUint32(at, littleEndian));
    const length = view.getUint32(at, littleEndian);
    this.#socket.send(bytes.subarray(at, at + length), length);
  }

  #take(messages: MessageCursor, exchange: Exchange<unknown>, first: number): boolean {
    while (messages.next()) {
      const index = messages.sequence - first;
      if (index < 0 || index >= exchange.count || messages.port !== this.#socket.port) continue;
      if (exchange.take(messages, index)) return true;
    }
    return false;
  }

  /**
   * After a failure the rest of the answers is of no use; a dump that is under way is run to its
   * end, or the next one is EBUSY.
   */
  #drain(): void {
    while (this.#socket.receive(this.#answer) >= 0) continue;
  }

  #wait<T>(exchange: Exchange<T>, first: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const readiness = this.#socket.onReadable(this.#onReadable);
      this.#pending = { exchange, first, resolve, reject };
      readiness.ref();
      readiness.resume();
    });
  }

  /** The same for every exchange that waits: the socket keeps its first listener. */
  readonly #onReadable = (): void => {
    const pending = this.#pending;
    if (pending === null) return;
    try {
      if (!this.#collect(pending.exchange, pending.first)) return;
      pending.resolve(pending.exchange.result());
    } catch (error) {
      pending.reject(error);
    }
    this.#pending = null;
    // Nobody waits: no calls, and no reason to keep the process alive.
    const readiness = this.#socket.onReadable(this.#onReadable);
    readiness.pause();
    readiness.unref();
    this.#advance();
  };

  /**
   * Serves those in the queue until one has to wait. In the same turn, so that nobody overtakes
   * them.
   */
  #advance(): void {
    while (this.#pending === null) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      next();
    }
  }
}

function truncated(length: number | null, room: number): NlinkError {
  return new NlinkError(
    'ERR_NLINK_TRUNCATED',
    `an answer of ${length === null ? `more than ${room}` : length} bytes was cut off at ${room}`,
  );
}
