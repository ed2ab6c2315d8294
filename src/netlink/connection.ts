/**
 * `Connection`: asks the kernel about namespace ids, and assigns them (rtnetlink(7),
 * `net/core/net_namespace.c`). Requests go over one socket, notifications come over another, so
 * that an answer is never mixed with what the kernel tells of its own accord.
 */
import { invalidArgument } from '../errors.ts';
import { absolutePath } from '../reference/directory.ts';
import { checkName } from '../reference/names.ts';
import { checkReference, openNamespace, referenceName, whole } from '../reference/reference.ts';
import type { CheckedReference, NamespaceReference } from '../reference/reference.ts';
import type { SystemError } from '../sys/errno.ts';
import { netlinkSystem } from '../sys/socket.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { NETLINK_ROUTE, NETNSA_FD, NETNSA_PID } from './constants.ts';
import { EventReceiver } from './event-receiver.ts';
import type { NamespaceNetlinkEvent } from './event-receiver.ts';
import { DumpRequest, GeneralRequest } from './general-request.ts';
import type { RequestMessage } from './general-request.ts';
import type { NetlinkMessage } from './message.ts';
import type { NetlinkError } from './netlink-error.ts';
import { listNsids } from './nsid-listing.ts';
import type { NsidListing } from './nsid-listing.ts';
import { NsidAssignment, NsidQueries, NsidQuery } from './nsid-query.ts';
import { openSockets } from './raw-socket.ts';
import type { SocketLocation, RawSocket } from './raw-socket.ts';
import { Requester } from './requester.ts';

/** Options of {@link Connection.open}. */
export interface ConnectionOptions extends SocketLocation {
  /**
   * The network namespace to ask in, whose ids are meant by everything else. Default: that of this
   * process. Another one takes CAP_SYS_ADMIN.
   */
  namespace?: NamespaceReference | undefined;
  /** Where names are looked for. Default `/var/run/netns`. */
  directory?: string | undefined;
}

/** Options of {@link Connection.listNsids}. */
export interface ListNsidsOptions {
  /**
   * The id of another namespace, whose ids are wanted instead (Linux 5.0). Needs CAP_NET_ADMIN in
   * its user namespace.
   */
  target?: number | undefined;
  /**
   * Ids that may be assigned: asked for one by one where the kernel's list may be cut off. Not with
   * a `target`.
   */
  known?: Iterable<number> | undefined;
}

/**
 * What came of one path of {@link Connection.getNsids}: its id, null for none, or why it could not
 * be asked for.
 */
export type PathNsid = number | null | NetlinkError | SystemError;

/**
 * A connection to the kernel for namespace ids. Open it once and use it often. An id belongs to the
 * pair of two namespaces: the one that asks (this connection's) and the one that is asked for; most
 * namespaces have none. See docs/nsids.md.
 *
 * Asking needs no privilege. Does not keep the process alive, unless it waits for the kernel. Linux
 * 4.1 or later.
 */
export class Connection implements AsyncIterable<NamespaceNetlinkEvent>, AsyncDisposable {
  readonly #system: NetlinkSystem;
  readonly #requester: Requester;
  readonly #events: EventReceiver;
  readonly #directory: string | undefined;
  #query = new NsidQuery();

  private constructor(
    system: NetlinkSystem,
    requests: RawSocket,
    events: RawSocket,
    directory: string | undefined,
  ) {
    this.#system = system;
    this.#requester = new Requester(requests);
    this.#events = new EventReceiver(events);
    this.#directory = directory;
  }

  /**
   * Opens a connection.
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`,
   *   `ERR_NLINK_NETLINK_UNAVAILABLE` (a sandbox forbids netlink), `ERR_NLINK_NO_WAY_BACK`,
   *   `ERR_NLINK_NOT_A_NAMESPACE` and `ERR_NLINK_UNSUPPORTED_KERNEL` (with `namespace`),
   *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
   * @throws SystemError `EMFILE`; with `namespace`: `ENOENT`, `EACCES`, `EPERM` (no CAP_SYS_ADMIN)
   */
  static async open(
    options: ConnectionOptions = {},
    system: NetlinkSystem = netlinkSystem(),
  ): Promise<Connection> {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument('options', 'an object', options);
    const { directory } = options;
    if (directory !== undefined) absolutePath('directory', directory);
    const [requests, events] = openSockets(system, NETLINK_ROUTE, options, 2) as [RawSocket, RawSocket];
    return new Connection(system, requests, events, directory);
  }

