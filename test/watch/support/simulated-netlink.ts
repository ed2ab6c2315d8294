/**
 * Netlink sockets on a simulated kernel with a table of namespace ids, at the level of system calls
 * and bytes. Notifications are sent after the table has changed, in any order, as in
 * net/core/net_namespace.c; receive queues are short, and congested after an overflow until they
 * are empty, as in net/netlink/af_netlink.c. Before each call others get to act (`between`): that
 * is where races are.
 */
import {
  NETNSA_NSID_NOT_ASSIGNED,
  NLM_F_DUMP,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_DELNSID,
  RTM_GETNSID,
  RTM_NEWNSID,
} from '../../../src/netlink/constants.ts';
import { decodeMessages, encodeMessage } from '../../../src/netlink/message.ts';
import { decodeNsidMessage, encodeNsidMessage } from '../../../src/netlink/nsid-message.ts';
import { errno } from '../../../src/sys/errno.ts';
import type { ReceiveBuffer } from '../../../src/sys/receive-buffer.ts';
import type { ReadinessHandle } from '../../../src/sys/readiness.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';

interface Notification {
  type: typeof RTM_NEWNSID | typeof RTM_DELNSID;
  nsid: number;
  owner: number;
}

class SimulatedSocket {
  readonly queue: Uint8Array[] = [];
  readonly limit: number;
  member = false;
  congested = false;
  overrun = false;
  listener: (() => void) | null = null;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What the kernel does with a notification (`netlink_broadcast_deliver`). */
  notify(bytes: Uint8Array): void {
    if (this.queue.length < this.limit && !this.congested) {
      this.queue.push(bytes);
      return;
    }
    if (!this.congested) this.overrun = true;
    this.congested = true;
  }

  take(): Uint8Array | number {
    if (this.overrun) {
      this.overrun = false;
      return -errno.ENOBUFS;
    }
    const bytes = this.queue.shift();
    if (this.queue.length === 0) this.congested = false;
    return bytes ?? -errno.EAGAIN;
  }
}

export interface NetlinkSimulation {
  /** Notifications that a queue holds. */
  queueLimit: number;
  /**
   * Whether an answer is there when send returns; else only after {@link SimulatedNetlink.answer}.
   */
  prompt: boolean;
  /** Whether the kernel knows questions about an id (Linux 5.0). */
  byNsid: boolean;
}

export class SimulatedNetlink {
  /** The owner of each id that is assigned: a number that is never used again. */
  readonly table: Map<number, number> = new Map();
  /** Notifications that are about to be sent. */
  readonly underWay: Notification[] = [];
  /** How often each id was removed. */
  readonly removals: Map<number, number> = new Map();
  between: () => void = () => {};
  /** The nsid of the namespace that a descriptor is of; null: none. */
  nsidOf: (fd: number) => number | null = () => null;
  readonly sockets: Map<number, SimulatedSocket> = new Map();
  readonly #settings: NetlinkSimulation;
  readonly #late: (() => void)[] = [];
  #owners = 0;
  #lastFd = 2;

  constructor(settings: NetlinkSimulation) {
    this.#settings = settings;
  }

