/**
 * A netlink socket whose kernel is the test: what is sent goes to a function, what is received is
 * what it delivers, at once or later. All above the system calls is real. Errors come as in the
 * kernel: as a negative number in the place of a datagram, and only when nothing was received
 * before it in the same call (recvmmsg(2)).
 */
import { strict as assert } from 'node:assert';
import { decodeMessages } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { RawSocket } from '../../src/netlink/raw-socket.ts';
import { errno } from '../../src/sys/errno.ts';
import { ReceiveBuffer } from '../../src/sys/receive-buffer.ts';
import type { ReadinessHandle } from '../../src/sys/readiness.ts';
import type { NetlinkSystem, SocketCalls } from '../../src/sys/socket.ts';
import { putDatagram } from './inbox-writer.ts';

/** Beyond 2^31, as ports are after a process's first socket. */
export const PORT = 0xee40f905;
const FD = 7;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_GET_STRICT_CHK = 12;

/** A datagram from the kernel, or from somebody else; or `-errno`. */
export type Delivery = Uint8Array | number | { from: number; bytes: Uint8Array };

export interface ScriptedSocketOptions {
  /**
   * What the kernel makes of each send(2), by its first request and all of them; left out: nothing.
   * A number is the result of the call.
   */
  onSend?: (first: NetlinkMessage, socket: ScriptedSocket, all: NetlinkMessage[]) => number | void;
  /** What SO_RCVBUF says. */
  receiveBuffer?: number;
  /** Whether the kernel knows NETLINK_GET_STRICT_CHK. */
  strict?: boolean;
  /** The result of NETLINK_ADD_MEMBERSHIP. */
  join?: number;
}

export class ScriptedSocket {
  readonly raw: RawSocket;
  /** The messages of every send(2). */
  readonly sent: NetlinkMessage[][] = [];
  /** What was told to the process: does it wait, and does waiting keep it alive? */
  listening = false;
  referenced = false;
  closed = false;
  /** Inboxes that were taken and not given back. */
  inboxes = 0;
  readonly #options: ScriptedSocketOptions;
  readonly #queue: Delivery[] = [];
  #listener: (() => void) | null = null;
  #scheduled = false;

  constructor(options: ScriptedSocketOptions = {}) {
    this.#options = options;
    const system: Pick<NetlinkSystem, keyof SocketCalls | 'close' | 'onReadable'> = {
      netlinkSocket: () => FD,
      netlinkConnect: () => 0,
      netlinkPort: () => PORT,
      attachFilter: () => 0,
      setOption: (_fd, level, option) => {
        if (level !== SOL_NETLINK) return 0;
        if (option === NETLINK_ADD_MEMBERSHIP) return options.join ?? 0;
        return option === NETLINK_GET_STRICT_CHK && options.strict === false ? -errno.ENOPROTOOPT : 0;
      },
      getOption: () => options.receiveBuffer ?? 212_992,
      send: (fd, bytes, length) => this.#send(fd, bytes.slice(0, length)),
      receive: (fd, into) => this.#receive(fd, into),
      receiveMany: (fd, inbox, most) => this.#receiveMany(fd, inbox, most),
      takeBuffer: (slots, slotSize) => {
        this.inboxes++;
        return new ReceiveBuffer(slots, slotSize);
      },
      releaseBuffer: () => {
        this.inboxes--;
      },
      close: () => {
        assert.equal(this.closed, false, 'closed once');
        assert.equal(this.#listener, null, 'not polled any more when it is closed');
        this.closed = true;
        return 0;
      },
      onReadable: (fd, listener) => this.#onReadable(fd, listener),
    };
    // No other call is made of it; one that were made would fail.
    this.raw = new RawSocket(system as NetlinkSystem, FD);
  }

  /** The first message of the last send(2). */
  get last(): NetlinkMessage {
    const [message] = this.sent.at(-1) ?? [];
    assert.ok(message, 'something was sent');
    return message;
  }

  /** What waits to be received. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Puts datagrams or errors into the receive queue; who listens is told in a later turn. */
  deliver(...deliveries: Delivery[]): void {
    this.#queue.push(...deliveries);
    this.#schedule();
  }

  /** Tells who listens, although there is nothing: poll(2) may (its BUGS). */
  tellForNothing(): void {
    assert.ok(this.listening);
    this.#listener?.();
  }

  #send(fd: number, bytes: Uint8Array): number {
    this.#check(fd);
    const messages = decodeMessages(bytes);
    this.sent.push(messages);
    return this.#options.onSend?.(this.last, this, messages) ?? bytes.length;
  }

  #receive(fd: number, into: Uint8Array): number {
    this.#check(fd);
    const delivery = this.#queue.shift();
    if (delivery === undefined) return -errno.EAGAIN;
    if (typeof delivery === 'number') return delivery;
    const bytes = delivery instanceof Uint8Array ? delivery : delivery.bytes;
    into.set(bytes.subarray(0, into.length));
    return bytes.length;
  }

  #receiveMany(fd: number, inbox: ReceiveBuffer, most: number): number {
    this.#check(fd);
    let slot = 0;
    for (; slot < Math.min(most, inbox.slots); slot++) {
      const [delivery] = this.#queue;
      if (delivery === undefined) break;
      if (typeof delivery === 'number') {
        if (slot > 0) break;
        this.#queue.shift();
        return delivery;
      }
      const { bytes, from } = delivery instanceof Uint8Array ? { bytes: delivery, from: 0 } : delivery;
      putDatagram(inbox, slot, bytes, from);
      this.#queue.shift();
    }
    return slot === 0 ? -errno.EAGAIN : slot;
  }

  #onReadable(fd: number, listener: () => void): ReadinessHandle {
    this.#check(fd);
    assert.equal(this.#listener, null, 'one listener');
    this.#listener = listener;
    this.listening = true;
    this.referenced = true;
    this.#schedule();
    return {
      resume: () => {
        this.listening = true;
        this.#schedule();
      },
      pause: () => {
        this.listening = false;
      },
      ref: () => {
        this.referenced = true;
      },
      callOnce: () => {},
      unref: () => {
        this.referenced = false;
      },
      close: () => {
        this.#listener = null;
        this.listening = false;
        this.referenced = false;
      },
    };
  }

  /** As epoll does: each turn until the queue is empty. */
  #schedule(): void {
    if (this.#scheduled || this.#listener === null || !this.listening || this.#queue.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.listening && this.#queue.length > 0) this.#listener?.();
      this.#schedule();
    });
  }

  #check(fd: number): void {
    assert.equal(fd, FD);
    assert.equal(this.closed, false, 'no system call after close');
  }
}