  /**
   * The id of the namespace that a descriptor is open on.
   * @returns null: it has none here
   * @throws NetlinkError `EBADF` (not open, or opened with O_PATH), `EINVAL` (no network namespace)
   */
  getNsid(fd: number): Promise<number | null> {
    return this.#getNsid(NETNSA_FD, 'fd', fd, 0);
  }

  /**
   * The id of the namespace that a process is in; of any process of this PID namespace, whosever it
   * is.
   * @throws NetlinkError `ESRCH` (no such process, or it has ended)
   */
  getNsidForPid(pid: number): Promise<number | null> {
    return this.#getNsid(NETNSA_PID, 'pid', pid, 1);
  }

  /**
   * The id of the namespace behind a path, such as `/proc/1/ns/net`. Opens it for a moment.
   * @throws SystemError `ENOENT`, `EACCES`, `EMFILE`; NetlinkError `EINVAL` (no network namespace)
   */
  async getNsidForPath(path: string): Promise<number | null> {
    return this.#askOpened({ path: absolutePath('path', path) });
  }

  /**
   * The id of the namespace with a name in the directory of names.
   * @throws NlinkError `ERR_NLINK_INVALID_NAME`; and as {@link getNsidForPath}
   */
  async getNsidForName(name: string): Promise<number | null> {
    checkName(name);
    return this.#askOpened(checkReference('name', name, this.#directory));
  }

  /**
   * The ids of many paths in few system calls. What cannot be asked for has its error in the
   * result; nothing is thrown for it.
   * @returns one answer for each path, in order
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` before anything is opened
   */
  async getNsids(paths: readonly string[]): Promise<PathNsid[]> {
    if (!Array.isArray(paths)) throw invalidArgument('paths', 'an array of paths', paths);
    const absolute = paths.map((path, index) => absolutePath(`paths[${index}]`, path));
    const answers: PathNsid[] = [];
    while (answers.length < absolute.length) await this.#askBatch(absolute, answers);
    return answers;
  }

