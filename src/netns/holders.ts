/**
 * What keeps a network namespace alive: processes, descriptors, mounts, sockets, watches. One walk through /proc (proc(5)), which looks
 * and opens nothing but sockets, for an instant; and what could not be looked at, so that one knows what the answer is worth.
 */
import { readlinkSync } from 'node:fs';
import { directoryOption } from '../reference/directory.ts';
import type { DirectoryOptions } from '../reference/directory.ts';
import { invalidArgument } from '../errors.ts';
import { cPath } from '../reference/names.ts';
import { checkReference } from '../reference/reference.ts';
import type { NamespaceReference } from '../reference/reference.ts';
import { systemError } from '../sys/errno.ts';
import { inspectionSystem } from '../sys/inspection.ts';
import type { InspectionSystem } from '../sys/inspection.ts';
import { emptyStatus } from '../sys/stat.ts';
import { DescriptorReader, infoOf, isPathOnly } from './descriptors.ts';
import type { FoundDescriptor } from './descriptors.ts';
import { holdNamespace } from './held.ts';
import type { NamespaceHolders, NamespaceHoldersOptions, UnseenHolders } from './holders-found.ts';
import type { NamespaceId } from './identity.ts';
import { Likeness } from './likeness.ts';
import { watchedInodes } from './mark-info.ts';
import { MountReader } from './namespace-mounts.ts';
import { Observer } from './observe.ts';
import { INITIAL_PID_NAMESPACE, isDenied, listNumbers, mayHold, Turns } from './proc.ts';
import { DetailsCache } from './process-details.ts';
import { SocketNamespaces } from './socket-namespaces.ts';

/**
 * Finds what keeps a network namespace alive, as far as this process may see, and says what it may not see.
 *
 * It is a snapshot of something that goes on: what ends or is closed meanwhile is left out, what begins meanwhile may be. The
 * namespace is not held: a target that is a name, path, process or descriptor is opened for an instant to know its identity, and from
 * then on is only looked for. So it may end during the call; then nothing is found. A descriptor that this process has open is
 * found as every other one.
 *
 * Never seen, whoever asks: descriptors on their way through a socket (SCM_RIGHTS, unix(7)) or registered with io_uring; mount
 * namespaces in which no process lives, and mounts that were taken off but are in use; descriptors of a thread that shares none
 * with its process; what is outside of the PID namespace of /proc. What does not keep a namespace alive is not listed: a veth's other
 * end, an id, connections that are closing.
 *
 * Needs no privilege for one's own processes. Those of other users take CAP_SYS_PTRACE (ptrace(2)); mounts can be seen without, if /proc
 * shows the process at all. To ask the sockets of a process takes the right to trace it (so that Yama's ptrace_scope counts as well) and
 * CAP_NET_ADMIN over the namespace; each is duplicated for an instant (pidfd_getfd(2)), so a socket that its process closes
 * in that instant is closed a few microseconds later. Linux 3.19; sockets since 5.6, `namespace.id` since 6.18.
 * @param target a name, `{ path }`, `{ pid }`, `{ fd }`, or `{ namespace }`: the identity of one that may have no name any more, such as
 *   that of a `deleted` event
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `ENOENT` (no such name, path or process), `EACCES` (`{ pid }` of another user's process), `EPERM` (the same with
 *   `hidepid=1`), `EBADF` (`{ fd }` is not open), `EMFILE`
 */
export async function namespaceHolders(
  target: NamespaceReference | { namespace: NamespaceId },
  options: NamespaceHoldersOptions = {},
): Promise<NamespaceHolders> {
  const { directory, sockets = true } = options;
  directoryOption(directory);
  if (typeof sockets !== 'boolean') throw invalidArgument('sockets', 'true or false', sockets);
  return findHolders(inspectionSystem(), target, directory, sockets);
}

/** {@link namespaceHolders} with other system calls. */
export async function findHolders(
  system: InspectionSystem,
  target: NamespaceReference | { namespace: NamespaceId },
  directory: DirectoryOptions['directory'],
  sockets: boolean,
): Promise<NamespaceHolders> {
  const namespace = identityOf(system, target, directory);
  return new Search(system, namespace, sockets).run();
}

function identityOf(
  system: InspectionSystem,
  target: NamespaceReference | { namespace: NamespaceId },
  directory: string | undefined,
): NamespaceId {
  if (typeof target === 'object' && target !== null && 'namespace' in target) {
    const { namespace } = target;
    if (typeof namespace?.ino !== 'bigint' || typeof namespace.dev !== 'bigint')
      throw invalidArgument('target.namespace', 'the identity of a network namespace', namespace);
    return namespace;
  }
  const held = holdNamespace(system, new Observer(system), checkReference('target', target, directory));
  held.release();
  return held.namespace;
}

