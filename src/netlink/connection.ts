/**
 * `Connection`: asks the kernel for nsids and assigns them (rtnetlink(7),
 * `net/core/net_namespace.c`). Requests go over one socket, notifications come over another, so
 * that an answer is never mixed with the kernel's notifications.
 */
import type { NamespaceReference } from '../reference/reference.ts';
import { netlinkSystem } from '../sys/socket.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import type { ConnectionOptions, ListNsidsOptions } from './connection-options.ts';
import { NETLINK_ROUTE } from './constants.ts';
import { RawEvents } from './raw-events.ts';
import type { NamespaceNetlinkEvent } from './raw-events.ts';
import { DumpRequest } from './general-request.ts';
import type { RequestMessage } from './general-request.ts';
import type { NetlinkMessage } from './message.ts';
import type { NsidOrError } from './nsid-by-reference.ts';
import { checkOptions, NsidClient } from './nsid-client.ts';
import type { NsidListing } from './nsid-listing.ts';
import { openSockets } from './raw-socket.ts';
import type { RawSocket } from './raw-socket.ts';

/**
 * A connection to the kernel for nsids. Open it once and use it often. An nsid belongs to two
 * namespaces: the one that asks (this connection's) and the one that is asked for. Most namespaces
 * have none. See docs/nsids.md.
 *
 * Asking needs no privilege. A connection keeps the process alive only while it waits for the
 * kernel. Linux 4.1 or later.
 */
export class Connection implements AsyncIterable<NamespaceNetlinkEvent>, AsyncDisposable {
  readonly #client: NsidClient;
  readonly #events: RawEvents;

  private constructor(
    system: NetlinkSystem,
    requests: RawSocket,
    events: RawSocket,
    directory: string | undefined,
  ) {
    this.#client = new NsidClient(system, requests, directory);
    this.#events = new RawEvents(events);
  }

  /**
   * Opens a connection.
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`,
   *   `ERR_NLINK_NETLINK_UNAVAILABLE` (a sandbox forbids netlink), `ERR_NLINK_NO_RETURN`,
   *   `ERR_NLINK_NOT_A_NAMESPACE` and `ERR_NLINK_UNSUPPORTED_KERNEL` (with `namespace`),
   *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
   * @throws SystemError `EMFILE`; with `namespace`: `ENOENT`, `EACCES`, `EPERM` (no CAP_SYS_ADMIN)
   */
  static async open(
    options: ConnectionOptions = {},
    system: NetlinkSystem = netlinkSystem(),
  ): Promise<Connection> {
    const directory = checkOptions(options);
    const [requests, events] = openSockets(system, NETLINK_ROUTE, options, 2) as [RawSocket, RawSocket];
    return new Connection(system, requests, events, directory);
  }

  /**
   * The nsid that a namespace has here.
   *
   * A name or path is opened for the request; whether a stale file is refused by the open
   * (`EACCES`) or by the kernel (`EINVAL`) depends on who asks. For `{ pid }` any process of this
   * PID namespace will do, whosever it is.
   * @param reference a name, `{ path }`, `{ pid }` or `{ fd }`; a descriptor stays the caller's
   * @returns null: it has none here
   * @throws NetlinkError `EINVAL` (not a network namespace), `ESRCH` (no such process, or it has
   *   ended), `EBADF` (not open, or opened with O_PATH)
   * @throws SystemError `ENOENT`, `EACCES`, `EMFILE`; NlinkError `ERR_NLINK_INVALID_ARGUMENT`,
   *   `ERR_NLINK_INVALID_NAME`
   */
  getNsid(reference: NamespaceReference): Promise<number | null> {
    return this.#client.getNsid(reference);
  }

  /**
   * The nsids of many namespaces in few system calls. An answer may be an error, as {@link getNsid}
   * throws it; nothing is thrown for one of them.
   * @returns one answer for each reference, in order
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`, before anything is
   *   opened
   */
  getNsids(references: readonly NamespaceReference[]): Promise<NsidOrError[]> {
    return this.#client.getNsids(references);
  }