  /**
   * Assigns an id to a namespace, as `ip netns set`. It keeps it until it ends. Everybody in this
   * connection's namespace sees it, and is told. Needs CAP_NET_ADMIN in the user namespace that
   * owns this connection's network namespace.
   * @param target a name, `{ path }`, `{ pid }` or `{ fd }`
   * @param nsid 0 to 2^31-1, or `'auto'` for the lowest that is free
   * @returns the id
   * @throws NetlinkError `EEXIST` (the namespace has an id, or another one has this id), `EPERM`,
   *   `ESRCH`, `EBADF`, `EINVAL`
   * @throws SystemError `ENOENT`, `EACCES`, `EMFILE`; NlinkError `ERR_NLINK_INVALID_ARGUMENT`,
   *   `ERR_NLINK_INVALID_NAME`
   */
  async setNsid(target: NamespaceReference, nsid: number | 'auto'): Promise<number> {
    const reference = checkReference('target', target, this.#directory);
    const wanted = nsid === 'auto' ? nsid : whole("nsid (a number, or 'auto')", nsid, 0);
    if ('pid' in reference) return this.#assign(NETNSA_PID, reference.pid, wanted, referenceName(reference));
    const fd = 'fd' in reference ? reference.fd : openNamespace(this.#system, reference.path);
    try {
      return await this.#assign(NETNSA_FD, fd, wanted, referenceName(reference));
    } finally {
      if (!('fd' in reference)) this.#system.close(fd);
    }
  }

  /**
   * All ids of this connection's namespace, or of another one that has an id in it.
   *
   * The kernel's list may be cut off without a sign (since Linux 6.10 at some 1,150 ids): then
   * single ids are asked for, the `known` ones and those that follow, and `complete` is false,
   * since there may be more.
   * @throws NetlinkError `EINVAL` (no such target), `EACCES` (no right to ask it)
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_KERNEL` (`target`
   *   before Linux 5.0)
   */
  async listNsids(options: ListNsidsOptions = {}): Promise<NsidListing> {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument('options', 'an object', options);
    const { target, known = [] } = options;
    if (typeof known !== 'object' || known === null || !(Symbol.iterator in known))
      throw invalidArgument('known', 'an iterable of ids', known);
    const ids = Array.from(known, (nsid, index) => whole(`known[${index}]`, nsid, 0));
    return listNsids(this.#requester, target === undefined ? null : whole('target', target, 0), ids);
  }

  /**
   * From now on this connection yields what the kernel tells of ids, word for word: by {@link
   * recv}, {@link tryRecv} or iteration. A second call changes nothing. `NamespaceEventSubscriber`
   * makes more of it: nothing told twice, losses made good.
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
  async request(message: RequestMessage): Promise<NetlinkMessage[]> {
    return this.#requester.exchange(new GeneralRequest(message));
  }

  /**
   * Sends any request for a dump.
   * @returns all messages of it; `interrupted`: something changed meanwhile, so that they may not
   *   fit together
   * @throws NetlinkError what the kernel says
   */
  async dump(message: RequestMessage): Promise<{ messages: NetlinkMessage[]; interrupted: boolean }> {
    return this.#requester.exchange(new DumpRequest(message));
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
    this.#requester.close();
    this.#events.close();
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** No async function, which would cost as much again as the system calls. */
  #getNsid(attribute: number, name: string, value: number, least: number): Promise<number | null> {
    try {
      whole(name, value, least);
      const query = this.#query.of(attribute, value);
      const answer = this.#requester.exchange(query);
      if (!(answer instanceof Promise)) return Promise.resolve(answer);
      // It still waits, or is in line: the next question needs another one.
      this.#query = new NsidQuery();
      return answer;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #askOpened(reference: CheckedReference): Promise<number | null> {
    const subject = referenceName(reference);
    const fd = openNamespace(this.#system, subject);
    try {
      return await this.#requester.exchange(new NsidQuery().of(NETNSA_FD, fd, subject));
    } finally {
      this.#system.close(fd);
    }
  }

  async #assign(attribute: number, value: number, nsid: number | 'auto', subject: string): Promise<number> {
    await this.#requester.exchange(new NsidAssignment(attribute, value, nsid, subject));
    if (nsid !== 'auto') return nsid;
    const assigned = await this.#requester.exchange(new NsidQuery().of(attribute, value, subject));
    // It was assigned a moment ago, and is never taken away while the namespace lives.
    return assigned as number;
  }

  /** Adds answers for the next paths: as many as may be asked for together, or opened at once. */
  async #askBatch(paths: readonly string[], answers: PathNsid[]): Promise<void> {
    const first = answers.length;
    const opened: { fd: number; index: number }[] = [];
    try {
      for (let index = first; index < paths.length && opened.length < this.#requester.batch; index++) {
        try {
          opened.push({ fd: openNamespace(this.#system, paths[index] as string), index });
          answers.push(null);
        } catch (error) {
          // No descriptor left: those that are open are asked for first, and then closed.
          if (opened.length > 0 && isShortage(error as SystemError)) break;
          answers.push(error as SystemError);
        }
      }
      if (opened.length === 0) return;
      const descriptors = opened.map(({ fd }) => fd);
      const subject = (at: number): string | undefined => paths[opened[at]?.index ?? -1];
      const found = await this.#requester.exchange(new NsidQueries(NETNSA_FD, descriptors, subject));
      for (const [at, { index }] of opened.entries())
        answers[index] = found[at] as number | null | NetlinkError;
    } finally {
      for (const { fd } of opened) this.#system.close(fd);
    }
  }
}

const isShortage = ({ code }: SystemError): boolean => code === 'EMFILE' || code === 'ENFILE';
