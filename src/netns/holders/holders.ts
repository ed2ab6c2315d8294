/**
 * What keeps a network namespace alive: processes, descriptors, mounts, sockets, watches. One walk
 * through /proc (proc(5)), which looks and opens nothing but sockets and what is in flight in them,
 * for an instant; and what could not be looked at, so that one knows what the answer is worth.
 */
import { directoryOption } from '../../reference/directory.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { invalidArgument, requireOptions } from '../../errors.ts';
import { cPath } from '../../reference/names.ts';
import { checkReference } from '../../reference/reference.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import { systemError } from '../../sys/errno.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import { emptyStatus } from '../../sys/stat.ts';
import { DescriptorReader, infoOf, isPathOnly } from './descriptors.ts';
import type { FoundDescriptor } from './descriptors.ts';
import { holdNamespace } from '../identity/held.ts';
import type { NamespaceHolders, NamespaceHoldersOptions, UnseenHolders } from './holders-found.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { InFlight } from './in-flight.ts';
import { IdentityMatcher } from '../identity/identity-matcher.ts';
import { watchedInodes } from './mark-info.ts';
import { MountReader } from '../mounts/namespace-mounts.ts';
import { Observer } from '../identity/observe.ts';
import { isDenied, listNumbers, mayHold, EventLoopYield } from '../processes/proc.ts';
import { DetailsCache } from '../processes/process-details.ts';
import { processOwner } from '../processes/process-owner.ts';
import type { ProcessOwner } from '../processes/process-owner.ts';
import { procfsAt, procOption } from '../processes/procfs.ts';
import type { Procfs } from '../processes/procfs.ts';
import { SocketNamespaces } from './socket-namespaces.ts';

/**
 * Finds what keeps a network namespace alive, as far as this process may see, and says what it may
 * not see.
 *
 * The result is a snapshot: what ends or is closed meanwhile is left out, what begins meanwhile may
 * be. The namespace is not held open: a name, path, process or descriptor is opened for an instant
 * to learn its identity, and then only looked for. So it may end during the call; then nothing is
 * found. Descriptors of this process are found like all others.
 *
 * Never seen, whoever asks: connections that their program has closed with data still to be sent;
 * descriptors in flight (SCM_RIGHTS, unix(7)) behind the first message of a queue, and those
 * registered with io_uring; mount namespaces in which no process lives, and mounts that were taken
 * off but are in use; descriptors of a thread that shares none with its process; what is outside of
 * the PID namespace of /proc. What does not keep a namespace alive is not listed: a veth's other
 * end, an id.
 *
 * Needs no privilege for one's own processes. Those of other users take CAP_SYS_PTRACE (ptrace(2));
 * mounts can be seen without, if /proc shows the process at all. To ask the sockets of a process
 * takes the right to trace it (so that Yama's ptrace_scope counts as well) and CAP_NET_ADMIN over
 * the namespace; each is duplicated for an instant (pidfd_getfd(2)), so a socket that its process
 * closes in that instant is closed a few microseconds later, and so is what waits in its queue.
 * With a `proc` that numbers processes otherwise than this process does, sockets cannot be asked,
 * and are counted in `unseen`. Linux 3.19; sockets since 5.6, descriptors in flight since 5.8,
 * `namespace.id` since 6.18.
 * @param target a name, `{ path }`, `{ pid }`, `{ fd }`, or `{ namespace }`: the identity of one
 *   that may have no name any more, such as that of a `deleted` event
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_INVALID_NAME`,
 *   `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`,
 *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `ENOENT` (no such name, path or process), `EACCES` (`{ pid }` of another
 *   user's process), `EPERM` (the same with `hidepid=1`), `EBADF` (`{ fd }` is not open), `EMFILE`
 */
export async function namespaceHolders(
  target: NamespaceReference | { namespace: NamespaceId },
  options: NamespaceHoldersOptions = {},
): Promise<NamespaceHolders> {
  requireOptions(options);
  const { directory, sockets = true } = options;
  directoryOption(directory);
  const proc = procOption(options.proc);
  if (typeof sockets !== 'boolean') throw invalidArgument('sockets', 'true or false', sockets);
  return findHolders(inspectionSystem(), target, { directory, sockets, proc });
}

/** {@link namespaceHolders} with other system calls. */
export async function findHolders(
  system: InspectionSystem,
  target: NamespaceReference | { namespace: NamespaceId },
  { directory, sockets, proc }: Settings,
): Promise<NamespaceHolders> {
  const namespace = identityOf(system, target, { directory, proc });
  return new Search(system, namespace, procfsAt(proc), sockets).run();
}

