/**
 * Reads what the kernel sends to the group `RTNLGRP_LINK` (group-inbox.ts), as hints: which link of
 * which namespace is to be asked about. What a notification says of a link is in the numbering of
 * its sender, and may be old when it is read; so no more is read of it than what the kernel does
 * not say when it is asked.
 *
 * | datagram                       | what comes of it                                  |
 * | ------------------------------ | ------------------------------------------------- |
 * | RTM_NEWLINK, RTM_DELLINK       | a hint                                            |
 * | longer than a slot             | a hint by its head: `cut`                         |
 * | of a family, such as AF_BRIDGE | counted, dropped: it is about a port, no link     |
 * | of another type                | passed over                                       |
 * | malformed                      | counted; a loss: everything that waits is dropped |
 */
import { littleEndian } from '../sys/endian.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import { GroupInbox } from './group-inbox.ts';
import type { GroupLoss, NotificationCounters } from './group-inbox.ts';
import { RTM_DELLINK, RTM_NEWLINK, RTNLGRP_LINK } from './link-constants.ts';
import { LinkHintReader } from './link-hint.ts';
import type { LinkHint } from './link-hint.ts';
import { IFINFOMSG_SIZE } from './link-message.ts';
import { viewOf } from './malformed.ts';
import { align, NLMSG_HDRLEN } from './message.ts';
import type { RawSocket } from './raw-socket.ts';

/** Datagrams of one system call. A notification takes up to 1.9 kB, without altnames. */
const SLOTS = 64;
const SLOT_SIZE = 2048;

const HEAD: number = NLMSG_HDRLEN + IFINFOMSG_SIZE;

export class LinkGroupReader {
  readonly #inbox: GroupInbox;
  readonly #hints: LinkHintReader;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #otherFamilies = 0;
  /** Datagrams in the buffer, and the one that comes next. */
  #received = 0;
  #slot = 0;
  /** What is left of the datagram at hand. */
  #at = 0;
  #end = 0;
  #origin: number | null = null;
  #isCut = false;

  /**
   * Takes over the socket and joins the group; nothing is left open when it throws.
   * @param receiveBuffer in bytes; a notification takes some 2.3 kB of it
   * @param allNamespaces also of all namespaces that have an nsid in the socket's
   * @throws SystemError `EPERM` (`allNamespaces` without CAP_NET_BROADCAST)
   */
  constructor(socket: RawSocket, receiveBuffer: number, allNamespaces: boolean) {
    const settings = {
      group: RTNLGRP_LINK,
      receiveBuffer,
      allNamespaces,
      slots: SLOTS,
      slotSize: SLOT_SIZE,
      countDropped: true,
    };
    this.#inbox = new GroupInbox(socket, settings);
    this.#bytes = this.#inbox.buffer.bytes;
    this.#view = viewOf(this.#bytes);
    this.#hints = new LinkHintReader(this.#bytes, this.#view);
  }

  /** Counters since the start. */
  get counters(): NotificationCounters & {
    /** Messages of a family, which are about ports of bridges. */
    otherFamilies: number;
  } {
    return { ...this.#inbox.counters, otherFamilies: this.#otherFamilies };
  }

  /**
   * The next hint. Null: there is none for now, or some were lost: {@link takeLoss}.
   * @throws SystemError what recv(2) gives other than EAGAIN and ENOBUFS
   */
  next(): LinkHint | null {
    for (;;) {
      if (this.#at < this.#end) {
        const hint = this.#read();
        if (hint !== null) return hint;
      } else if (!this.#open()) return null;
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
   * Why hints were lost since this was asked last; null: none were. The socket has been read empty
   * by then.
   */
  takeLoss(): GroupLoss | null {
    return this.#inbox.takeLoss();
  }

  /** As {@link GroupInbox.dropped}. */
  get dropped(): ReadonlyMap<number | null, number> {
    return this.#inbox.dropped;
  }

  /** Calls `listener` whenever {@link next} may have something. At most one listener. */
  onReadable(listener: ReadinessListener): ReadinessHandle {
    return this.#inbox.onReadable(listener);
  }

  /** Idempotent. */
  close(): void {
    this.#inbox.close();
  }

  /** Opens the next datagram, if it is the kernel's. @returns whether there was one, of whomever */
  #open(): boolean {
    if (this.#slot >= this.#received) {
      this.#slot = 0;
      this.#received = this.#inbox.receive();
      if (this.#received === 0) return false;
    }
    const slot = this.#slot++;
    if (!this.#inbox.accepts(slot)) return true;
    const { buffer } = this.#inbox;
    this.#at = buffer.start(slot);
    this.#end = this.#at + buffer.length(slot);
    this.#isCut = buffer.truncated(slot);
    this.#origin = this.#inbox.origin(slot);
    return true;
  }

  /** The next message of the datagram. @returns null: it gives no hint */
  #read(): LinkHint | null {
    const view = this.#view;
    const at = this.#at;
    const left = this.#end - at;
    const length = left < NLMSG_HDRLEN ? 0 : view.getUint32(at, littleEndian);
    if (length < NLMSG_HDRLEN || (length > left && !this.#isCut)) return this.#spoiled();
    const end = at + Math.min(length, left);
    this.#at = length >= left ? this.#end : at + align(length);
    const type = view.getUint16(at + 4, littleEndian);
    if (type !== RTM_NEWLINK && type !== RTM_DELLINK) return null;
    if (end - at < HEAD) return this.#spoiled();
    if (this.#bytes[at + NLMSG_HDRLEN] !== 0) {
      this.#otherFamilies++;
      return null;
    }
    const isCut = length > left;
    return (
      this.#hints.read(type === RTM_NEWLINK, at + NLMSG_HDRLEN, end, this.#origin, isCut) ?? this.#spoiled()
    );
  }

  #spoiled(): null {
    this.#at = 0;
    this.#end = 0;
    this.#slot = 0;
    this.#received = 0;
    this.#inbox.spoiled('malformed');
    return null;
  }
}
