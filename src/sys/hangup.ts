/**
 * Tells when whoever reads a pipe or socket has gone away (POLLERR of a pipe, POLLHUP of a socket,
 * poll(2)), so that a program that writes seldom ends at once and not at its next line. Asks for
 * these two alone, which epoll reports unasked, in an epoll of its own: libuv would ask for more.
 * POLLRDHUP above all says only that the other side will not *write*, as on the socket to the
 * journal that systemd gives to services.
 */
import { fstatSync } from 'node:fs';
import { check } from './errno.ts';
import type { ReadinessHandle } from './readiness.ts';
import { linux } from './system.ts';

/**
 * Calls `listener` once, when the reader of `fd` is gone. Never keeps the process alive. On
 * anything but a pipe or a socket there is no reader, and nothing is ever reported; of a TCP
 * connection only once writing was refused.
 * @returns ends it; idempotent
 * @throws SystemError `EMFILE`; NlinkError as for every system call
 */
export function onHangup(fd: number, listener: () => void): () => void {
  const status = fstatSync(fd);
  if (!status.isFIFO() && !status.isSocket()) return () => {};
  const system = linux();
  const epoll = check(system.epollCreate(), 'epoll_create1');
  let readiness: ReadinessHandle | null = null;
  const end = (): void => {
    if (readiness === null) return;
    readiness.close();
    readiness = null;
    system.close(epoll);
  };
  try {
    check(system.epollAdd(epoll, fd, 0), 'epoll_ctl');
    readiness = system.onReadable(epoll, () => {
      end();
      listener();
    });
  } catch (error) {
    system.close(epoll);
    throw error;
  }
  readiness.unref();
  return end;
}