/** The options, checked. */
interface Settings extends DirectoryOptions {
  sockets: boolean;
  proc: string;
}

/** What {@link findHolders} could not look at, of whichever namespace. */
export async function findUnseen(system: InspectionSystem, proc: string): Promise<UnseenHolders> {
  // No inode has this number.
  const namespace = { id: null, dev: new Observer(system).nsfs, ino: 0n, since: 0n };
  const { unseen } = await new Search(system, namespace, procfsAt(proc), true).run();
  return unseen;
}

function identityOf(
  system: InspectionSystem,
  target: NamespaceReference | { namespace: NamespaceId },
  { directory, proc }: Pick<Settings, 'directory' | 'proc'>,
): NamespaceId {
  if (typeof target === 'object' && target !== null && 'namespace' in target) {
    const { namespace } = target;
    if (typeof namespace?.ino !== 'bigint' || typeof namespace.dev !== 'bigint')
      throw invalidArgument('target.namespace', 'the identity of a network namespace', namespace);
    return namespace;
  }
  const held = holdNamespace(system, new Observer(system), checkReference('target', target, directory, proc));
  held.release();
  return held.namespace;
}

/** A process, as the entry of each thing that it holds shows it. */
interface Who {
  pid: number;
  comm: string;
  owner: ProcessOwner | null;
}

/** One walk through /proc. */
class Search {
  readonly #system: InspectionSystem;
  readonly #proc: Procfs;
  readonly #matcher: IdentityMatcher;
  readonly #turns = new EventLoopYield();
  readonly #descriptors: DescriptorReader;
  readonly #mounts: MountReader;
  readonly #sockets: SocketNamespaces | null;
  readonly #inFlight: InFlight;
  readonly #details: DetailsCache;
  readonly #known = new Map<number, Who>();
  readonly #status = emptyStatus();
  readonly #found: NamespaceHolders;
  readonly #unseen: UnseenHolders;

