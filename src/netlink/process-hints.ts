/**
 * Processes that have just been made, or have started a program: whoever looks at them finds a new
 * network namespace before a scan does. The process connector (Linux 2.6.15, `CONFIG_PROC_EVENTS`)
 * sends them by multicast. They are hints, and no more:
 *
 * - A fork is told before the child runs, and its namespace is that of the child (`copy_process` in
 *   kernel/fork.c): clone(2) with CLONE_NEWNET is seen. unshare(2) and setns(2) tell nothing, but
 *   mostly the program that asked for them starts another one.
 * - Few are kept for whoever is late. Then the kernel says that some were lost (ENOBUFS), not
 *   which; those that it has no memory for it drops without a word (`GFP_NOWAIT` in `send_msg`).
 * - Since Linux 6.6 any user may make the kernel send none to anybody, by a request with an unknown
 *   operation and one to stop (`cn_proc_mcast_ctl` in drivers/connector/cn_proc.c); and a few
 *   kernels of early 2024 stop by themselves when all listeners filter an event out (c46bfba1337d,
 *   reverted by 8929f95b2b58). Nobody is told of either.
 *
 * So that a scan has to stand behind. The numbers are those of the first PID namespace, and the
 * kernel serves only who is in that one and in the first user namespace.
 *
 * | opening           | what the kernel does                       | then              |
 * | ----------------- | ------------------------------------------ | ----------------- |
 * | a socket          | none: no connector, or a seccomp filter    | refused: netlink  |
 * | joins the group   | EPERM: no CAP_NET_ADMIN, before Linux 6.6  | refused: right    |
 * | asks              | ECONNREFUSED: another network namespace    | refused: place    |
 * | the same          | answers EPERM                              | refused: right    |
 * | the same          | no answer: another PID or user namespace,  | refused: silence  |
 * |                   | or no CONFIG_PROC_EVENTS                   |                   |
 * | the same          | answers 0                                  | listens           |
 *
 * | listens   | `start` | a process | `pause` | `resume` | `close` |
 * | --------- | ------- | --------- | ------- | -------- | ------- |
 * | opened    | waiting | queued    | -       | -        | closed  |
 * | waiting   | -       | wakes     | paused  | -        | closed  |
 * | paused    | -       | queued    | -       | waiting  | closed  |
 *
 * How often to wake is for the caller to say, who pauses it and resumes it some time later: a wake
 * takes twenty times what an event does.
 */
import { errno, systemError } from '../sys/errno.ts';
import type { SystemError } from '../sys/errno.ts';
import type { ReceiveBuffer } from '../sys/receive-buffer.ts';
import type { ReadinessHandle, ReadinessListener } from '../sys/readiness.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { answerTo, CN_IDX_PROC, encodeProcessRequest, NETLINK_CONNECTOR } from './process-event.ts';
import { PROC_CN_MCAST_IGNORE, PROC_CN_MCAST_LISTEN, startedProcess } from './process-event.ts';
import { PROCESS_STARTS } from './process-starts-filter.ts';
import { openSockets } from './raw-socket.ts';
import type { RawSocket, SocketLocation } from './raw-socket.ts';

/** Why there are no hints. */
export interface NoProcessHints {
  refused: 'netlink' | 'place' | 'right' | 'silence';
  /** What was refused last; null where nothing was said. */
  cause: (Error & { code: string }) | null;
}

/** Datagrams of one system call, of 76 bytes each. */
const SLOTS = 64;
const SLOT_SIZE = 128;
/** System calls of one {@link ProcessHints.take}. */
const MOST_CALLS = 4;
/** Holds some 300: with more to look at a scan is as good. */
const RECEIVE_BUFFER = 128 * 1024;

/** What entering a place fails by that is not there, or not for this process. */
const NO_ENTRY: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOENT', 'ERR_NLINK_NO_RETURN']);

export class ProcessHints {
  readonly #socket: RawSocket;
  readonly #inbox: ReceiveBuffer;
  /** The inbox as numbers of 32 bits. */
  readonly #words: Int32Array;
  #readiness: ReadinessHandle | null = null;

