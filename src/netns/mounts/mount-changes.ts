/**
 * Tells that something was mounted or unmounted in this mount namespace: proc(5) marks
 * /proc/self/mountinfo with EPOLLPRI. No privilege, no queue that could overflow, one wake for any
 * number of changes at once; what changed is not said. libuv asks for EPOLLIN, which that file
 * always has, so it is put into an epoll of its own, whose readability is the sign. The mark is
 * cleared by whoever polls first: the outer epoll, so the inner one must not be asked. To begin to
 * poll is to poll as well, and may swallow a mark: a call follows each beginning.
 */
import { NlinkError } from '../../errors.ts';
import { check, errno, systemError } from '../../sys/errno.ts';
import type { ReadinessHandle, ReadinessListener } from '../../sys/readiness.ts';
import type { System } from '../../sys/system.ts';

const MOUNTINFO = Buffer.from('/proc/self/mountinfo\0');
const EPOLLPRI = 0x2;

export class MountChanges {
  readonly #system: System;
  readonly #descriptors: number[] = [];
  #readiness: ReadinessHandle | null = null;

  /**
   * Calls `listener` after each change. The first call comes without one, when the event loop
   * watches for sure: a change before that may have been swallowed by the laying of the watch.
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` where `/proc` is not mounted
   * @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`
   */
  constructor(system: System, listener: ReadinessListener) {
    this.#system = system;
    try {
      const mountinfo = this.#keep(system.open(MOUNTINFO, 0), 'open');
      const epoll = this.#keep(system.epollCreate(), 'epoll_create1');
      check(system.epollAdd(epoll, mountinfo, EPOLLPRI), 'epoll_ctl');
      this.#readiness = system.onReadable(epoll, listener);
    } catch (error) {
      this.close();
      throw error;
    }
    // A watch that only says when to look must not keep the process alive.
    this.#readiness.unref();
    this.#readiness.callOnce();
  }

  /** No calls until {@link resume}. */
  pause(): void {
    this.#readiness?.pause();
  }

  /** Ends the pause. A call comes in any case, as the first one does, and for the same reason. */
  resume(): void {
    this.#readiness?.resume();
    this.#readiness?.callOnce();
  }

  /** Frees everything. Idempotent. */
  close(): void {
    this.#readiness?.close();
    this.#readiness = null;
    for (const fd of this.#descriptors.splice(0)) this.#system.close(fd);
  }

  #keep(fd: number, syscall: string): number {
    if (fd === -errno.ENOENT) {
      throw new NlinkError(
        'ERR_NLINK_UNSUPPORTED_KERNEL',
        '/proc/self/mountinfo is not there: nlink needs /proc mounted, to learn when a namespace is mounted on its name',
      );
    }
    if (fd < 0) throw systemError(-fd, syscall, '/proc/self/mountinfo');
    this.#descriptors.push(fd);
    return fd;
  }
}
