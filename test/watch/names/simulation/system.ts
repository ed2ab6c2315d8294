/**
 * The system calls of `System` on a simulated kernel. Before each call, and between the pieces in
 * which a directory is read, others get to act (`between`): that is where races are. What a program
 * must not do (use a closed descriptor, close one twice) throws.
 */
import { MAX_RECORD_SIZE } from '../../../../src/inotify/records.ts';
import { cPath, decodeName, encodeName } from '../../../../src/reference/names.ts';
import { errno } from '../../../../src/sys/errno.ts';
import { O_PATH } from '../../../../src/sys/flags.ts';
import { setMountId } from '../../../../src/sys/mount-list.ts';
import type { ReadinessHandle } from '../../../../src/sys/readiness.ts';
import type { FileStatus } from '../../../../src/sys/stat.ts';
import type { CPath, System } from '../../../../src/sys/system.ts';
import { SimulatedInotify } from './inotify.ts';
import type { SimulatedKernel } from './kernel.ts';
import { pathOf } from './mounts.ts';
import type { Place } from './tree.ts';

type Descriptor =
  | { kind: 'inotify'; inotify: SimulatedInotify }
  | { kind: 'mountinfo'; seen: number }
  | { kind: 'epoll'; mountinfo: { seen: number } | null }
  | { kind: 'namespace'; place: Place }
  /** Opened as a place (O_PATH). */
  | { kind: 'place'; place: Place };

export interface SimulationSettings {
  /** Records that an inotify queue holds. */
  queueLimit: number;
  /** Whether the kernel tells the ids of namespaces (Linux 6.18). */
  handles: boolean;
  /** Entries that one getdents(2) gives. */
  entriesAtOnce: number;
  /** Whether mounts can be listed: not before Linux 6.8, nor through an old seccomp filter. */
  mounts: 'listed' | 'absent' | 'forbidden';
}

/** What listmount(2) and statmount(2) give. */
const REFUSALS = { listed: 0, absent: -errno.ENOSYS, forbidden: -errno.EPERM } as const;

const MODES = { directory: 0o040755, file: 0o100000, link: 0o120777, namespace: 0o100444 } as const;

export class SimulatedSystem implements System {
  /** Called where others can act. */
  between: () => void = () => {};
  /** Ends the operation that is under way: it holds the lock that the watcher's call needs. */
  finish: () => void = () => {};
  /** A directory is about to be watched or read. */
  onDirectory: (call: 'inotifyAddWatch' | 'readDirectory', path: string) => void = () => {};
  /** A watcher asked for records. `isAll`: it knows that none are left. */
  onRead: (overflow: boolean, isAll: boolean) => void = () => {};
  readonly descriptors: Map<number, Descriptor> = new Map();
  readonly handles: Set<Handle> = new Set();
  readonly #kernel: SimulatedKernel;
  readonly #settings: SimulationSettings;
  #lastFd = 2;

  constructor(kernel: SimulatedKernel, settings: SimulationSettings) {
    this.#kernel = kernel;
    this.#settings = settings;
  }

  read(fd: number, buffer: Uint8Array): number {
    this.between();
    const inotify = this.#inotify(fd);
    const { overflowed } = inotify;
    const result = inotify.read(buffer);
    this.onRead(overflowed && !inotify.overflowed, result < 0 || result <= buffer.length - MAX_RECORD_SIZE);
    return result;
  }

  close(fd: number): number {
    this.between();
    const descriptor = this.#descriptor(fd);
    this.descriptors.delete(fd);
    if (descriptor.kind === 'inotify') this.#kernel.instances.delete(descriptor.inotify);
    if (descriptor.kind === 'namespace') descriptor.place.node.holders--;
    for (const handle of this.handles)
      if (handle.fd === fd) throw new Error(`${fd} closed while it is polled`);
    return 0;
  }

  bytesReadable(fd: number): number {
    this.between();
    const { bytes } = this.#inotify(fd);
    if (bytes === 0) this.onRead(false, true);
    return bytes;
  }

  open(path: CPath, flags: number): number {
    this.between();
    if (text(path) === '/proc/self/mountinfo')
      return this.#descriptorFor({ kind: 'mountinfo', seen: this.#kernel.mountChanges });
    const place = this.#resolve(path, true);
    if (typeof place === 'number') return place;
    if ((flags & O_PATH) !== 0) return this.#descriptorFor({ kind: 'place', place });
    if (place.node.kind !== 'namespace') return -errno.EACCES;
    place.node.holders++;
    return this.#descriptorFor({ kind: 'namespace', place });
  }

