/**
 * A netlink socket of user space that sends to other sockets and to groups, as every process with
 * CAP_NET_ADMIN may (netlink(7)): what it sends looks like a message of the kernel in everything
 * but the port that it comes from.
 */
import { closeSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { check } from '../../src/sys/errno.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { bind } from '../../src/sys/library.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';

const NETLINK_ROUTE = 0;
const AF_NETLINK = 16;

export class ForeignSender {
  readonly #fd: number;

  /** Closed at the end of the test. */
  constructor(t: TestContext) {
    this.#fd = check(netlinkSystem().netlinkSocket(NETLINK_ROUTE), 'socket');
    t.after(() => closeSync(this.#fd));
  }

  /**
   * To the socket with this port, 0 being the kernel. @returns what sendto(2) gives, or `-errno`
   */
  send(bytes: Uint8Array, port: number): number {
    return this.#send(bytes, port, 0);
  }

  /**
   * To all that have joined a group, 1 to 32, and to the kernel as well, which takes no notice of
   * what is no request.
   */
  multicast(bytes: Uint8Array, group: number): void {
    check(this.#send(bytes, 0, (1 << (group - 1)) >>> 0), 'sendto');
  }

  /** The port that it sends from: it has one from its first message on. */
  get port(): number {
    return check(netlinkSystem().netlinkPort(this.#fd), 'getsockname');
  }

  #send(bytes: Uint8Array, port: number, groups: number): number {
    const sendto = bind(
      'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t size)',
    );
    const address = new DataView(new ArrayBuffer(12));
    address.setUint16(0, AF_NETLINK, littleEndian);
    address.setUint32(4, port, littleEndian);
    address.setUint32(8, groups, littleEndian);
    return sendto(this.#fd, bytes, bytes.byteLength, 0, new Uint8Array(address.buffer), 12);
  }
}
