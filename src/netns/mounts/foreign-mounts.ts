/**
 * Where namespaces are mounted in the mount namespaces of other processes (mount_namespaces(7)), as
 * far as this process may see, and what it could not see. Reads `/proc/PID/mountinfo`, which every
 * user may read unless /proc hides the process. Who may trace a process (ptrace(2),
 * PTRACE_MODE_READ) also learns which mount namespace it and its threads are in, so that each is
 * read once. Asynchronous and one process at a time, since a host has thousands.
 */
import { readdir, readlink, stat } from 'node:fs/promises';
import { parseMountinfo, pathInFileSystem } from './mountinfo.ts';
import type { ForeignMount, ForeignMounts, ScanGaps, ScanOptions } from './foreign-mounts-found.ts';
import type { Mount } from './mountinfo.ts';
import {
  firstId,
  mountNamespaceOf,
  parseOrNone,
  readUnlessSeen,
  selfIn,
  threadsOf,
} from './process-mountinfo.ts';
import { DEFAULT_PROC, procfsAt } from '../processes/procfs.ts';

/** A scan that takes longer ends with what it has. */
const SCAN_BUDGET_MS = 2000;
/** What one process counts at most: if it took longer, the scan waited more than it worked. */
const LONGEST_STEP_MS = 200;
/**
 * How often the processes are walked through again for mount namespaces that were made meanwhile.
 */
const WALKS_AGAIN = 3;

/**
 * One key for a path that is the same in every mount namespace: its file system and where it lies
 * in that.
 */
export const placeOf = (holder: Mount, path: string): string =>
  `${holder.device} ${pathInFileSystem(holder, path)}`;

/**
 * Looks through the mount namespaces of all processes but this one's. What cannot be read is
 * counted in `gaps`.
 */
export function scanForeignMounts(options: ScanOptions = {}): Promise<ForeignMounts> {
  return new Scan(options).run();
}