/** One walk through /proc. */
class Search {
  readonly #system: InspectionSystem;
  readonly #likeness: Likeness;
  readonly #turns = new Turns();
  readonly #descriptors: DescriptorReader;
  readonly #mounts: MountReader;
  readonly #sockets: SocketNamespaces | null;
  readonly #details = new DetailsCache();
  readonly #status = emptyStatus();
  readonly #found: NamespaceHolders;
  readonly #unseen: UnseenHolders;

  constructor(system: InspectionSystem, namespace: NamespaceId, sockets: boolean) {
    this.#system = system;
    this.#likeness = new Likeness(system, namespace);
    this.#descriptors = new DescriptorReader(system, this.#turns, namespace.dev);
    this.#mounts = new MountReader(system);
    this.#sockets = sockets ? new SocketNamespaces(system) : null;
    this.#unseen = { processes: 0, sockets: 0, mounts: 0, hidden: false, outside: false };
    this.#found = {
      namespace,
      processes: [],
      descriptors: [],
      mounts: [],
      sockets: [],
      watches: [],
      unseen: this.#unseen,
    };
  }

  async run(): Promise<NamespaceHolders> {
    const pids = listNumbers(this.#system, '/proc');
    if (typeof pids === 'number') throw systemError(-pids, 'scandir', '/proc');
    // A PID namespace always has a process 1: if that is hidden (hidepid=2), so are others.
    this.#unseen.hidden = !pids.includes(1);
    this.#unseen.outside = !inInitialPidNamespace();
    for (const pid of pids) await this.#look(pid);
    this.#unseen.mounts = this.#mounts.refused;
    this.#unseen.sockets = this.#sockets?.refused ?? 0;
    return this.#found;
  }

  async #look(pid: number): Promise<void> {
    const path = `/proc/${pid}`;
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
      const path = cPath(`/proc/${pid}/task/${thread}/ns/net`);
      const result = this.#system.stat(path, true, this.#status);
      if (result === 0) alive ??= thread;
      if (result === 0 && this.#likeness.matches(this.#status, path)) inside.push(thread);
      denied ||= isDenied(result);
    }
    if (inside.length > 0) {
      const all = inside.length === threads.length;
      this.#found.processes.push({ ...this.#details.of(pid), threads: all ? [] : inside });
    }
    // A process whose main thread has ended shows its descriptors at another one.
    const main = alive === undefined || alive === pid;
    const open = await this.#descriptors.of(main ? `/proc/${pid}` : `/proc/${pid}/task/${alive}`);
    if (typeof open !== 'number') this.#sort(pid, open, inside.includes(pid));
    // The kernel says EACCES as well of a process that ends at this moment.
    if ((denied || typeof open === 'number') && mayHold(pid)) this.#unseen.processes++;
  }

  #sort(pid: number, open: readonly FoundDescriptor[], inside: boolean): void {
    const of = (fd: number): { pid: number; fd: number; comm: string } => ({
      pid,
      fd,
      comm: this.#details.of(pid).comm,
    });
    for (const descriptor of open) {
      const { kind, fd } = descriptor;
      if (kind === 'nsfs') {
        const { namespace } = this.#likeness;
        if (descriptor.ino !== namespace.ino || !this.#likeness.mayBeAt(cPath(descriptor.path))) continue;
        this.#found.descriptors.push({ ...of(fd), pathOnly: isPathOnly(infoOf(descriptor)) });
      } else if (kind === 'inotify' || kind === 'fanotify') {
        if (this.#watches(descriptor)) this.#found.watches.push({ ...of(fd), kind });
      }
    }
    // Sockets of a process that is inside say nothing new.
    if (this.#sockets === null || inside) return;
    const sockets = open.filter(({ kind }) => kind === 'socket' || kind === 'tun');
    const matches = (path: string): boolean => {
      const asBytes = cPath(path);
      return (
        this.#system.stat(asBytes, true, this.#status) === 0 && this.#likeness.matches(this.#status, asBytes)
      );
    };
    for (const { fd, ino, kind } of this.#sockets.inside(pid, sockets, matches)) {
      this.#found.sockets.push(
        kind === 'tun' ? { ...of(fd), kind, inode: null } : { ...of(fd), kind: 'socket', inode: ino },
      );
    }
  }

  #watches(descriptor: FoundDescriptor): boolean {
    const { dev, ino } = this.#likeness.namespace;
    const watched = watchedInodes(infoOf(descriptor) ?? '');
    return watched.some((inode) => inode.ino === ino && inode.dev === dev);
  }

  async #lookAtMounts(pid: number): Promise<void> {
    for (const { id, mountNamespace, mountPoint, root } of await this.#mounts.of(pid)) {
      if (root !== `net:[${this.#likeness.namespace.ino}]`) continue;
      if (!this.#likeness.mayBeAt(cPath(`/proc/${pid}/root${mountPoint}`))) continue;
      this.#found.mounts.push({ id, mountNamespace, mountPoint, pid, comm: this.#details.of(pid).comm });
    }
  }
}

function inInitialPidNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE;
  } catch {
    return false;
  }
}
