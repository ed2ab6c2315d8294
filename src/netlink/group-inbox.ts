/**
 * The datagrams that the kernel sends to a multicast group, in order, and the notice when it sent
 * more than could be kept. Believes only the kernel: a privileged process may multicast to a group
 * as well, but not from port 0.
 *
 * After ENOBUFS the socket stays congested and loses in silence until it has been read empty
 * (`netlink_overrun` and `netlink_rcv_wake` in net/netlink/af_netlink.c). So everything is read and
 * dropped first; to recover what was lost or dropped, whoever reads has to ask the
 * kernel what is.
 *
 * | datagram                   | what comes of it                                  |
 * | -------------------------- | ------------------------------------------------- |
 * | from the kernel            | for its reader                                    |
 * | from anybody else          | counted, dropped                                  |
 * | that its reader cannot use | counted; a loss: everything that waits is dropped |
 * | ENOBUFS                    | counted; a loss: everything that waits is dropped |
 */
import { errno, systemError } from '../sys/errno.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import type { RawSocket } from './raw-socket.ts';

/** Why notifications were lost: the receive buffer was full; or one of them could not be read. */
export type GroupLoss = 'overflow' | 'truncated' | 'malformed';

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

/** What is listened to, and what is made ready for it. */
export interface GroupSettings {
  group: number;
  /** What the receive buffer is asked to hold, in bytes. */
  receiveBuffer: number;
  /** Also of all namespaces that have an nsid in the socket's. */
  allNamespaces: boolean;
  /** Datagrams of one system call. */
  slots: number;
  slotSize: number;
  /** Whether to count what a loss drops, by its origin. */
  countDropped: boolean;
}

export class GroupInbox {
  readonly counters: NotificationCounters = { datagrams: 0, foreign: 0, overflows: 0, unreadable: 0 };
  /** How often anything was received. */
  batches = 0;
  /** Why datagrams were lost; null: none were, since {@link takeLoss}. */
  loss: GroupLoss | null = null;
  /**
   * How many datagrams of each namespace the last loss dropped, by its nsid; null: the socket's
   * own. Those that the kernel could not keep are not among them, but come from the same senders.
   */
  readonly dropped: Map<number | null, number> = new Map<number | null, number>();
  readonly buffer: ReceiveBuffer;
  readonly #socket: RawSocket;
  readonly #slots: number;
  readonly #allNamespaces: boolean;
  readonly #countDropped: boolean;
  #closed = false;

  /**
   * Takes over the socket and joins the group; nothing is left open when it throws.
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`
   * @throws SystemError `EPERM` (`allNamespaces` without CAP_NET_BROADCAST)
   */
  constructor(socket: RawSocket, settings: GroupSettings) {
    const { allNamespaces, slots } = settings;
    this.#socket = socket;
    this.#slots = slots;
    this.#allNamespaces = allNamespaces;
    this.#countDropped = settings.countDropped;
    try {
      socket.requestReceiveBuffer(settings.receiveBuffer);
      if (allNamespaces) socket.listenAll();
      socket.join(settings.group);
      this.buffer = socket.takeBuffer(slots, settings.slotSize);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Fills the buffer anew, from its first slot on. @returns how many datagrams there are; 0: none
   * for now, or some were lost
   * @throws SystemError what recv(2) gives other than EAGAIN and ENOBUFS
   */
  receive(): number {
    if (this.loss !== null) return 0;
    const received = this.#socket.receiveMany(this.buffer, this.#slots);
    if (received > 0) {
      this.batches++;
      return received;
    }
    if (received === -errno.ENOBUFS) {
      this.counters.overflows++;
      this.#drain('overflow');
    } else if (received < 0 && received !== -errno.EAGAIN) throw systemError(-received, 'recvmmsg');
    return 0;
  }

  /** Counts a datagram. @returns whether it is the kernel's; any other is ignored */
  accepts(slot: number): boolean {
    if (this.buffer.port(slot) !== 0) {
      this.counters.foreign++;
      return false;
    }
    this.counters.datagrams++;
    return true;
  }

  /** The nsid of the namespace that it came from, where that is another one than the socket's. */
  origin(slot: number): number | null {
    // Only where all namespaces are listened to the kernel says which one it is.
    return this.#allNamespaces ? this.buffer.origin(slot) : null;
  }

  /** A datagram cannot be used: a loss. Those behind it in the buffer are to be dropped. */
  spoiled(loss: GroupLoss): void {
    this.counters.unreadable++;
    this.#drain(loss);
  }

  /**
   * Why datagrams were lost since this was asked last; null: none were. The socket has been read
   * empty by then.
   */
  takeLoss(): GroupLoss | null {
    const loss = this.loss;
    this.loss = null;
    return loss;
  }

  /** Calls `listener` whenever {@link receive} may have something. At most one listener. */
  onReadable(listener: ReadinessListener): ReadinessHandle {
    return this.#socket.onReadable(listener);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#socket.releaseBuffer(this.buffer);
  }

  /** Reads all there is and drops it. */
  #drain(loss: GroupLoss): void {
    this.batches++;
    this.loss = loss;
    this.dropped.clear();
    for (;;) {
      const received = this.#socket.receiveMany(this.buffer, this.#slots);
      if (received === -errno.EAGAIN) return;
      if (received === -errno.ENOBUFS) this.counters.overflows++;
      else if (received < 0) throw systemError(-received, 'recvmmsg');
      for (let slot = 0; slot < received; slot++) {
        if (this.buffer.port(slot) !== 0) this.counters.foreign++;
        else {
          this.counters.datagrams++;
          if (this.#countDropped) this.#count(slot);
        }
      }
    }
  }

  #count(slot: number): void {
    const origin = this.origin(slot);
    this.dropped.set(origin, (this.dropped.get(origin) ?? 0) + 1);
  }
}
