/**
 * `NetlinkSocket`: a netlink socket for those who speak the protocol themselves (netlink(7)).
 * Datagrams in, datagrams out, losses reported; what they mean is for `Connection` or the caller.
 */
import { invalidArgument, requireOptions, NlinkError } from '../errors.ts';
import { whole } from '../reference/reference.ts';
import { errno, systemError } from '../sys/errno.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import { netlinkSystem } from '../sys/socket.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { NETLINK_ROUTE } from './constants.ts';
import { openSockets } from './raw-socket.ts';
import type { SocketLocation, RawSocket } from './raw-socket.ts';
import { PullReader } from './pull-reader.ts';

/** The kernel's own datagrams are shorter. */
const SLOT_SIZE = 64 * 1024;

/** Options of {@link NetlinkSocket.open}. */
export interface NetlinkSocketOptions extends SocketLocation {
  /** The netlink protocol, such as `NETLINK_ROUTE` (the default). */
  protocol?: number | undefined;
  /**
   * Bytes of what may wait to be received, without the kernel's bookkeeping. Default: the sysctl
   * net.core.rmem_default. More than net.core.rmem_max takes CAP_NET_ADMIN.
   */
  receiveBufferSize?: number | undefined;
}

/** What the kernel sent. */
export interface Datagram {
  /** One or more messages: `decodeMessages`. */
  bytes: Uint8Array;
  /**
   * The group it was multicast to, as a bit (group 1 is bit 0), for the first 32 groups; 0 for an
   * answer.
   */
  groups: number;
  /**
   * With `listenAllNamespaces`: the nsid of the namespace that it came from; left out: from the
   * socket's own.
   */
  origin?: number;
}

/**
 * A netlink socket: non-blocking, close-on-exec, connected to the kernel, with extended
 * acknowledgement and strict checking switched on where the kernel knows them. Datagrams from
 * anybody but the kernel are ignored. Needs no privilege, but for some groups.
 */
export class NetlinkSocket implements AsyncDisposable {
  readonly #socket: RawSocket;
  readonly #inbox: ReceiveBuffer;
  readonly #receiver: PullReader<Datagram>;
  #received = 0;
  #foreign = 0;

  private constructor(socket: RawSocket) {
    this.#socket = socket;
    this.#inbox = socket.takeBuffer(1, SLOT_SIZE);
    this.#receiver = new PullReader(socket, () => this.tryRecv());
  }

  /**
   * Opens a socket, in another network namespace where `namespace` says so. Entering one needs
   * CAP_SYS_ADMIN, and that this process may come back.
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`,
   *   `ERR_NLINK_NETLINK_UNAVAILABLE`, `ERR_NLINK_NO_RETURN`, `ERR_NLINK_NOT_A_NAMESPACE`,
   *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
   * @throws SystemError `ENOENT`, `EACCES`, `EPERM`, `EMFILE`, …
   */
  static async open(
    options: NetlinkSocketOptions = {},
    system: NetlinkSystem = netlinkSystem(),
  ): Promise<NetlinkSocket> {
    const { protocol = NETLINK_ROUTE, receiveBufferSize } = checkOptions(options);
    const [socket] = openSockets(system, whole('protocol', protocol, 0), options, 1) as [RawSocket];
    try {
      if (receiveBufferSize !== undefined)
        socket.requestReceiveBuffer(whole('receiveBufferSize', receiveBufferSize, 1));
      return new NetlinkSocket(socket);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** The socket's port, which answers carry. 32 bits without sign. */
  get port(): number {
    return this.#socket.port;
  }

  /** Whether the kernel checks requests in full (`NETLINK_GET_STRICT_CHK`, Linux 4.20). */
  get strict(): boolean {
    return this.#socket.strict;
  }

  /** Bytes that may wait, the kernel's bookkeeping included: twice what was asked for. */
  get receiveBufferSize(): number {
    return this.#socket.receiveBuffer;
  }

  /**
   * Joins a multicast group, such as `RTNLGRP_NSID`.
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`; SystemError `EINVAL` (no such group),
   *   `EPERM`
   */
  addMembership(group: number): void {
    this.#socket.join(whole('group', group, 1));
  }

  /** Leaves a multicast group. @throws SystemError `EINVAL` (no such group) */
  dropMembership(group: number): void {
    this.#socket.leave(whole('group', group, 1));
  }

  /**
   * From now on also notifications of all namespaces that have an nsid here
   * (`NETLINK_LISTEN_ALL_NSID`, Linux 4.2).
   * @throws SystemError `EPERM` without CAP_NET_BROADCAST
   */
  listenAllNamespaces(): void {
    this.#socket.listenAll();
  }

  /**
   * Sends one or more messages to the kernel.
   * @throws SystemError `EMSGSIZE` (more than the send buffer holds), …
   */
  send(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw invalidArgument('bytes', 'a Uint8Array', bytes);
    this.#socket.send(bytes, bytes.byteLength);
  }

  /**
   * Waits for the next datagram; undefined once closed. Calls are served in order.
   * @throws SystemError `ENOBUFS`: the receive buffer was full and datagrams were lost; go on
   *   receiving, but know that what was read so far has a gap, and that more is lost until nothing
   *   is left to receive
   * @throws NlinkError `ERR_NLINK_TRUNCATED`
   */
  recv(): Promise<Datagram | undefined> {
    return this.#receiver.recv();
  }

  /** The next datagram if there is one by now; never waits. @throws as {@link recv} */
  tryRecv(): Datagram | undefined {
    for (;;) {
      if (this.#socket.closed) return undefined;
      const received = this.#socket.receiveMany(this.#inbox, 1);
      if (received === -errno.EAGAIN || received === 0) return undefined;
      if (received < 0) throw systemError(-received, 'recvmmsg');
      if (this.#inbox.port(0) !== 0) {
        this.#foreign++;
        continue;
      }
      this.#received++;
      if (this.#inbox.truncated(0)) {
        throw new NlinkError('ERR_NLINK_TRUNCATED', `a datagram of more than ${SLOT_SIZE} bytes was cut off`);
      }
      return this.#datagram();
    }
  }

  /**
   * Counters since the start: datagrams received from the kernel, and those from others, which were
   * ignored.
   */
  stats(): { received: number; foreign: number } {
    return { received: this.#received, foreign: this.#foreign };
  }

  /** Keeps the process alive while {@link recv} waits (the default). */
  ref(): void {
    this.#receiver.ref();
  }

  /** Lets the process end although {@link recv} waits. */
  unref(): void {
    this.#receiver.unref();
  }

  /** Frees everything; a pending {@link recv} ends with undefined. Idempotent. */
  close(): void {
    if (this.#socket.closed) return;
    this.#receiver.close();
    this.#socket.releaseBuffer(this.#inbox);
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #datagram(): Datagram {
    const start = this.#inbox.start(0);
    const bytes = this.#inbox.bytes.slice(start, start + this.#inbox.length(0));
    const origin = this.#inbox.origin(0);
    return { bytes, groups: this.#inbox.groups(0), ...(origin !== null && { origin }) };
  }
}

function checkOptions(options: NetlinkSocketOptions): NetlinkSocketOptions {
  requireOptions(options);
  return options;
}