  stat(path: CPath, followSymlink: boolean, into: FileStatus): number {
    this.between();
    const place = this.#resolve(path, followSymlink);
    if (typeof place === 'number') return place;
    const { node, mount } = place;
    into.set({
      dev: node.fs.dev,
      ino: node.ino,
      mode: MODES[node.kind],
      size: node.size,
      // The inode of a namespace to which nothing but processes refers is made anew for each look.
      mtime: node.kind === 'namespace' && node.holders === 0 ? this.#kernel.mtime() : node.mtime,
      mountId: mount.id,
    });
    return 0;
  }

  /**
   * The newest entries first, as tmpfs does; what comes while it is read is not found, what goes
   * may be.
   */
  readDirectory(path: CPath): Buffer[] | number {
    this.between();
    this.finish();
    this.onDirectory('readDirectory', text(path));
    const place = this.#resolve(path, true);
    if (typeof place === 'number') return place;
    if (place.node.kind !== 'directory') return -errno.ENOTDIR;
    const names: Buffer[] = [];
    for (let before = Infinity; ;) {
      const rest = [...place.node.entries.values()].filter(({ position }) => position < before).toReversed();
      const piece = rest.slice(0, this.#settings.entriesAtOnce);
      for (const { name } of piece) names.push(encodeName(name));
      if (piece.length === 0) return names;
      before = piece.at(-1)?.position ?? 0;
      this.between();
      this.finish();
    }
  }

  readLink(path: CPath): Buffer | number {
    this.between();
    const place = this.#resolve(path, false);
    if (typeof place === 'number') return place;
    if (text(path).startsWith('/proc/self/fd/')) return encodeName(pathOf(place));
    return place.node.kind === 'link' ? encodeName(place.node.target) : -errno.EINVAL;
  }

  inotifyInit(): number {
    this.between();
    const inotify = new SimulatedInotify(this.#settings.queueLimit);
    this.#kernel.instances.add(inotify);
    return this.#descriptorFor({ kind: 'inotify', inotify });
  }

  inotifyAddWatch(fd: number, path: CPath, mask: number): number {
    this.between();
    this.onDirectory('inotifyAddWatch', text(path));
    const inotify = this.#inotify(fd);
    const place = this.#resolve(path, true);
    if (typeof place === 'number') return place;
    return place.node.kind === 'directory' ? inotify.add(place.node, mask, this.between) : -errno.ENOTDIR;
  }

  inotifyRmWatch(fd: number, wd: number): number {
    this.between();
    return this.#inotify(fd).remove(wd);
  }

  epollCreate(): number {
    this.between();
    return this.#descriptorFor({ kind: 'epoll', mountinfo: null });
  }

  epollAdd(epoll: number, fd: number): number {
    this.between();
    const [outer, inner] = [this.#descriptor(epoll), this.#descriptor(fd)];
    if (outer.kind !== 'epoll' || inner.kind !== 'mountinfo') throw new Error('not to be polled here');
    outer.mountinfo = inner;
    inner.seen = this.#kernel.mountChanges;
    return 0;
  }

  namespaceHandle(path: CPath, into: { id: bigint; type: number; ino: number }): number {
    this.between();
    if (!this.#settings.handles) return -errno.EOPNOTSUPP;
    const place = this.#resolve(path, true);
    if (typeof place === 'number') return place;
    if (place.node.namespace === null) return -errno.EOPNOTSUPP;
    into.id = place.node.namespace.id;
    into.type = place.node.namespace.type;
    into.ino = Number(place.node.ino);
    return 0;
  }

  /** Nobody asks. */
  openNamespace(): number {
    return -errno.EBADF;
  }

  /** Nobody asks. */
  socketNamespace(): number {
    return -errno.EBADF;
  }

  namespaceType(fd: number): number {
    this.between();
    const descriptor = this.#descriptor(fd);
    return descriptor.kind === 'namespace' ? (descriptor.place.node.namespace?.type ?? 0) : -errno.ENOTTY;
  }

  listMounts(mount: number, after: number, into: Uint32Array): number {
    this.between();
    const refusal = REFUSALS[this.#settings.mounts];
    if (refusal !== 0) return refusal;
    const below = this.#kernel.mounts.below(mount, after);
    if (typeof below === 'number') return below;
    const fitting = below.slice(0, into.length >> 1);
    for (const [index, id] of fitting.entries()) setMountId(into, index, id);
    return fitting.length;
  }

  mountPoint(mount: number, into: Uint8Array): number {
    this.between();
    const refusal = REFUSALS[this.#settings.mounts];
    if (refusal !== 0) return refusal;
    const point = this.#kernel.mounts.point(mount);
    if (typeof point === 'number') return point;
    const path = cPath(point);
    into.set(path);
    return path.length - 1;
  }

  onReadable(fd: number, listener: () => void): ReadinessHandle {
    const descriptor = this.#descriptor(fd);
    const readable = (): boolean => {
      if (descriptor.kind === 'inotify') return descriptor.inotify.queue.length > 0;
      const mountinfo = descriptor.kind === 'epoll' ? descriptor.mountinfo : null;
      if (mountinfo === null || mountinfo.seen === this.#kernel.mountChanges) return false;
      // Whoever asks first is told, and nobody after him.
      mountinfo.seen = this.#kernel.mountChanges;
      return true;
    };
    const handle = new Handle(fd, readable, listener, (closed) => this.handles.delete(closed));
    this.handles.add(handle);
    return handle;
  }

  setns(): number {
    return notForWatchers('setns');
  }
  unshare(): number {
    return notForWatchers('unshare');
  }
  mount(): number {
    return notForWatchers('mount');
  }
  umount(): number {
    return notForWatchers('umount2');
  }
  mkdir(): number {
    return notForWatchers('mkdir');
  }
  unlink(): number {
    return notForWatchers('unlink');
  }
  fchdir(): number {
    return notForWatchers('fchdir');
  }
  chroot(): number {
    return notForWatchers('chroot');
  }
  flock(): number {
    return notForWatchers('flock');
  }

  #resolve(path: CPath, follow: boolean): Place | number {
    const fd = /^\/proc\/self\/fd\/(\d+)$/.exec(text(path))?.[1];
    if (fd === undefined) return this.#kernel.own.resolve(text(path), follow);
    const descriptor = this.#descriptor(Number(fd));
    return 'place' in descriptor ? descriptor.place : -errno.ENOENT;
  }

  #descriptorFor(descriptor: Descriptor): number {
    this.descriptors.set(++this.#lastFd, descriptor);
    return this.#lastFd;
  }

  #descriptor(fd: number): Descriptor {
    const descriptor = this.descriptors.get(fd);
    if (descriptor === undefined) throw new Error(`descriptor ${fd} is not open`);
    return descriptor;
  }

  #inotify(fd: number): SimulatedInotify {
    const descriptor = this.#descriptor(fd);
    if (descriptor.kind !== 'inotify') throw new Error(`descriptor ${fd} is no inotify instance`);
    return descriptor.inotify;
  }
}

/** What the event loop has of a descriptor; whoever drives the simulation plays the event loop. */
export class Handle implements ReadinessHandle {
  readonly fd: number;
  referenced = true;
  paused = false;
  #laid = false;
  #once = false;
  readonly #readable: () => boolean;
  readonly #listener: () => void;
  readonly #onClose: (handle: Handle) => void;

  constructor(fd: number, readable: () => boolean, listener: () => void, onClose: (handle: Handle) => void) {
    this.fd = fd;
    this.#readable = readable;
    this.#listener = listener;
    this.#onClose = onClose;
  }

  /**
   * The event loop starts to watch: in the turn after it was asked to, and by that may swallow an
   * edge.
   */
  lay(): void {
    if (this.paused) return;
    if (!this.#laid) this.#readable();
    this.#laid = true;
  }

  callOnce(): void {
    this.#once = true;
  }

  /** One turn of the event loop. Whether there was something to tell. */
  poll(): boolean {
    if (this.paused || !this.#laid) return false;
    // The edge is consumed, whatever else there is to call for.
    if (!this.#readable() && !this.#once) return false;
    this.#once = false;
    this.#listener();
    return true;
  }

  resume(): void {
    this.paused = false;
  }

  pause(): void {
    this.paused = true;
    this.#laid = false;
  }

  ref(): void {
    this.referenced = true;
  }

  unref(): void {
    this.referenced = false;
  }

  close(): void {
    this.#onClose(this);
  }
}

const text = (path: CPath): string => decodeName(path.subarray(0, path.indexOf(0)));

function notForWatchers(syscall: string): never {
  throw new Error(`a watcher has no business with ${syscall}`);
}
