/**
 * In which network namespace a socket of another process is, which /proc does not show: the
 * descriptor is duplicated (pidfd_getfd(2)), asked (SIOCGSKNS) and closed, within one turn of the
 * event loop. That takes the right to trace the process (PTRACE_MODE_ATTACH_REALCREDS) and
 * CAP_NET_ADMIN over the namespace.
 */
import type { InspectionSystem } from '../../sys/inspection.ts';
import type { FoundDescriptor } from './descriptors.ts';
import { hasEnded } from '../processes/proc.ts';
import { errno } from '../../sys/errno.ts';

export class SocketNamespaces {
  readonly #system: InspectionSystem;
  readonly #mayAsk: boolean;
  /** What was said of a socket, by its inode: several processes may have it. Null: refused. */
  readonly #known = new Map<bigint, boolean | null>();
  /** How many sockets could not be asked. */
  refused = 0;

  /** @param mayAsk false: the numbers of processes are none that may be given to a system call */
  constructor(system: InspectionSystem, mayAsk: boolean) {
    this.#system = system;
    this.#mayAsk = mayAsk;
  }

  /**
   * Asks sockets of one process whether their namespaces are the one that is meant. Those that
   * closed meanwhile are left out.
   * @param matches called with the path of the namespace's descriptor, which is open during the
   *   call alone
   * @returns those that are in it
   */
  inside(
    pid: number,
    sockets: readonly FoundDescriptor[],
    matches: (path: string) => boolean,
  ): FoundDescriptor[] {
    const pidfd = { fd: -1 };
    try {
      return sockets.filter((socket) => {
        // Every descriptor of a tun device has the inode of the device's file.
        const known = socket.kind === 'socket' ? this.#known.get(socket.ino) : undefined;
        if (known !== undefined && known !== null) return known;
        const answer = this.#ask(pid, pidfd, socket.fd, matches);
        if (answer === null && known === undefined) this.refused++;
        if (answer !== null && known === null) this.refused--;
        if (answer !== undefined && socket.kind === 'socket') this.#known.set(socket.ino, answer);
        return answer === true;
      });
    } finally {
      if (pidfd.fd >= 0) this.#system.close(pidfd.fd);
    }
  }

  /**
   * Opens the namespace of a socket, which lives until the descriptor is closed; null where it
   * cannot be had.
   */
  open(pid: number, { fd }: FoundDescriptor): number | null {
    const pidfd = this.#pidfdOf(pid);
    if (pidfd < 0) return null;
    const namespace = this.#openOf(pidfd, fd);
    this.#system.close(pidfd);
    return namespace < 0 ? null : namespace;
  }

  /** Null: refused. Undefined: it is not there any more. */
  #ask(
    pid: number,
    pidfd: { fd: number },
    fd: number,
    matches: (path: string) => boolean,
  ): boolean | null | undefined {
    if (pidfd.fd < 0) pidfd.fd = this.#pidfdOf(pid);
    if (pidfd.fd < 0) return hasEnded(pidfd.fd) ? undefined : null;
    const namespace = this.#openOf(pidfd.fd, fd);
    if (namespace < 0) return hasEnded(namespace) || namespace === -errno.EBADF ? undefined : null;
    const answer = matches(`/proc/self/fd/${namespace}`);
    this.#system.close(namespace);
    return answer;
  }

  #pidfdOf(pid: number): number {
    return this.#mayAsk ? this.#system.pidfdOpen(pid) : -errno.EPERM;
  }

  #openOf(pidfd: number, fd: number): number {
    const copy = this.#system.pidfdGetfd(pidfd, fd);
    if (copy < 0) return copy;
    const namespace = this.#system.socketNamespace(copy);
    this.#system.close(copy);
    return namespace;
  }
}
