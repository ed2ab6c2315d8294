/**
 * Reads what the kernel sends to the group `RTNLGRP_NSID` (group-inbox.ts), as events.
 *
 * | datagram              | what comes of it                                  |
 * | --------------------- | ------------------------------------------------- |
 * | whole                 | its events, in order                              |
 * | cut off, or malformed | counted; a loss: everything that waits is dropped |
 */
import type { NlinkError } from '../errors.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import { RTNLGRP_NSID } from './constants.ts';
import { GroupInbox } from './group-inbox.ts';
import type { NotificationCounters } from './group-inbox.ts';
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

export class NsidGroupReader {
  readonly counters: NotificationCounters;
  readonly #inbox: GroupInbox;
  readonly #buffer: ReceiveBuffer;
  readonly #allNamespaces: boolean;
  /** The inbox's buffer as numbers of 32 bits. */
  readonly #words: Int32Array;
  readonly #messages: MessageCursor;
  readonly #reader = new NsidEventReader();
  /** Datagrams in the buffer, and the one that comes next. */
  #received = 0;
  #slot = 0;
  #origin: number | null = null;
  /** Whether a datagram is open that may have another event. */
  #isOpen = false;

  /**
   * Takes over the socket and joins the group; nothing is left open when it throws.
   * @param allNamespaces also of all namespaces that have an nsid in the socket's
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`
   * @throws SystemError `EPERM` (`allNamespaces` without CAP_NET_BROADCAST)
   */
  constructor(socket: RawSocket, receiveBuffer: number, allNamespaces: boolean) {
    this.#inbox = new GroupInbox(socket, {
      group: RTNLGRP_NSID,
      receiveBuffer,
      allNamespaces,
      slots: SLOTS,
      slotSize: SLOT_SIZE,
      countDropped: false,
    });
    this.counters = this.#inbox.counters;
    this.#buffer = this.#inbox.buffer;
    this.#allNamespaces = allNamespaces;
    const { bytes } = this.#buffer;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    this.#messages = new MessageCursor(bytes);
  }

  /**
   * The next event. Null: there is none for now, or some were lost: {@link takeLoss}.
   * @throws SystemError what recv(2) gives other than EAGAIN and ENOBUFS
   */
  next(): NsidEvent | null {
    for (;;) {
      let event = this.#isOpen ? this.#readEvent() : null;
      if (event === null) {
        if (this.#slot >= this.#received && !this.#receive()) return null;
        event = this.#open(this.#slot++);
      }
      if (event === null) continue;
      if (this.#origin !== null) event.origin = this.#origin;
      return event;
    }
  }

  /** How often anything was received. */
  get batches(): number {
    return this.#inbox.batches;
  }

  /** Whether datagrams have been received that {@link next} has not looked at. */
  get received(): boolean {
    return this.#slot < this.#received;
  }

  /**
   * Why events were lost since this was asked last; null: none were. The socket has been read empty
   * by then.
   */
  takeLoss(): NsidLoss | null {
    return this.#inbox.takeLoss();
  }

  /** Calls `listener` whenever {@link next} may have something. At most one listener. */
  onReadable(listener: ReadinessListener): ReadinessHandle {
    return this.#inbox.onReadable(listener);
  }

  /** Idempotent. */
  close(): void {
    this.#inbox.close();
  }

  /** The next event of the datagram that is open. */
  #readEvent(): NsidEvent | null {
    try {
      const event = this.#reader.next(this.#messages);
      this.#isOpen = event !== null;
      return event;
    } catch (error) {
      if ((error as NlinkError).code !== 'ERR_NLINK_MALFORMED') throw error;
      return this.#spoiled('malformed');
    }
  }

  /** Fills the buffer. @returns whether there is anything, foreign or not */
  #receive(): boolean {
    this.#slot = 0;
    this.#received = this.#inbox.receive();
    return this.#received > 0;
  }

  #spoiled(loss: NsidLoss): null {
    this.#isOpen = false;
    this.#slot = 0;
    this.#received = 0;
    this.#inbox.spoiled(loss);
    return null;
  }

  /** Opens a datagram. @returns its event, if it is a plain one */
  #open(slot: number): NsidEvent | null {
    const buffer = this.#buffer;
    if (!this.#inbox.accepts(slot)) return null;
    if (buffer.truncated(slot)) return this.#spoiled('truncated');
    // Only where all namespaces are listened to the kernel says which one it is.
    this.#origin = this.#allNamespaces ? buffer.origin(slot) : null;
    const start = buffer.start(slot);
    const length = buffer.length(slot);
    const event = length === PLAIN_SIZE ? plainEvent(this.#words, start >> 2) : null;
    if (event === null) {
      this.#messages.reset(start, length);
      this.#isOpen = true;
    }
    return event;
  }
}
