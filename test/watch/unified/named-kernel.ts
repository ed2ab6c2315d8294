/**
 * A simulated kernel with paths that lead to namespaces, for what asks named namespaces for their
 * nsids: below the system calls, nothing else is replaced.
 */
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { errno } from '../../../src/sys/errno.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import type { CPath } from '../../../src/sys/system.ts';
import type { LocatedName } from '../../../src/watch/unified/unified-events.ts';
import { SimulatedNetlink } from '../support/simulated-netlink.ts';
import type { NetlinkSimulation } from '../support/simulated-netlink.ts';

const FIRST_FD = 1000;
const DIRECTORY = '/run/netns';

/** By its kernel id; all share an inode number, which nothing here looks at. */
export const identity = (id: number): NamespaceId => ({
  id: BigInt(id),
  dev: 4n,
  ino: 100n,
  since: BigInt(id),
});

export const located = (name: string): LocatedName => ({
  name,
  path: `${DIRECTORY}/${name}`,
  directory: DIRECTORY,
});

const textOf = (path: CPath): string => Buffer.from(path).toString().replace(/\0$/, '');

export class NamedKernel {
  readonly netlink: SimulatedNetlink;
  readonly system: NetlinkSystem;
  /** The kernel id of the namespace behind each name. */
  readonly behind: Map<string, number> = new Map();
  /** The nsid of each namespace, by its kernel id. */
  readonly nsids: Map<number, number> = new Map();
  /** The names that were opened, in order. */
  readonly opened: string[] = [];
  /** Descriptors that may be open at once. */
  descriptors: number = Infinity;
  readonly #open = new Map<number, number>();
  #lastFd = FIRST_FD;

  constructor(settings: Partial<NetlinkSimulation> = {}) {
    this.netlink = new SimulatedNetlink({ queueLimit: 64, prompt: true, byNsid: true, ...settings });
    this.netlink.nsidOf = (fd) => this.nsids.get(this.#open.get(fd) ?? -1) ?? null;
    const calls = this.netlink.system;
    this.system = {
      ...calls,
      close: (fd) => (fd < FIRST_FD ? calls.close(fd) : this.#close(fd)),
      open: (path) => this.#openName(textOf(path)),
      namespaceHandle: (path, into) => {
        const id = this.#open.get(Number(textOf(path).slice('/proc/self/fd/'.length)));
        if (id === undefined) return -errno.ENOENT;
        into.id = BigInt(id);
        return 0;
      },
    };
  }

  /** Names that lead to namespaces. */
  add(names: Record<string, number>): void {
    for (const [name, id] of Object.entries(names)) this.behind.set(name, id);
  }

  /** Gives a namespace an nsid, and says so. */
  assign(id: number, nsid: number): void {
    this.nsids.set(id, nsid);
    this.netlink.assign(nsid);
    this.netlink.send(0);
  }

  /** Frees a namespace with its nsid, and says so. */
  remove(id: number): void {
    const nsid = this.nsids.get(id);
    this.nsids.delete(id);
    this.netlink.remove(nsid as number);
    this.netlink.send(0);
  }

  /** Descriptors that are open now. */
  get open(): number {
    return this.#open.size;
  }

  #openName(path: string): number {
    const name = path.slice(DIRECTORY.length + 1);
    const id = path.startsWith(DIRECTORY) ? this.behind.get(name) : undefined;
    if (id === undefined) return -errno.ENOENT;
    if (this.#open.size >= this.descriptors) return -errno.EMFILE;
    this.opened.push(name);
    this.#open.set(++this.#lastFd, id);
    return this.#lastFd;
  }

  #close(fd: number): number {
    if (!this.#open.delete(fd)) throw new Error(`closed ${fd} twice`);
    return 0;
  }
}
