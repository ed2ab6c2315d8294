/**
 * Descriptors in flight: sent over a Unix socket (SCM_RIGHTS in unix(7)) and not yet received. They
 * keep what they are of alive, and are open in no process. systemd keeps those of
 * `NetworkNamespacePath=` and `PrivateNetwork=` so. How many wait in a socket is in its fdinfo
 * (`scm_fds`, Linux 5.8, `unix_show_fdinfo` in net/unix/af_unix.c); what they are of is seen by a
 * look into the queue, which leaves it as it is and reads no data.
 */
import type { InspectionSystem } from '../../sys/inspection.ts';
import { infoOf } from './descriptors.ts';
import type { FoundDescriptor } from './descriptors.ts';
import type { EventLoopYield } from '../processes/proc.ts';

/** A socket in which descriptors wait. */
export interface WaitingSocket {
  socket: FoundDescriptor;
  /** How many. */
  count: number;
}

export class InFlight {
  readonly #system: InspectionSystem;
  readonly #turns: EventLoopYield;
  readonly #mayAsk: boolean;
  /** By inode, since several processes may have a socket. */
  readonly #seen = new Set<bigint>();

  /** @param mayAsk false: the numbers of processes are none that may be given to a system call */
  constructor(system: InspectionSystem, turns: EventLoopYield, mayAsk: boolean) {
    this.#system = system;
    this.#turns = turns;
    this.#mayAsk = mayAsk;
  }

  /** Those of one process that have not been given before. */
  async waitingIn(open: readonly FoundDescriptor[]): Promise<WaitingSocket[]> {
    const waiting: WaitingSocket[] = [];
    for (const socket of open) {
      if (socket.kind !== 'socket' || this.#seen.has(socket.ino)) continue;
      await this.#turns.next();
      const info = infoOf(socket);
      // Another process may let it be read.
      if (info === null) continue;
      this.#seen.add(socket.ino);
      const count = Number(/^scm_fds:\s*(\d+)/m.exec(info)?.[1] ?? 0);
      if (count > 0) waiting.push({ socket, count });
    }
    return waiting;
  }

  /**
   * Duplicates of those in the first message of the queue, for the caller to close at once; none
   * where they may not be had.
   */
  open(pid: number, { fd }: FoundDescriptor): number[] {
    const pidfd = this.#mayAsk ? this.#system.pidfdOpen(pid) : -1;
    if (pidfd < 0) return [];
    const copy = this.#system.pidfdGetfd(pidfd, fd);
    this.#system.close(pidfd);
    if (copy < 0) return [];
    const peeked = this.#system.peekDescriptors(copy);
    this.#system.close(copy);
    if (typeof peeked === 'number') return [];
    for (const other of peeked.others) this.#system.close(other);
    return peeked.sent;
  }
}
