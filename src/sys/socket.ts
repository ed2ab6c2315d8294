/**
 * The system calls for netlink sockets (netlink(7)), as one object in the convention of `System`:
 * zero or more, or `-errno`; nothing waits. What is only asked for by the netlink layer is bound
 * when that first opens a socket.
 */
import { descriptorPassing } from './descriptor-passing.ts';
import type { DescriptorPassing } from './descriptor-passing.ts';
import { littleEndian } from './endian.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { allocate, bind, pointerSize } from './library.ts';
import { bindNetlinkSocket } from './netlink-socket.ts';
import { linux } from './system.ts';
import type { System } from './system.ts';

export interface SocketCalls {
  /** socket(2): AF_NETLINK, SOCK_RAW, SOCK_CLOEXEC, SOCK_NONBLOCK. */
  netlinkSocket(protocol: number): number;
  /**
   * connect(2) to the kernel (port 0), which also gives the socket a port of its own. From then on
   * the kernel refuses what other processes send to that port (`netlink_getsockbyportid`,
   * net/netlink/af_netlink.c); multicast it does not refuse.
   */
  netlinkConnect(fd: number): number;
  /** getsockname(2): the port, a number of 32 bits without sign; or `-errno`. */
  netlinkPort(fd: number): number;
  /** setsockopt(2) of an int. */
  setOption(fd: number, level: number, option: number, value: number): number;
  /**
   * setsockopt(2) with SO_ATTACH_FILTER: a program of `struct sock_filter`, whose copy is kept for
   * other sockets with the same one.
   */
  attachFilter(fd: number, program: Uint8Array): number;
  /** getsockopt(2) of an int that is never negative. */
  getOption(fd: number, level: number, option: number): number;
  /** send(2) of the first `length` bytes. */
  send(fd: number, bytes: Uint8Array, length: number): number;
  /**
   * recv(2) with MSG_DONTWAIT and MSG_TRUNC: the datagram's true length, which is more than the
   * buffer's where it was cut off.
   */
  receive(fd: number, into: Uint8Array): number;
  /** recvmmsg(2) with MSG_DONTWAIT: how many datagrams are in the inbox now, at most `most`. */
  receiveMany(fd: number, inbox: ReceiveBuffer, most: number): number;
  /**
   * Native memory for {@link receiveMany}, to be given back by {@link releaseBuffer}.
   * @param withSenders whether the kernel is to say where each datagram comes from (the default)
   */
  takeBuffer(slots: number, slotSize: number, withSenders?: boolean): ReceiveBuffer;
  releaseBuffer(inbox: ReceiveBuffer): void;
}

/** All calls that the netlink layer makes. */
export type NetlinkSystem = System & SocketCalls & DescriptorPassing;

let real: NetlinkSystem | undefined;

/**
 * The real thing.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function netlinkSystem(): NetlinkSystem {
  real ??= { ...linux(), ...bindSockets(), ...descriptorPassing };
  return real;
}

const AF_NETLINK = 16;
/** asm-generic/socket.h, which all architectures of Node.js follow. */
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** sizeof(struct sock_filter). */
const INSTRUCTION_SIZE = 8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
/** sizeof(struct sockaddr_nl): family and padding, nl_pid, nl_groups. */
const ADDRESS_SIZE = 12;

function bindSockets(): SocketCalls {
  const connect = bind('int connect(int fd, const void *address, uint32_t length)');
  const getsockname = bind('int getsockname(int fd, void *address, void *length)');
  const setsockopt = bind(
    'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
  );
  const getsockopt = bind('int getsockopt(int fd, int level, int option, void *value, void *length)');
  const send = bind('intptr_t send(int fd, const void *bytes, size_t length, int flags)');
  const receive = bind('intptr_t recv(int fd, void *bytes, size_t length, int flags)');
  const recvmmsg = bind('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)');

  const address = new DataView(new ArrayBuffer(ADDRESS_SIZE));
  const addressBytes = new Uint8Array(address.buffer);
  const number = new Int32Array(1);
  const length = new Uint32Array(1);
  const spare: ReceiveBuffer[] = [];
  const filters = new Map<Uint8Array, bigint>();

  return {
    netlinkSocket: bindNetlinkSocket(),
    netlinkConnect(fd) {
      addressBytes.fill(0);
      address.setUint16(0, AF_NETLINK, littleEndian);
      return connect(fd, addressBytes, ADDRESS_SIZE);
    },
    netlinkPort(fd) {
      length[0] = ADDRESS_SIZE;
      const result = getsockname(fd, addressBytes, length);
      return result < 0 ? result : address.getUint32(4, littleEndian);
    },
    setOption(fd, level, option, value) {
      number[0] = value;
      return setsockopt(fd, level, option, number, 4);
    },
    attachFilter(fd, program) {
      let at = filters.get(program);
      if (at === undefined) filters.set(program, (at = filterInMemory(program)));
      return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, at, 2 * pointerSize());
    },
    getOption(fd, level, option) {
      length[0] = 4;
      const result = getsockopt(fd, level, option, number, length);
      return result < 0 ? result : (number[0] as number);
    },
    send: (fd, bytes, size) => send(fd, bytes, size, MSG_DONTWAIT),
    receive: (fd, into) => receive(fd, into, into.byteLength, MSG_DONTWAIT | MSG_TRUNC),
    receiveMany(fd, inbox, most) {
      inbox.prepare();
      const received = recvmmsg(fd, inbox.address, Math.min(most, inbox.slots), MSG_DONTWAIT, null);
      inbox.filled(received);
      return received;
    },
    takeBuffer(slots, slotSize, withSenders = true) {
      const at = spare.findIndex(
        (inbox) => inbox.slots === slots && inbox.slotSize === slotSize && inbox.withSenders === withSenders,
      );
      return at < 0
        ? new ReceiveBuffer(slots, slotSize, withSenders)
        : (spare.splice(at, 1)[0] as ReceiveBuffer);
    },
    releaseBuffer(inbox) {
      spare.push(inbox);
    },
  };
}

/** `struct sock_fprog { unsigned short len; struct sock_filter *filter; }` and its filter. */
function filterInMemory(program: Uint8Array): bigint {
  const pointer = pointerSize();
  const head = 2 * pointer;
  const { address, buffer } = allocate(head + program.byteLength);
  const view = new DataView(buffer);
  view.setUint16(0, program.byteLength / INSTRUCTION_SIZE, littleEndian);
  const target = address + BigInt(head);
  if (pointer === 8) view.setBigUint64(pointer, target, littleEndian);
  else view.setUint32(pointer, Number(target), littleEndian);
  new Uint8Array(buffer).set(program, head);
  return address;
}
