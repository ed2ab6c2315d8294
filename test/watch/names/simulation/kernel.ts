/**
 * A kernel in memory, as far as a watcher of names can tell it from the real one: what the system
 * calls of other processes do to directories and mounts, and in which steps that can be seen and is
 * told (`fs/namei.c`, `fs/namespace.c`, `fs/dcache.c`). An operation is a generator that yields
 * wherever another processor could look: a change can be seen before inotify tells of it, in the
 * same order, since both happen under the directory's lock.
 */
import {
  IN_CREATE,
  IN_DELETE,
  IN_ISDIR,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_MOVE_SELF,
} from '../../../../src/inotify/constants.ts';
import { errno } from '../../../../src/sys/errno.ts';
import type { Clock } from '../../../../src/watch/stream/clock.ts';
import type { SimulatedInotify } from './inotify.ts';
import { isWithin, Mounts } from './mounts.ts';
import { Node, View } from './tree.ts';
import type { FileSystem, Kind, Mount, Namespace, Place, Slot } from './tree.ts';

/**
 * The steps of a system call: zero or `-errno` at the end. What nobody can see half done returns
 * that at once.
 */
export type Steps = Generator<undefined, number>;

export const CLONE_NEWNET = 0x40000000;
export const CLONE_NEWUTS = 0x04000000;
const FIRST_INO = 4026531840n;
/** Milliseconds: the times of inodes are as coarse as this. */
const TICK = 4;