  assign(nsid: number): void {
    if (this.table.has(nsid)) return;
    this.table.set(nsid, ++this.#owners);
    this.underWay.push({ type: RTM_NEWNSID, nsid, owner: this.#owners });
  }

  /**
   * `rtnl_net_newid` holds the namespace until it has told that the id is assigned: it can only end
   * after that. `peernet2id_alloc` lets go of it first; that its callers hold it too is taken for
   * granted here.
   */
  remove(nsid: number): void {
    const owner = this.table.get(nsid);
    if (owner === undefined) return;
    const at = this.underWay.findIndex((it) => it.type === RTM_NEWNSID && it.owner === owner);
    if (at >= 0) this.send(at);
    this.table.delete(nsid);
    this.removals.set(nsid, (this.removals.get(nsid) ?? 0) + 1);
    this.underWay.push({ type: RTM_DELNSID, nsid, owner });
  }

  /** Sends one of the notifications that are under way. */
  send(index: number): void {
    if (this.underWay.length === 0) return;
    const [{ type, nsid }] = this.underWay.splice(index % this.underWay.length, 1) as [Notification];
    const bytes = encodeMessage({ type, payload: encodeNsidMessage({ family: 0, nsid }) });
    for (const socket of this.sockets.values()) if (socket.member) socket.notify(bytes);
  }

  /** Gives the answers that are late. */
  answer(): void {
    for (const deliver of this.#late.splice(0)) deliver();
  }

  /** Wakes whoever has something to receive. */
  wake(): void {
    for (const { queue, overrun, listener } of [...this.sockets.values()])
      if (queue.length > 0 || overrun) listener?.();
  }

  /** The system calls. What is not here is not called. */
  get system(): NetlinkSystem {
    const calls: Partial<NetlinkSystem> = {
      netlinkSocket: () => {
        this.sockets.set(++this.#lastFd, new SimulatedSocket(this.#settings.queueLimit));
        return this.#lastFd;
      },
      netlinkConnect: (fd) => (this.#socket(fd), 0),
      netlinkPort: (fd) => 1000 + fd,
      setOption: (fd, level, option) => {
        this.between();
        if (level === 270 && option === 1) this.#socket(fd).member = true;
        return 0;
      },
      // As much as the queue holds: decides how many questions are asked at once.
      getOption: () => this.#settings.queueLimit * 1664,
      send: (fd, bytes, length) => {
        this.between();
        this.#request(fd, bytes.slice(0, length));
        this.between();
        return length;
      },
      receive: (fd, into) => {
        this.between();
        const taken = this.#socket(fd).take();
        if (typeof taken === 'number') return taken;
        into.set(taken);
        return taken.byteLength;
      },
      receiveMany: (fd, inbox, most) => this.#receiveMany(fd, inbox as unknown as SimulatedInbox, most),
      takeBuffer: (slots, slotSize) => new SimulatedInbox(slots, slotSize) as unknown as ReceiveBuffer,
      releaseBuffer: () => {},
      close: (fd) => {
        if (!this.sockets.delete(fd)) throw new Error(`closed ${fd} twice`);
        return 0;
      },
      onReadable: (fd, listener) => this.#onReadable(fd, listener),
    };
    return calls as NetlinkSystem;
  }

  #socket(fd: number): SimulatedSocket {
    const socket = this.sockets.get(fd);
    if (socket === undefined) throw new Error(`descriptor ${fd} is not open`);
    return socket;
  }

  #receiveMany(fd: number, inbox: SimulatedInbox, most: number): number {
    this.between();
    const socket = this.#socket(fd);
    inbox.taken = [];
    while (inbox.taken.length < Math.min(most, inbox.slots)) {
      if (socket.overrun && inbox.taken.length > 0) break;
      const taken = socket.take();
      if (typeof taken !== 'number') inbox.put(taken);
      else if (inbox.taken.length === 0) return taken;
      else break;
    }
    return inbox.taken.length;
  }

  #onReadable(fd: number, listener: () => void): ReadinessHandle {
    const socket = this.#socket(fd);
    socket.listener = listener;
    return {
      resume: () => (socket.listener = listener),
      pause: () => (socket.listener = null),
      ref: () => {},
      callOnce: () => {},
      unref: () => {},
      close: () => (socket.listener = null),
    };
  }

  #request(fd: number, bytes: Uint8Array): void {
    const socket = this.#socket(fd);
    for (const { type, flags, sequence, payload } of decodeMessages(bytes)) {
      if (type !== RTM_GETNSID) throw new Error(`unexpected request ${type}`);
      const head = { sequence, port: 1000 + fd };
      const { nsid, fd: descriptor } = decodeNsidMessage(payload);
      let reply = this.#answerTo(head, nsid);
      if ((flags & NLM_F_DUMP) === NLM_F_DUMP) reply = this.#dump(head);
      else if (descriptor !== undefined) reply = this.#nsidOf(head, descriptor);
      if (this.#settings.prompt) socket.queue.push(reply);
      else this.#late.push(() => socket.queue.push(reply));
    }
  }

  #answerTo(head: { sequence: number; port: number }, nsid: number | undefined): Uint8Array {
    if (nsid !== undefined && this.#settings.byNsid && this.table.has(nsid))
      return encodeMessage({ type: RTM_NEWNSID, ...head, payload: encodeNsidMessage({ family: 0, nsid }) });
    const error = new Uint8Array(20);
    new Int32Array(error.buffer)[0] = -(this.#settings.byNsid ? errno.ENOENT : errno.EINVAL);
    return encodeMessage({ type: NLMSG_ERROR, flags: 0x100, ...head, payload: error });
  }

  #nsidOf(head: { sequence: number; port: number }, fd: number): Uint8Array {
    const nsid = this.nsidOf(fd) ?? NETNSA_NSID_NOT_ASSIGNED;
    return encodeMessage({ type: RTM_NEWNSID, ...head, payload: encodeNsidMessage({ family: 0, nsid }) });
  }

  #dump(head: { sequence: number; port: number }): Uint8Array {
    const entries = [...this.table.keys()].map((nsid) =>
      encodeMessage({
        type: RTM_NEWNSID,
        flags: NLM_F_MULTI,
        ...head,
        payload: encodeNsidMessage({ family: 0, nsid }),
      }),
    );
    const done = encodeMessage({ type: NLMSG_DONE, flags: NLM_F_MULTI, ...head, payload: new Uint8Array(4) });
    return Buffer.concat([...entries, done]);
  }
}

/** As `ReceiveBuffer`, in the memory of JavaScript. */
class SimulatedInbox {
  readonly slots: number;
  readonly slotSize: number;
  readonly bytes: Uint8Array;
  taken: { length: number }[] = [];

  constructor(slots: number, slotSize: number) {
    this.slots = slots;
    this.slotSize = slotSize;
    this.bytes = new Uint8Array(slots * slotSize);
  }

  put(datagram: Uint8Array): void {
    this.bytes.set(datagram.subarray(0, this.slotSize), this.start(this.taken.length));
    this.taken.push({ length: datagram.byteLength });
  }

  start(slot: number): number {
    return slot * this.slotSize;
  }

  length(slot: number): number {
    return Math.min(this.taken[slot]?.length ?? 0, this.slotSize);
  }

  truncated(slot: number): boolean {
    return (this.taken[slot]?.length ?? 0) > this.slotSize;
  }

  port(): number {
    return 0;
  }

  origin(): null {
    return null;
  }
}
