/**
 * One netlink socket as the kernel gives it: opened here or in another network namespace, connected
 * to the kernel so that no other process can send to it, its options set. Knows nothing of
 * messages. netlink(7), socket(7).
 */
import { NlinkError } from '../errors.ts';
import { withNamespace } from '../reference/enter.ts';
import { cPath } from '../reference/names.ts';
import { inNamespace } from '../reference/round-trip.ts';
import { checkReference } from '../reference/reference.ts';
import type { NamespaceReference } from '../reference/reference.ts';
import { check, errno, errnoName, systemError } from '../sys/errno.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import type { NamespaceHandle } from '../sys/system.ts';
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LISTEN_ALL_NSID,
  RTNLGRP_NSID,
  SOL_NETLINK,
} from './constants.ts';

/** asm-generic/socket.h, which all architectures of Node.js follow. */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;

/**
 * What socket(2) says where netlink is kept from a process, by a seccomp filter or because the
 * kernel has none.
 */
const FORBIDDEN: ReadonlySet<number> = new Set([
  errno.EPERM,
  errno.EACCES,
  errno.ENOSYS,
  errno.EAFNOSUPPORT,
  errno.EPROTONOSUPPORT,
]);

/**
 * Where a socket is to be: a reference as a user gave it, or none for the process's own namespace.
 */
export interface SocketLocation {
  /** The network namespace. Default: that of this process. Another one takes CAP_SYS_ADMIN. */
  namespace?: NamespaceReference | undefined;
  /** The directory of names, for a name. */
  directory?: string | undefined;
}

/** A network namespace that is made for the sockets, and lasts as long as one of them is open. */
export const NEW_NAMESPACE = 'new' as const;

/**
 * Opens `count` sockets, all in the same namespace and in one trip. A new one is nobody else's: no
 * name or process leads to it, and no table has an nsid for it.
 * @throws NlinkError `ERR_NLINK_NETLINK_UNAVAILABLE`, `ERR_NLINK_NO_RETURN`,
 *   `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`
 * @throws SystemError `ENOENT`, `EACCES`, `EPERM` (entering another namespace needs CAP_SYS_ADMIN),
 *   `EMFILE`, …
 */
export function openSockets(
  system: NetlinkSystem,
  protocol: number,
  location: SocketLocation | typeof NEW_NAMESPACE,
  count: number,
): RawSocket[] {
  const make = (): number[] => makeDescriptors(system, protocol, count);
  const descriptors =
    location === NEW_NAMESPACE ? inNamespace(system, 'new', make) : makeAt(system, location, make);
  return takeOverSockets(system, descriptors);
}

function makeAt(
  system: NetlinkSystem,
  { namespace, directory }: SocketLocation,
  make: () => number[],
): number[] {
  if (namespace === undefined) return make();
  return withNamespace(system, checkReference('namespace', namespace, directory), make);
}

/** Sets up sockets that are open. Closes all of them when it throws. */
export function takeOverSockets(system: NetlinkSystem, descriptors: readonly number[]): RawSocket[] {
  const sockets: RawSocket[] = [];
  try {
    for (const fd of descriptors) sockets.push(new RawSocket(system, fd));
    return sockets;
  } catch (error) {
    for (const fd of descriptors) system.close(fd);
    throw error;
  }
}

/** All or none: whoever is in another namespace must leave it without loose ends. */
export function makeDescriptors(
  system: Pick<NetlinkSystem, 'netlinkSocket' | 'close'>,
  protocol: number,
  count: number,
): number[] {
  const made: number[] = [];
  while (made.length < count) {
    const fd = system.netlinkSocket(protocol);
    if (fd >= 0) {
      made.push(fd);
      continue;
    }
    for (const fd of made) system.close(fd);
    if (!FORBIDDEN.has(-fd)) throw systemError(-fd, 'socket');
    throw new NlinkError(
      'ERR_NLINK_NETLINK_UNAVAILABLE',
      `netlink sockets cannot be made here (socket: ${errnoName(-fd)}): a seccomp filter or sandbox forbids them ` +
        '(systemd: RestrictAddressFamilies must include AF_NETLINK), or the kernel lacks the protocol',
      { cause: systemError(-fd, 'socket') },
    );
  }
  return made;
}

export class RawSocket {
  /** Its port, which answers carry; chosen by the kernel. */
  readonly port: number;
  /**
   * Whether the kernel checks requests in full, so that it heeds all attributes of a dump request
   * (Linux 4.20).
   */
  readonly strict: boolean;
  readonly #system: NetlinkSystem;
  #fd: number;
  #readiness: ReadinessHandle | null = null;