  /**
   * Assigns an nsid to a namespace, as `ip netns set`. The namespace keeps it until it ends.
   * Everybody in this connection's namespace sees it and is notified. Needs CAP_NET_ADMIN in the
   * user namespace that owns this connection's network namespace.
   * @param target a name, `{ path }`, `{ pid }` or `{ fd }`
   * @param nsid 0 to 2^31-1, or `'auto'` for the lowest that is free
   * @returns the nsid
   * @throws NetlinkError `EEXIST` (the namespace has an nsid, or another one has this nsid),
   *   `EPERM`, `ESRCH`, `EBADF`, `EINVAL`
   * @throws SystemError `ENOENT`, `EACCES`, `EMFILE`; NlinkError `ERR_NLINK_INVALID_ARGUMENT`,
   *   `ERR_NLINK_INVALID_NAME`
   */
  setNsid(target: NamespaceReference, nsid: number | 'auto'): Promise<number> {
    return this.#client.setNsid(target, nsid);
  }

  /**
   * All nsids of this connection's namespace, or of another one that has an nsid in it.
   *
   * The kernel may cut its list off without a sign (since Linux 6.10 at some 1,150 nsids). Then
   * single nsids are asked for, the `known` ones and those that follow, and `complete` is false.
   * @throws NetlinkError `EINVAL` (no such target), `EACCES` (no right to ask it)
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_KERNEL` (`target`
   *   before Linux 5.0)
   */
  listNsids(options: ListNsidsOptions = {}): Promise<NsidListing> {
    return this.#client.listNsids(options);
  }

  /**
   * Subscribes to the kernel's notifications of nsids: {@link recv}, {@link tryRecv} and iteration
   * give them as they come. A second call changes nothing. `NamespaceEventSubscriber` does more: it
   * reports nothing twice and recovers from losses.
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` (before Linux 4.1)
   */
  async subscribeNamespaceEvents(): Promise<void> {
    this.#events.subscribe();
  }

  /** Waits for the next event; undefined once closed. Calls are served in order. */
  recv(): Promise<NamespaceNetlinkEvent | undefined> {
    return this.#events.recv();
  }

  /** The next event if there is one by now; never waits. */
  tryRecv(): NamespaceNetlinkEvent | undefined {
    return this.#events.tryRecv();
  }

  /** The events, for one consumer; leaving the loop closes the connection. */
  async *[Symbol.asyncIterator](): AsyncGenerator<NamespaceNetlinkEvent, void> {
    try {
      for (let event = await this.recv(); event !== undefined; event = await this.recv()) yield event;
    } finally {
      this.close();
    }
  }

  /**
   * Sends any request and waits for its acknowledgement.
   * @returns the messages that came before that, with the answer
   * @throws NetlinkError what the kernel says
   */
  request(message: RequestMessage): Promise<NetlinkMessage[]> {
    return this.#client.request(message);
  }

  /**
   * Sends any request for a dump.
   * @returns all messages of it; `interrupted`: something changed meanwhile, so that they may not
   *   fit together
   * @throws NetlinkError what the kernel says
   */
  async dump(message: RequestMessage): Promise<{ messages: NetlinkMessage[]; interrupted: boolean }> {
    return this.#client.requester.exchange(new DumpRequest(message));
  }

  /** Keeps the process alive while {@link recv} waits (the default). */
  ref(): void {
    this.#events.ref();
  }

  /** Lets the process end although {@link recv} waits. */
  unref(): void {
    this.#events.unref();
  }

  /**
   * Frees everything; what waits for the kernel is rejected with `ERR_NLINK_CLOSED`, pending {@link
   * recv} end with undefined. Idempotent.
   */
  close(): void {
    this.#client.close();
    this.#events.close();
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
