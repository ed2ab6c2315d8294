/**
 * A /proc of processes that a test starts, moves and ends, by the calls that a scan makes. It
 * behaves as the kernel's: a process has an inode of its own as long as it is listed, one that has
 * ended and waits for its parent is in no namespace.
 */
import { errno } from '../../../src/sys/errno.ts';
import { withoutNul } from '../../../src/sys/stat.ts';
import type { LookSystem } from '../../../src/netns/processes/process-look.ts';
import { directoryEntries } from '../../support/directory-entries.ts';

export interface SimulatedProcess {
  readonly inode: number;
  /** Null: its main thread has ended. */
  namespace: number | null;
  /** Whether it may be looked at. */
  visible: boolean;
  /** The namespaces of its other threads, by their numbers. */
  readonly threads: Map<number, number>;
}

export class SimulatedProc {
  readonly processes: Map<number, SimulatedProcess> = new Map();
  /** The namespace of whoever looks. */
  own = 1000;
  /** Whether getdents64(2) is known. */
  hasInodes = true;
  /** What every stat of a process fails with, if not zero. */
  failure = 0;
  /** How many were looked at. */
  looks = 0;
  #inodes = 5000;
  #descriptors = 10;
  readonly #open = new Map<number, Buffer[]>();

  start(pid: number, namespace: number): SimulatedProcess {
    const process = { inode: this.#inodes++, namespace, visible: true, threads: new Map<number, number>() };
    this.processes.set(pid, process);
    return process;
  }

  /** How many descriptors are open. */
  get descriptors(): number {
    return this.#open.size;
  }

  readonly system: LookSystem = {
    open: (path) => {
      const listed = this.#listed(textOf(path));
      if (typeof listed === 'number') return listed;
      const fd = this.#descriptors++;
      this.#open.set(fd, directoryEntries(listed, 128));
      return fd;
    },
    close: (fd) => (this.#open.delete(fd) ? 0 : -errno.EBADF),
    directoryEntries: (fd, into) => {
      if (!this.hasInodes) return -errno.ENOSYS;
      return this.#open.get(fd)?.shift()?.copy(into) ?? 0;
    },
    readDirectory: (path) => {
      const listed = this.#listed(textOf(path));
      if (typeof listed === 'number') return listed;
      return listed.map(([name]) => Buffer.from(name)).toSorted((a, b) => a.compare(b));
    },
    stat: (path, _, into) => {
      const [pid = '', file, tid] = textOf(path).replace('/proc/', '').split('/');
      const set = (ino: number, links: number): number => {
        into.set({ dev: 1n, ino: BigInt(ino), mode: 0o100444, size: 0n, mtime: 0n, mountId: 1, links });
        return 0;
      };
      if (pid === 'thread-self') return set(this.own, 1);
      if (this.failure !== 0) return this.failure;
      const process = this.processes.get(Number(pid));
      if (process === undefined) return -errno.ENOENT;
      if (!process.visible) return -errno.EPERM;
      if (file === 'task' && tid === undefined) return set(1, 3 + process.threads.size);
      this.looks++;
      const namespace = file === 'task' ? process.threads.get(Number(tid)) : process.namespace;
      return namespace === undefined || namespace === null ? -errno.ENOENT : set(namespace, 1);
    },
  };

  #listed(path: string): [name: string, inode: number][] | number {
    if (path === '/proc') {
      const all = [...this.processes].toSorted(([a], [b]) => a - b);
      return [
        ['.', 1],
        ['self', 2],
        ...all.map(([pid, { inode }]): [string, number] => [String(pid), inode]),
      ];
    }
    const pid = /^\/proc\/(\d+)\/task$/.exec(path)?.[1];
    const process = this.processes.get(Number(pid));
    if (process === undefined) return -errno.ENOENT;
    if (!process.visible) return -errno.EPERM;
    return [Number(pid), ...process.threads.keys()].map((tid) => [String(tid), 1]);
  }
}

const textOf = (path: Uint8Array): string => withoutNul(path).toString();