export class SimulatedKernel {
  /** The tree as the watcher and its like see it. */
  readonly own: View;
  /** As a process in another mount namespace sees it. */
  readonly foreign: View;
  readonly instances: Set<SimulatedInotify> = new Set();
  readonly mounts: Mounts;
  readonly #clock: Clock;
  readonly #nsfs: FileSystem = { dev: 4n, inodes: 0n, mounts: 1, holders: 0 };
  /** For each inode number of nsfs its last user. */
  readonly #namespaces = new Map<bigint, Node>();
  /** The numbers that were free when the last namespaces were made. */
  #freeInos: Set<bigint>[] = [];
  #lastNamespace = 100n;
  #lastDevice = 20n;
  #lastPosition = 0;
  #lastCookie = 0;
  #held: Place[] = [];
  /** Mounts that were made and are not attached. */
  readonly #made: Mount[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.mounts = new Mounts(this.#node(this.#fileSystem(), 'directory'));
    this.own = new View(this.mounts.root, false);
    this.foreign = new View(this.mounts.root, true);
  }

  /** How often mounts changed. */
  get mountChanges(): number {
    return this.mounts.changes;
  }

  *create(view: View, path: string, size = 0): Steps {
    return yield* this.#make(view, path, 'file', (node) => (node.size = BigInt(size)));
  }

  *mkdir(view: View, path: string): Steps {
    return yield* this.#make(view, path, 'directory', () => {});
  }

  *symlink(view: View, path: string, target: string): Steps {
    return yield* this.#make(view, path, 'link', (node) => (node.target = target));
  }

  /**
   * Where a namespace or another file is mounted on it elsewhere, and not here, its mounts go with
   * it.
   */
  *unlink(view: View, path: string): Steps {
    const slot = view.slot(path);
    if (typeof slot === 'number') return slot;
    const node = slot.node.entries.get(slot.entry);
    if (node === undefined) return -errno.ENOENT;
    if (node.kind === 'directory') return -errno.EISDIR;
    if (isMountPoint(view, node)) return -errno.EBUSY;
    if (node.mounts.size > 0) {
      this.#detachAll(node);
      yield;
    }
    this.#takeOut(slot, node);
    yield;
    this.#tell(slot.node, IN_DELETE, 0, slot.entry);
    return 0;
  }

  *rmdir(view: View, path: string): Steps {
    const slot = view.slot(path);
    if (typeof slot === 'number') return slot;
    const node = slot.node.entries.get(slot.entry);
    if (node === undefined) return -errno.ENOENT;
    if (node.kind !== 'directory') return -errno.ENOTDIR;
    if (isMountPoint(view, node)) return -errno.EBUSY;
    if (node.entries.size > 0) return -errno.ENOTEMPTY;
    node.dead = true;
    const unused = this.#detachAll(node);
    const pinned = unused.has(node);
    if (unused.size > 0) yield;
    this.#takeOut(slot, node);
    // What is mounted on itself is let go of after the directory is told of.
    if (!pinned) this.#dropUnlessHeld(node);
    yield;
    this.#tell(slot.node, IN_DELETE | IN_ISDIR, 0, slot.entry);
    if (unused.size > 0) yield;
    if (pinned) this.#dropUnlessHeld(node);
    for (const root of unused) this.#letGo(root);
    return 0;
  }

  *rename(view: View, from: string, to: string): Steps {
    const [source, target] = [view.slot(from), view.slot(to)];
    if (typeof source === 'number') return source;
    if (typeof target === 'number') return target;
    if (source.mount !== target.mount) return -errno.EXDEV;
    const node = source.node.entries.get(source.entry);
    const old = target.node.entries.get(target.entry);
    const refusal = refuseRename(view, node, old, target.node);
    if (refusal !== 0 || node === undefined) return refusal;
    if (node === old) return 0;
    if (old !== undefined) {
      old.dead = true;
      this.#detachAll(old);
    }
    source.node.entries.delete(source.entry);
    target.node.entries.delete(target.entry);
    this.#putIn(target, node);
    yield;
    const cookie = ++this.#lastCookie;
    const isDirectory = node.kind === 'directory' ? IN_ISDIR : 0;
    this.#tell(source.node, IN_MOVED_FROM | isDirectory, cookie, source.entry);
    this.#tell(target.node, IN_MOVED_TO | isDirectory, cookie, target.entry);
    this.#tell(node, IN_MOVE_SELF | isDirectory);
    if (old !== undefined) this.#dropUnlessHeld(old);
    return 0;
  }

  /** Mounts a new namespace of this kind on a path. */
  mountNamespace(path: string, type: number): number {
    return this.#mount(this.makeNamespace(type), path, (root) => this.mounts.make(root, false));
  }

  /** Mounts on `to` what is at `from`, with the mounts below it. */
  bind(from: string, to: string): number {
    const source = this.own.resolve(from, true);
    if (typeof source === 'number') return source;
    return this.#mount(source.node, to, () => this.mounts.copy(source));
  }

  mountTmpfs(path: string, common = false): number {
    const tmpfs = this.#node(this.#fileSystem(), 'directory');
    return this.#mount(tmpfs, path, (root) => this.mounts.make(root, common));
  }

  /** open_tree(2) with OPEN_TREE_CLONE: a mount of a new namespace, that nobody sees yet. */
  makeMount(): void {
    this.#made.push(this.mounts.make(this.makeNamespace(CLONE_NEWNET), false));
  }

  /** move_mount(2): the oldest of those that were made is mounted on a path. */
  attachMade(path: string): number {
    const mount = this.#made[0];
    if (mount === undefined) return -errno.EBADF;
    const result = this.#mount(mount.root, path, () => mount);
    if (result === 0) this.#made.shift();
    return result;
  }

  /** mount(2) with MS_MOVE: the topmost mount at `from`, with all below it. */
  moveMount(from: string, to: string): number {
    const source = this.own.resolve(from, true);
    if (typeof source === 'number') return source;
    const { mount } = source;
    if (source.node !== mount.root || mount.common) return -errno.EINVAL;
    const place = this.#mountPoint(mount.root, to);
    if (typeof place === 'number') return place;
    for (let above: Mount | undefined = place.mount; above !== undefined; above = above.at?.mount)
      if (above === mount) return -errno.ELOOP;
    this.mounts.move(mount, place);
    this.mounts.changes++;
    return 0;
  }

  /** umount2(2) with MNT_DETACH: the topmost mount at the path, with all below it. */
  *unmount(path: string): Steps {
    const place = this.own.resolve(path, true);
    if (typeof place === 'number') return place;
    const { mount } = place;
    if (place.node !== mount.root || mount.common) return -errno.EINVAL;
    const unused = this.mounts.detach(mount);
    this.mounts.changes++;
    yield;
    for (const root of unused) this.#letGo(root);
    return 0;
  }

  /** A process opens a directory, or makes it its working directory. */
  hold(path: string): number {
    const place = this.own.resolve(path, true);
    if (typeof place === 'number') return place;
    place.node.holders++;
    place.node.fs.holders++;
    this.#held.push(place);
    return 0;
  }

  /** Lets go of all that is held. */
  release(): number {
    for (const { node } of this.#held.splice(0)) {
      node.holders--;
      node.fs.holders--;
      this.#letGo(node);
    }
    return 0;
  }

  /** A process appears in a new network namespace: `/proc/PID/ns/net` leads there. */
  startProcess(pid: string): void {
    if (typeof this.own.resolve(`/proc/${pid}`, true) !== 'number') return;
    const directory = this.own.resolve('/proc', true) as Place;
    const [process, ns] = [
      this.#node(directory.node.fs, 'directory'),
      this.#node(directory.node.fs, 'directory'),
    ];
    this.#putIn({ ...directory, entry: pid }, process);
    this.#putIn({ ...directory, node: process, entry: 'ns' }, ns);
    const namespace = this.makeNamespace(CLONE_NEWNET);
    namespace.inhabited = true;
    namespace.transient = true;
    ns.entries.set('net', namespace);
  }

  endProcess(pid: string): void {
    const place = this.own.resolve(`/proc/${pid}/ns/net`, true);
    if (typeof place === 'number') return;
    place.node.inhabited = false;
    (this.own.resolve('/proc', true) as Place).node.entries.delete(pid);
  }

  /** Inode numbers are used again, but not at once, and never within the same tick. */
  makeNamespace(type: number): Node {
    const mtime = this.mtime();
    const free = [...this.#namespaces].filter(([, last]) => last.holders === 0 && !last.inhabited);
    const reusable = free.find(
      ([ino, { mtime: last }]) => last < mtime && this.#freeInos.every((each) => each.has(ino)),
    );
    this.#freeInos = [...this.#freeInos.slice(-2), new Set(free.map(([ino]) => ino))];
    const ino = reusable?.[0] ?? FIRST_INO + BigInt(this.#namespaces.size);
    const node = new Node(this.#nsfs, 'namespace', mtime, ino);
    node.namespace = { id: ++this.#lastNamespace, type } satisfies Namespace;
    this.#namespaces.set(ino, node);
    return node;
  }

  *#make(view: View, path: string, kind: Kind, fill: (node: Node) => void): Steps {
    const slot = view.slot(path);
    if (typeof slot === 'number') return slot;
    if (slot.node.entries.has(slot.entry)) return -errno.EEXIST;
    const node = this.#node(slot.node.fs, kind);
    fill(node);
    this.#putIn(slot, node);
    yield;
    this.#tell(slot.node, kind === 'directory' ? IN_CREATE | IN_ISDIR : IN_CREATE, 0, slot.entry);
    return 0;
  }

  #mount(root: Node, path: string, make: (root: Node) => Mount): number {
    const place = this.#mountPoint(root, path);
    if (typeof place === 'number') return place;
    this.mounts.attach(make(root), place);
    this.mounts.changes++;
    return 0;
  }

  /** Where a mount with this root would come. */
  #mountPoint(root: Node, path: string): Place | number {
    const place = this.own.resolve(path, true);
    if (typeof place === 'number') return place;
    if ((place.node.kind === 'directory') !== (root.kind === 'directory')) return -errno.ENOTDIR;
    if (root.dead || place.node.dead) return -errno.ENOENT;
    // What procfs leads to is in no mount of this mount namespace.
    return place.node.kind === 'namespace' && place.node !== place.mount.root ? -errno.EINVAL : place;
  }

  #detachAll(node: Node): Set<Node> {
    if (node.mounts.size > 0) this.mounts.changes++;
    const unused = new Set<Node>();
    for (const mount of node.mounts) for (const root of this.mounts.detach(mount)) unused.add(root);
    return unused;
  }

  /** A file system that nobody uses is taken down, and watches in it end. */
  #letGo(node: Node): void {
    if (node.dead) this.#dropUnlessHeld(node);
    const { fs } = node;
    if (fs.mounts > 0 || fs.holders > 0) return;
    for (const instance of this.instances) instance.unmount((node) => node.fs === fs);
  }

  #putIn(slot: Slot, node: Node): void {
    slot.node.entries.set(slot.entry, node);
    node.parent = slot.node;
    node.name = slot.entry;
    node.position = ++this.#lastPosition;
  }

  #takeOut(slot: Slot, node: Node): void {
    slot.node.entries.delete(slot.entry);
    node.dead = true;
  }

  #dropUnlessHeld(node: Node): void {
    if (node.holders > 0) return;
    for (const instance of this.instances) instance.drop(node);
  }

  #tell(node: Node, mask: number, cookie = 0, name = ''): void {
    for (const instance of this.instances) instance.tell(node, mask, cookie, name);
  }

  #fileSystem(): FileSystem {
    return { dev: ++this.#lastDevice, inodes: 0n, mounts: 0, holders: 0 };
  }

  #node(fs: FileSystem, kind: Kind): Node {
    return new Node(fs, kind, this.mtime());
  }

  /** The time of an inode that is made now. */
  mtime(): bigint {
    return BigInt(Math.floor(this.#clock.now() / TICK) * TICK) * 1_000_000n;
  }
}

/** In the view of the process that asks: only that refuses. */
const isMountPoint = (view: View, node: Node): boolean =>
  [...node.mounts].some((mount) => mount.common || !view.foreign);

function refuseRename(view: View, node: Node | undefined, old: Node | undefined, into: Node): number {
  if (node === undefined) return -errno.ENOENT;
  if (isWithin(into, node)) return -errno.EINVAL;
  if (old === undefined || old === node) return isMountPoint(view, node) ? -errno.EBUSY : 0;
  if (old.kind === 'directory' && node.kind !== 'directory') return -errno.EISDIR;
  if (old.kind !== 'directory' && node.kind === 'directory') return -errno.ENOTDIR;
  if (isMountPoint(view, node) || isMountPoint(view, old)) return -errno.EBUSY;
  return old.entries.size > 0 ? -errno.ENOTEMPTY : 0;
}