class Scan {
  readonly #options: ScanOptions;
  readonly #proc: string;
  readonly #now: () => number;
  readonly #places = new Map<string, ForeignMount[]>();
  readonly #masters = new Map<number, number>();
  /** Mount namespaces that were seen whole, and those of which a chroot was seen, by inode. */
  readonly #whole = new Set<bigint>();
  readonly #partial = new Set<bigint>();
  /** Roots that were read in each of the partial ones. */
  readonly #roots = new Set<string>();
  /** Mount namespaces by the ids of their first mounts, for those that are not known otherwise. */
  readonly #read = new Set<string>();
  /** Mount namespaces that a mount keeps (`unshare --mount=FILE`). */
  readonly #pinned = new Set<bigint>();
  readonly #unreadable = new Set<string>();
  #hidden = false;
  /** How long it has worked, in milliseconds. */
  #taken = 0;
  #own: bigint | null = null;
  #hostNamespace: bigint | null = null;
  #hostFirst: string | null = null;
  #hostSeen = false;
  readonly #hostDevices = new Set<string>();

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#proc = options.proc ?? DEFAULT_PROC;
    this.#now = options.now ?? (() => performance.now());
  }

  async run(): Promise<ForeignMounts> {
    const self = await selfIn(this.#proc);
    this.#own = await mountNamespaceOf(self);
    if (this.#own !== null) this.#whole.add(this.#own);
    const own = await readUnlessSeen(`${self}/mountinfo`, this.#read).catch(() => null);
    if (own !== null)
      this.#collect(parseOrNone(own), null, {
        pid: process.pid,
        mountNamespace: this.#own,
        namespaceId: null,
        host: false,
        own: true,
      });
    const outside = procfsAt(this.#proc).initial !== true;
    let unfinished = !(await this.#walk(!outside));
    let unvisited = this.#unvisited();
    // Those that have just been made have processes by now, or are gone.
    for (let again = 0; again < WALKS_AGAIN && !unfinished && (unvisited?.length ?? 0) > 0; again++) {
      unfinished = !(await this.#walk(!outside));
      unvisited = this.#unvisited();
    }
    const gaps: ScanGaps = {
      unfinished,
      hidden: this.#hidden,
      outside,
      unreadable: this.#unreadable.size,
      partial: [...this.#partial].filter((ino) => !this.#whole.has(ino)).length,
      unvisited,
      lookedForAll: this.#options.others !== undefined,
    };
    return {
      places: this.#places,
      masters: this.#masters,
      hostSeen: this.#hostSeen,
      hostDevices: this.#hostDevices,
      gaps,
    };
  }

  /** Lists the mounts of those where that is possible. @returns the inodes of the rest */
  #unvisited(): readonly bigint[] | null {
    const { others } = this.#options;
    const rest: bigint[] = [];
    const found = others?.list(this.#whole, this.#pinned) ?? null;
    for (const { ino, id } of found ?? []) {
      const mounts = others?.mountsIn(id) ?? null;
      if (mounts === null && !this.#partial.has(ino)) rest.push(ino);
      if (mounts === null) continue;
      this.#collect(mounts, null, {
        pid: null,
        mountNamespace: ino,
        namespaceId: id,
        host: false,
        own: false,
      });
      this.#whole.add(ino);
    }
    return found === null ? null : rest;
  }

  /** All processes. False: it took too long, or was aborted. */
  async #walk(hasHost: boolean): Promise<boolean> {
    const pids = (await readdir(this.#proc)).filter((name) => /^\d+$/.test(name)).map(Number);
    // A PID namespace always has a process 1: if that is hidden, so are others.
    this.#hidden = !pids.includes(1);
    let last = this.#now();
    for (const pid of pids.sort((a, b) => a - b)) {
      const here = this.#now();
      this.#taken += Math.min(here - last, LONGEST_STEP_MS);
      last = here;
      if (this.#taken > SCAN_BUDGET_MS || this.#options.signal?.aborted === true) return false;
      await this.#lookAt(pid, pid === 1 && hasHost);
    }
    return true;
  }

  async #lookAt(pid: number, isHost: boolean): Promise<void> {
    const path = `${this.#proc}/${pid}`;
    const mountNamespace = await mountNamespaceOf(path);
    if (isHost) {
      this.#hostNamespace = mountNamespace;
      this.#hostSeen ||= mountNamespace !== null && this.#whole.has(mountNamespace);
    }
    await this.#readOf(path, pid, mountNamespace, isHost);
    if (mountNamespace === null) return;
    // A thread can be in a mount namespace of its own (unshare(2)).
    for (const thread of await threadsOf(path)) {
      if (thread === pid) continue;
      const task = `${path}/task/${thread}`;
      const other = await mountNamespaceOf(task);
      if (other !== null && other !== mountNamespace) await this.#readOf(task, thread, other, false);
    }
  }

  async #readOf(path: string, pid: number, ino: bigint | null, isHost: boolean): Promise<void> {
    let whole = false;
    if (ino !== null) {
      if (this.#whole.has(ino)) return;
      const root = await readlink(`${path}/root`).catch(() => '');
      whole = root === '/';
      if (!whole && this.#roots.has(`${ino} ${root}`)) return;
      this.#roots.add(`${ino} ${root}`);
    }
    try {
      const mountinfo = await readUnlessSeen(`${path}/mountinfo`, this.#read);
      if (mountinfo !== null) {
        const first = firstId(mountinfo);
        if (isHost) [this.#hostFirst, this.#hostSeen] = [first, true];
        this.#collect(parseMountinfo(mountinfo), path, {
          pid,
          mountNamespace: ino,
          namespaceId: null,
          own: false,
          host: ino === null ? first === this.#hostFirst : ino === this.#hostNamespace,
        });
      } else if (isHost) this.#hostSeen = true;
      if (ino !== null) (whole ? this.#whole : this.#partial).add(ino);
    } catch (error) {
      await this.#onUnreadable(path, error as NodeJS.ErrnoException);
    }
  }

  /**
   * EINVAL is said of a process that has ended and waits for its parent; one that has ended is in
   * no mount namespace.
   */
  async #onUnreadable(path: string, { code }: NodeJS.ErrnoException): Promise<void> {
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ERR_NLINK_MALFORMED') return;
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      this.#unreadable.add(path);
  }

  #note(mounts: readonly Mount[]): void {
    for (const { shared, master, type, root } of mounts) {
      if (shared !== null && master !== null) this.#masters.set(shared, master);
      const pinned = type === 'nsfs' ? /^mnt:\[(\d+)\]$/.exec(root)?.[1] : undefined;
      if (pinned !== undefined) this.#pinned.add(BigInt(pinned));
    }
  }

  #collect(
    mounts: readonly Mount[],
    path: string | null,
    where: Pick<ForeignMount, 'pid' | 'mountNamespace' | 'namespaceId' | 'host' | 'own'>,
  ): void {
    this.#note(mounts);
    if (where.host) for (const { device } of mounts) this.#hostDevices.add(device);
    if (!mounts.some(({ type }) => type === 'nsfs')) return;
    const byId = new Map(mounts.map((mount) => [mount.id, mount]));
    const age = path === null ? null : (this.#options.ageOf?.(`${path}/root`) ?? null);
    for (const { id, parent, mountPoint, root, type } of mounts) {
      const holder = byId.get(parent);
      if (type !== 'nsfs' || holder === undefined) continue;
      const place = placeOf(holder, mountPoint);
      const { shared, master } = holder;
      const found = {
        ...where,
        id,
        mountPoint,
        holder: holder.mountPoint,
        holderId: holder.id,
        namespace: root,
        shared,
        master,
        age,
      };
      const known = this.#places.get(place) ?? [];
      // Seen before, from inside of a chroot.
      if (known.some((mount) => mount.id === id)) continue;
      this.#places.set(place, [...known, found]);
    }
  }
}
