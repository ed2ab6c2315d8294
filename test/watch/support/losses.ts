/**
 * Real system calls that can be made to say, once, that a queue of the kernel's overflowed: of
 * inotify, of netlink. Nothing is lost in truth.
 */
import { IN_Q_OVERFLOW } from '../../../src/inotify/constants.ts';
import { errno } from '../../../src/sys/errno.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';

export class Losses {
  readonly system: NetlinkSystem;
  /** The next read says so. */
  names = false;
  /** The next receipt of notifications says so. */
  nsids = false;

  constructor(real: NetlinkSystem) {
    let sockets = 0;
    let notified = -1;
    this.system = {
      ...real,
      netlinkSocket: (protocol) => {
        const fd = real.netlinkSocket(protocol);
        // Who listens to ids opens two: the first asks, the second is notified.
        if (++sockets % 2 === 0) notified = fd;
        return fd;
      },
      receiveMany: (fd, inbox, most) => {
        if (fd !== notified || !this.nsids) return real.receiveMany(fd, inbox, most);
        this.nsids = false;
        return -errno.ENOBUFS;
      },
      read: (fd, buffer) => {
        if (!this.names) return real.read(fd, buffer);
        this.names = false;
        // inotify(7)
        const record = Int32Array.of(-1, IN_Q_OVERFLOW, 0, 0);
        buffer.set(new Uint8Array(record.buffer));
        return record.byteLength;
      },
    };
  }

  /** Nothing more is lost. */
  end(): void {
    this.names = false;
    this.nsids = false;
  }
}
