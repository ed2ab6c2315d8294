/**
 * Reads what the kernel sends to the group `RTNLGRP_NSID`, and notices when it sent more than
 * could be kept. Believes only the kernel: a privileged process may multicast to the group as well,
 * but not from port 0.
 *
 * After ENOBUFS the socket stays congested and loses in silence until it has been read empty
 * (`netlink_overrun` and `netlink_rcv_wake` in net/netlink/af_netlink.c). So everything is read and
 * dropped first; to recover what was lost or dropped, whoever reads has to ask the
 * kernel what is.
 *
 * | datagram              | what comes of it                                  |
 * | --------------------- | ------------------------------------------------- |
 * | from the kernel       | its events, in order                              |
 * | from anybody else     | counted, dropped                                  |
 * | cut off, or malformed | counted; a loss: everything that waits is dropped |
 * | ENOBUFS               | counted; a loss: everything that waits is dropped |
 */
import type { NlinkError } from '../errors.ts';
import { errno, systemError } from '../sys/errno.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import { RTNLGRP_NSID } from './constants.ts';
import { MessageCursor } from './message.ts';
import { NsidEventReader, PLAIN_SIZE, plainEvent } from './nsid-event.ts';
import type { NsidEvent } from './nsid-event.ts';
import type { RawSocket } from './raw-socket.ts';

/** Datagrams of one system call. An event takes 28 bytes. */
const SLOTS = 64;
const SLOT_SIZE = 512;

/**
 * What the receive buffer is asked to hold, in bytes: some 10,000 notifications, since each takes
 * 832 with its bookkeeping.
 */
export const RECEIVE_BUFFER: number = 4 * 1024 * 1024;

/** Why notifications were lost: the receive buffer was full; or one of them could not be read. */
export type NsidLoss = 'overflow' | 'truncated' | 'malformed';

/** Counters since the start. */
export interface NotificationCounters {
  /** Datagrams from the kernel that were received. */
  datagrams: number;
  /** Datagrams from others, which were ignored. */
  foreign: number;
  /** How often the kernel's receive buffer was full (ENOBUFS). */
  overflows: number;
  /** Datagrams that were cut off or made no sense. */
  unreadable: number;
}

export class NsidGroupReader {
  readonly counters: NotificationCounters = { datagrams: 0, foreign: 0, overflows: 0, unreadable: 0 };
  readonly #socket: RawSocket;
  readonly #allNamespaces: boolean;
  readonly #inbox: ReceiveBuffer;
  /** The inbox as numbers of 32 bits. */
  readonly #words: Int32Array;
  readonly #messages: MessageCursor;
  readonly #reader = new NsidEventReader();
  /** Datagrams in the inbox, and the one after that which is being read. */
  #received = 0;
  #slot = 0;
  #origin: number | null = null;
  /** Whether a datagram is open that may have another event. */
  #isOpen = false;
  #loss: NsidLoss | null = null;
  #closed = false;

  /**
   * Takes over the socket and joins the group; nothing is left open when it throws.
   * @param allNamespaces also of all namespaces that have an nsid in the socket's
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`
   * @throws SystemError `EPERM` (`allNamespaces` without CAP_NET_BROADCAST)
   */
  constructor(socket: RawSocket, receiveBuffer: number, allNamespaces: boolean) {
    this.#socket = socket;
    this.#allNamespaces = allNamespaces;
    try {
      socket.requestReceiveBuffer(receiveBuffer);
      if (allNamespaces) socket.listenAll();
      socket.join(RTNLGRP_NSID);
      this.#inbox = socket.takeBuffer(SLOTS, SLOT_SIZE);
    } catch (error) {
      socket.close();
      throw error;
    }
    const { bytes } = this.#inbox;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    this.#messages = new MessageCursor(bytes);
  }

  /**
   * The next event. Null: there is none for now, or some were lost: {@link takeLoss}.
   * @throws SystemError what recv(2) gives other than EAGAIN and ENOBUFS
   */
  next(): NsidEvent | null {
    while (this.#loss === null) {
      let event = this.#isOpen ? this.#readEvent() : null;
      if (event === null) {
        if (this.#loss !== null || (this.#slot >= this.#received && !this.#receive())) break;
        event = this.#open();
      }
      if (event === null) continue;
      if (this.#origin !== null) event.origin = this.#origin;
      return event;
    }
    return null;
  }

  /** How often anything was received. */
  batches = 0;

  /** Whether datagrams have been received that {@link next} has not looked at. */
  get received(): boolean {
    return this.#slot < this.#received;
  }

  /**
   * Why events were lost since this was asked last; null: none were. The socket has been read empty
   * by then.
   */
  takeLoss(): NsidLoss | null {
    const loss = this.#loss;
    this.#loss = null;
    return loss;
  }

  /** Calls `listener` whenever {@link next} may have something. At most one listener. */
  onReadable(listener: ReadinessListener): ReadinessHandle {
    return this.#socket.onReadable(listener);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#socket.releaseBuffer(this.#inbox);
  }

  /** The next event of the datagram that is open. */
  #readEvent(): NsidEvent | null {
    try {
      const event = this.#reader.next(this.#messages);
      this.#isOpen = event !== null;
      return event;
    } catch (error) {
      if ((error as NlinkError).code !== 'ERR_NLINK_MALFORMED') throw error;
      this.#spoiled('malformed');
      return null;
    }
  }

  /** Fills the inbox. @returns whether there was anything, foreign or not */
  #receive(): boolean {
    const received = this.#socket.receiveMany(this.#inbox, SLOTS);
    this.#slot = 0;
    this.#received = Math.max(0, received);
    if (received > 0) this.batches++;
    if (received === -errno.ENOBUFS) {
      this.counters.overflows++;
      this.#drain('overflow');
    } else if (received < 0 && received !== -errno.EAGAIN) throw systemError(-received, 'recvmmsg');
    return received > 0;
  }

  /** Opens the next datagram of the inbox. @returns its event, if it is a plain one */
  #open(): NsidEvent | null {
    const inbox = this.#inbox;
    const slot = this.#slot++;
    if (inbox.port(slot) !== 0) {
      this.counters.foreign++;
      return null;
    }
    this.counters.datagrams++;
    if (inbox.truncated(slot)) {
      this.#spoiled('truncated');
      return null;
    }
    // Only where all namespaces are listened to the kernel says which one it is.
    this.#origin = this.#allNamespaces ? inbox.origin(slot) : null;
    const start = inbox.start(slot);
    const length = inbox.length(slot);
    const event = length === PLAIN_SIZE ? plainEvent(this.#words, start >> 2) : null;
    if (event === null) {
      this.#messages.reset(start, length);
      this.#isOpen = true;
    }
    return event;
  }

  #spoiled(loss: NsidLoss): void {
    this.counters.unreadable++;
    this.#drain(loss);
  }

  /** Reads all there is and drops it. */
  #drain(loss: NsidLoss): void {
    this.batches++;
    this.#loss = loss;
    this.#slot = 0;
    this.#received = 0;
    this.#isOpen = false;
    for (;;) {
      const received = this.#socket.receiveMany(this.#inbox, SLOTS);
      if (received === -errno.EAGAIN) return;
      if (received === -errno.ENOBUFS) this.counters.overflows++;
      else if (received < 0) throw systemError(-received, 'recvmmsg');
      for (let slot = 0; slot < received; slot++) {
        if (this.#inbox.port(slot) === 0) this.counters.datagrams++;
        else this.counters.foreign++;
      }
    }
  }
}
