/**
 * Tells when whoever reads a pipe or socket has gone away (POLLERR of a pipe, EPOLLRDHUP of a socket, poll(2)), so that a
 * program that writes seldom ends at once and not at its next line. Polls a duplicate, since libuv gives a descriptor
 * that it writes to no second handle.
 */
import { fstatSync } from 'node:fs';
import { check } from './errno.ts';
import { bind, koffi } from './library.ts';

const F_DUPFD_CLOEXEC = 1030;

/**
 * Calls `listener` once, when the reader of `fd` is gone. Never keeps the process alive. On anything but a pipe or a
 * socket there is no reader, and nothing is ever told.
 * @returns ends it; idempotent
 * @throws SystemError `EMFILE`; NlinkError as for every system call
 */
export function onHangup(fd: number, listener: () => void): () => void {
  const status = fstatSync(fd);
  if (!status.isFIFO() && !status.isSocket()) return () => {};
  const fcntl = bind('int fcntl(int fd, int command, int argument)');
  const close = bind('int close(int fd)');
  const copy = check(fcntl(fd, F_DUPFD_CLOEXEC, 3), 'fcntl');
  let telling: NodeJS.Immediate | null = null;
  let open = true;
  const end = (): void => {
    if (!open) return;
    open = false;
    handle.close();
    close(copy);
    if (telling !== null) clearImmediate(telling);
  };
  // Called for nothing else: a negative status is POLLERR, and disconnect is all that was asked for.
  const onPoll = (): void => {
    telling ??= setImmediate(() => {
      end();
      listener();
    });
  };
  const handle = koffi().node.poll(copy, { readable: false, writable: false, disconnect: true }, onPoll);
  handle.unref();
  return end;
}