  constructor(system: InspectionSystem, namespace: NamespaceId, proc: Procfs, sockets: boolean) {
    this.#system = system;
    this.#proc = proc;
    this.#details = new DetailsCache(proc.path);
    this.#matcher = new IdentityMatcher(system, namespace);
    this.#descriptors = new DescriptorReader(system, this.#turns, namespace.dev);
    this.#mounts = new MountReader(system, proc.path);
    this.#sockets = sockets ? new SocketNamespaces(system, proc.own) : null;
    this.#inFlight = new InFlight(system, this.#turns, proc.own && sockets);
    this.#unseen = {
      processes: 0,
      sockets: 0,
      inFlight: 0,
      mounts: 0,
      mountNamespaces: 0,
      hidden: false,
      outside: false,
    };
    this.#found = {
      namespace,
      processes: [],
      descriptors: [],
      mounts: [],
      sockets: [],
      inFlight: [],
      watches: [],
      unseen: this.#unseen,
    };
  }

  async run(): Promise<NamespaceHolders> {
    const { path, initial } = this.#proc;
    const pids = listNumbers(this.#system, path);
    if (typeof pids === 'number') throw systemError(-pids, 'scandir', path);
    // A PID namespace always has a process 1: if that is hidden (hidepid=2), so are others.
    this.#unseen.hidden = !pids.includes(1);
    this.#unseen.outside = initial !== true;
    for (const pid of pids) await this.#look(pid);
    this.#unseen.mounts = this.#mounts.refused;
    this.#unseen.mountNamespaces = this.#mounts.unlived;
    this.#unseen.sockets = this.#sockets?.refused ?? 0;
    return this.#found;
  }

  async #look(pid: number): Promise<void> {
    const path = `${this.#proc.path}/${pid}`;
    const threads = listNumbers(this.#system, `${path}/task`);
    if (typeof threads !== 'number' || isDenied(threads)) {
      await this.#lookInside(pid, typeof threads === 'number' ? [pid] : threads);
      await this.#lookAtMounts(pid);
    }
  }

  /** @param threads all of the process */
  async #lookInside(pid: number, threads: readonly number[]): Promise<void> {
    const inside: number[] = [];
    let denied = false;
    let alive: number | undefined;
    for (const thread of threads) {
      await this.#turns.next();
      const path = cPath(`${this.#proc.path}/${pid}/task/${thread}/ns/net`);
      const result = this.#system.stat(path, true, this.#status);
      if (result === 0) alive ??= thread;
      if (result === 0 && this.#matcher.matches(this.#status, path)) inside.push(thread);
      denied ||= isDenied(result);
    }
    if (inside.length > 0) {
      const all = inside.length === threads.length;
      const { owner } = this.#who(pid);
      this.#found.processes.push({ ...this.#details.of(pid), owner, threads: all ? [] : inside });
    }
    // A process whose main thread has ended shows its descriptors at another one.
    const main = alive === undefined || alive === pid;
    const open = await this.#descriptors.of(
      main ? `${this.#proc.path}/${pid}` : `${this.#proc.path}/${pid}/task/${alive}`,
    );
    if (typeof open !== 'number') await this.#sort(pid, open, inside.includes(pid));
    // The kernel says EACCES as well of a process that ends at this moment.
    if ((denied || typeof open === 'number') && mayHold(pid, this.#proc.path)) this.#unseen.processes++;
  }

  async #sort(pid: number, open: readonly FoundDescriptor[], inside: boolean): Promise<void> {
    for (const descriptor of open) {
      const { kind, fd } = descriptor;
      if (kind === 'nsfs') {
        const { namespace } = this.#matcher;
        const link = this.#system.readLink(cPath(descriptor.path));
        if (typeof link !== 'number') this.#mounts.keep(link.toString('latin1'));
        if (descriptor.ino !== namespace.ino || !this.#matcher.mayBeAt(cPath(descriptor.path))) continue;
        this.#found.descriptors.push({ ...this.#at(pid, fd), pathOnly: isPathOnly(infoOf(descriptor)) });
      } else if (kind === 'inotify' || kind === 'fanotify') {
        if (this.#watches(descriptor)) this.#found.watches.push({ ...this.#at(pid, fd), kind });
      }
    }
    // Sockets of a process that is inside say nothing new.
    if (inside) return;
    await this.#lookInFlight(pid, open);
    if (this.#sockets === null) return;
    const sockets = open.filter(({ kind }) => kind === 'socket' || kind === 'tun');
    const matches = (path: string): boolean => this.#matches(path);
    for (const { fd, ino, kind } of this.#sockets.inside(pid, sockets, matches)) {
      this.#found.sockets.push(
        kind === 'tun'
          ? { ...this.#at(pid, fd), kind, inode: null }
          : { ...this.#at(pid, fd), kind: 'socket', inode: ino },
      );
    }
  }

  async #lookInFlight(pid: number, open: readonly FoundDescriptor[]): Promise<void> {
    for (const { socket, count } of await this.#inFlight.waitingIn(open)) {
      const copies = this.#inFlight.open(pid, socket);
      const found = copies.filter((fd) => this.#matches(`/proc/self/fd/${fd}`));
      for (const fd of copies) this.#system.close(fd);
      if (found.length > 0) this.#found.inFlight.push({ ...this.#at(pid, socket.fd), inode: socket.ino });
      this.#unseen.inFlight += Math.max(0, count - copies.length);
    }
  }

  #matches(path: string): boolean {
    const bytes = cPath(path);
    return this.#system.stat(bytes, true, this.#status) === 0 && this.#matcher.matches(this.#status, bytes);
  }

  #at(pid: number, fd: number): Who & { fd: number } {
    const { comm, owner } = this.#who(pid);
    return { pid, fd, comm, owner };
  }

  #who(pid: number): Who {
    const who = this.#known.get(pid) ?? {
      pid,
      comm: this.#details.of(pid).comm,
      owner: processOwner(pid, this.#proc.path),
    };
    this.#known.set(pid, who);
    return who;
  }

  #watches(descriptor: FoundDescriptor): boolean {
    const { dev, ino } = this.#matcher.namespace;
    const watched = watchedInodes(infoOf(descriptor) ?? '');
    return watched.some((inode) => inode.ino === ino && inode.dev === dev);
  }

  async #lookAtMounts(pid: number): Promise<void> {
    for (const { root, ...mount } of await this.#mounts.of(pid)) {
      if (root !== `net:[${this.#matcher.namespace.ino}]`) continue;
      if (!this.#matcher.mayBeAt(cPath(`${this.#proc.path}/${pid}/root${mount.mountPoint}`))) continue;
      this.#found.mounts.push({ ...mount, ...this.#who(pid) });
    }
  }
}