  /** Takes over the descriptor; not so when it throws. */
  constructor(system: NetlinkSystem, fd: number) {
    this.#system = system;
    this.#fd = fd;
    // Old kernels lack some of these, and are asked in the same words all the same.
    system.setOption(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    system.setOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    this.strict = system.setOption(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1) >= 0;
    check(system.netlinkConnect(fd), 'connect');
    this.port = check(system.netlinkPort(fd), 'getsockname');
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /**
   * Joins a multicast group.
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` the kernel does not know `RTNLGRP_NSID`
   * @throws SystemError `EINVAL` (no such group), `EPERM` (a group that needs privilege)
   */
  join(group: number): void {
    const result = this.#system.setOption(this.#open, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    if (result === -errno.EINVAL && group === RTNLGRP_NSID) {
      throw new NlinkError(
        'ERR_NLINK_UNSUPPORTED_KERNEL',
        'this kernel sends no notifications of nsids (no group RTNLGRP_NSID): they need Linux 4.1 or later',
        { cause: systemError(-result, 'setsockopt') },
      );
    }
    check(result, 'setsockopt');
  }

  /**
   * Has the kernel drop what a filter does not let pass, before it wakes anybody (socket(7),
   * SO_ATTACH_FILTER). @returns whether it does
   */
  filter(program: Uint8Array): boolean {
    return this.#system.attachFilter(this.#open, program) >= 0;
  }

  /** Leaves a multicast group. */
  leave(group: number): void {
    check(this.#system.setOption(this.#open, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, group), 'setsockopt');
  }

  /**
   * Notifications also of every namespace that has an nsid here.
   * @throws SystemError `EPERM` without CAP_NET_BROADCAST
   */
  listenAll(): void {
    const result = this.#system.setOption(this.#open, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1);
    if (result >= 0) return;
    const remedy =
      result === -errno.EPERM
        ? 'listening to all namespaces needs CAP_NET_BROADCAST in the user namespace that owns this network namespace'
        : undefined;
    throw systemError(-result, 'setsockopt', undefined, remedy);
  }

  /**
   * Asks for room for what is received and not yet read: at least `bytes` where privileged
   * (CAP_NET_ADMIN), else up to the sysctl net.core.rmem_max. The kernel doubles it for its own
   * bookkeeping.
   */
  requestReceiveBuffer(bytes: number): void {
    if (this.#system.setOption(this.#open, SOL_SOCKET, SO_RCVBUFFORCE, bytes) >= 0) return;
    check(this.#system.setOption(this.#open, SOL_SOCKET, SO_RCVBUF, bytes), 'setsockopt');
  }

  /** What it has, in the kernel's own bytes, bookkeeping included. */
  get receiveBuffer(): number {
    return check(this.#system.getOption(this.#open, SOL_SOCKET, SO_RCVBUF), 'getsockopt');
  }

  /** The handle of the namespace that it is in, as `System.namespaceHandle`; or `-errno`. */
  namespaceHandle(into: NamespaceHandle): number {
    const fd = this.#system.socketNamespace(this.#fd);
    if (fd < 0) return fd;
    const result = this.#system.namespaceHandle(cPath(`/proc/self/fd/${fd}`), into);
    this.#system.close(fd);
    return result;
  }

  /** Sends the first `length` bytes. @throws SystemError `EMSGSIZE`, `ENOBUFS`, … */
  send(bytes: Uint8Array, length: number): void {
    const result = this.#system.send(this.#open, bytes, length);
    if (result < 0) throw systemError(-result, 'send');
  }

  /**
   * The length of the next datagram, cut off or not; or `-errno`: -EAGAIN is none, -ENOBUFS a loss.
   */
  receive(into: Uint8Array): number {
    return this.#system.receive(this.#open, into);
  }

  /** How many datagrams came into the inbox, or `-errno` as {@link receive}. */
  receiveMany(inbox: ReceiveBuffer, most: number): number {
    return this.#system.receiveMany(this.#open, inbox, most);
  }

  /** Memory for {@link receiveMany}; give it back by {@link releaseBuffer}. */
  takeBuffer(slots: number, slotSize: number, withSenders = true): ReceiveBuffer {
    return this.#system.takeBuffer(slots, slotSize, withSenders);
  }

  releaseBuffer(inbox: ReceiveBuffer): void {
    this.#system.releaseBuffer(inbox);
  }

  /**
   * Calls `listener` whenever there is something to receive, a loss included. At most one listener.
   */
  onReadable(listener: ReadinessListener): ReadinessHandle {
    this.#readiness ??= this.#system.onReadable(this.#open, listener);
    return this.#readiness;
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd < 0) return;
    this.#readiness?.close();
    this.#system.close(this.#fd);
    this.#fd = -1;
  }

  get #open(): number {
    if (this.#fd < 0) throw new NlinkError('ERR_NLINK_CLOSED', 'the socket or connection has been closed');
    return this.#fd;
  }
}