  private constructor(socket: RawSocket) {
    this.#socket = socket;
    this.#inbox = socket.takeBuffer(SLOTS, SLOT_SIZE);
    const { bytes } = this.#inbox;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  }

  /**
   * Begins to listen.
   * @param place in the first network namespace; default: where the caller is
   * @throws SystemError `EMFILE`, `ENOMEM`, …
   */
  static open(system: NetlinkSystem, place: SocketLocation = {}): ProcessHints | NoProcessHints {
    const socket = openAt(system, place);
    return 'refused' in socket ? socket : ProcessHints.listen(socket);
  }

  /** Takes over a socket of NETLINK_CONNECTOR. @throws SystemError */
  static listen(socket: RawSocket): ProcessHints | NoProcessHints {
    const hints = new ProcessHints(socket);
    try {
      const refusal = hints.#listen();
      if (refusal === null) return hints;
      hints.close();
      return refusal;
    } catch (error) {
      hints.close();
      throw error;
    }
  }

  /** From now on `wake` is called when {@link take} has something. */
  start(wake: ReadinessListener): this {
    this.#readiness = this.#socket.onReadable(wake);
    return this;
  }

  /**
   * Processes that were made, or started a program, since this was asked last: each once, at most
   * 256; if there are more, `wake` is called again. Some may have ended. `overflow`: some were
   * lost, and all others that waited are dropped. Undefined: none.
   * @throws SystemError what recvmmsg(2) gives other than EAGAIN and ENOBUFS
   */
  take(): number[] | 'overflow' | undefined {
    const pids = new Set<number>();
    for (let calls = 0, received = SLOTS; calls < MOST_CALLS && received === SLOTS; calls++) {
      received = this.#receive();
      if (received === -errno.ENOBUFS) {
        this.#drain();
        return 'overflow';
      }
      for (let slot = 0; slot < received; slot++) {
        if (!this.#isFromKernel(slot)) continue;
        const pid = startedProcess(this.#words, this.#inbox.start(slot), this.#inbox.length(slot));
        if (pid > 0) pids.add(pid);
      }
    }
    return pids.size === 0 ? undefined : [...pids];
  }

  /** No wakes until {@link resume}; the kernel keeps what happens, as far as there is room. */
  pause(): void {
    this.#readiness?.pause();
  }

  resume(): void {
    this.#readiness?.resume();
  }

  ref(): void {
    this.#readiness?.ref();
  }

  unref(): void {
    this.#readiness?.unref();
  }

  /** Idempotent. */
  close(): void {
    if (this.#socket.closed) return;
    // The kernel counts who asked and never who closed: without this it would make events for
    // nobody until the machine is started again.
    this.#send(PROC_CN_MCAST_IGNORE);
    this.#socket.close();
    this.#socket.releaseBuffer(this.#inbox);
  }

  /** @returns why not, or null */
  #listen(): NoProcessHints | null {
    const socket = this.#socket;
    socket.requestReceiveBuffer(RECEIVE_BUFFER);
    // Before it joins: others may be listened to already. Where the kernel takes no filter all that
    // comes is looked at here.
    socket.filter(PROCESS_STARTS);
    const joined = attempt(() => socket.join(CN_IDX_PROC));
    if (joined?.code === 'EPERM') return { refused: 'right', cause: joined };
    if (joined !== null) throw joined;
    const sent = this.#send(PROC_CN_MCAST_LISTEN);
    if (sent?.code === 'ECONNREFUSED') return { refused: 'place', cause: sent };
    if (sent !== null) throw sent;
    const answer = this.#answer();
    if (answer === 0) return null;
    if (answer === null) return { refused: 'silence', cause: null };
    const cause = systemError(answer, 'send');
    if (answer !== errno.EPERM) throw cause;
    return { refused: 'right', cause };
  }

  #send(operation: number): SystemError | null {
    const request = encodeProcessRequest(operation, this.#socket.port);
    return attempt(() => this.#socket.send(request, request.length));
  }

  /** What the kernel has answered by now: it does so within send(2). Null: nothing. */
  #answer(): number | null {
    for (;;) {
      const received = this.#receive();
      if (received === -errno.ENOBUFS) continue;
      if (received <= 0) return null;
      for (let slot = 0; slot < received; slot++) {
        const { port } = this.#socket;
        const [start, length] = [this.#inbox.start(slot), this.#inbox.length(slot)];
        const answer = this.#isFromKernel(slot) ? answerTo(port, this.#words, start, length) : null;
        // What came before it was before anybody listened.
        if (answer !== null) return answer;
      }
    }
  }

  /** How many datagrams are in the inbox now: 0 where there are none; or -ENOBUFS. */
  #receive(): number {
    if (this.#socket.closed) return 0;
    const received = this.#socket.receiveMany(this.#inbox, SLOTS);
    if (received === -errno.EAGAIN) return 0;
    if (received < 0 && received !== -errno.ENOBUFS) throw systemError(-received, 'recvmmsg');
    return received;
  }

  /**
   * Until nothing is left: before that the kernel sends no more, without a word
   * (`netlink_broadcast_deliver` in net/netlink/af_netlink.c).
   */
  #drain(): void {
    for (let received = SLOTS; received === SLOTS || received < 0;) received = this.#receive();
  }

  #isFromKernel(slot: number): boolean {
    return this.#inbox.port(slot) === 0;
  }
}

/** @throws SystemError a shortage */
function openAt(system: NetlinkSystem, place: SocketLocation): RawSocket | NoProcessHints {
  try {
    return openSockets(system, NETLINK_CONNECTOR, place, 1)[0] as RawSocket;
  } catch (error) {
    const cause = error as SystemError;
    if (cause.code === 'ERR_NLINK_NETLINK_UNAVAILABLE') return { refused: 'netlink', cause };
    if (place.namespace !== undefined && NO_ENTRY.has(cause.code)) return { refused: 'place', cause };
    throw error;
  }
}

/** The error of what was tried, or null. */
function attempt(work: () => void): SystemError | null {
  try {
    work();
    return null;
  } catch (error) {
    return error as SystemError;
  }
}
