/**
 * Directories, files, links, namespaces and mounts of the simulated kernel, in one mount namespace,
 * and the resolution of paths through them (path_resolution(7)). Inode and dentry are one, since
 * there are no hard links. State only: whom a change is told is kernel.ts's business.
 */
import { errno } from '../../../../src/sys/errno.ts';

export type Kind = 'directory' | 'file' | 'link' | 'namespace';

/** A superblock: lives as long as it is mounted or held open. */
export interface FileSystem {
  readonly dev: bigint;
  inodes: bigint;
  mounts: number;
  holders: number;
}

export interface Namespace {
  readonly id: bigint;
  /** The CLONE_NEW* flag of its kind. */
  readonly type: number;
}

export class Node {
  readonly fs: FileSystem;
  readonly ino: bigint;
  readonly kind: Kind;
  readonly mtime: bigint;
  /** Of a directory, oldest first. */
  readonly entries: Map<string, Node> = new Map();
  parent: Node | null = null;
  name = '';
  /** Of a link. */
  target = '';
  size = 0n;
  namespace: Namespace | null = null;
  /** When it was put into its directory: the order in which a directory is read. */
  position = 0;
  /** Removed; perhaps held open still. */
  dead = false;
  /** Descriptors, working directories, mounts with this root. */
  holders = 0;
  /** Whether a process is in this namespace. */
  inhabited = false;
  /** Whether one ever was: its inode may have been made anew then. */
  transient = false;
  /** The mounts that stand on it. */
  readonly mounts: Set<Mount> = new Set();

  constructor(fs: FileSystem, kind: Kind, mtime: bigint, ino: bigint = ++fs.inodes) {
    this.fs = fs;
    this.kind = kind;
    this.mtime = mtime;
    this.ino = ino;
  }
}

export interface Mount {
  readonly id: number;
  readonly root: Node;
  /** Where it stands; null for the root of everything, and before it stands anywhere. */
  at: Place | null;
  /** The mounts on it, as they came. */
  readonly children: Set<Mount>;
  /** There for everybody, in whatever mount namespace. */
  readonly common: boolean;
}

/** What a path leads to. */
export interface Place {
  readonly mount: Mount;
  readonly node: Node;
}

/** The directory in which a path's last entry is, or would be. */
export interface Slot extends Place {
  readonly entry: string;
}

const MAX_LINKS = 40;

/** What a walk counts. */
interface Count {
  links: number;
  through?: Set<Node>;
}

/**
 * The tree as a process sees it; `foreign`: one in another mount namespace, which has the common
 * mounts alone.
 */
export class View {
  readonly #root: Mount;
  readonly foreign: boolean;

  constructor(root: Mount, foreign: boolean) {
    this.#root = root;
    this.foreign = foreign;
  }

  /** What a path leads to, or `-errno`. */
  resolve(path: string, follow: boolean): Place | number {
    return this.#walk(path, follow, { links: 0 });
  }

  /** The directories that a path leads through, as far as it exists. */
  visited(path: string): Set<Node> {
    const through = new Set<Node>();
    this.#walk(path, true, { links: 0, through });
    return through;
  }

  /** The directory of a path's last entry, which need not exist; or `-errno`. */
  slot(path: string): Slot | number {
    const slash = path.lastIndexOf('/');
    const parent = this.resolve(path.slice(0, slash), true);
    if (typeof parent === 'number') return parent;
    if (parent.node.kind !== 'directory') return -errno.ENOTDIR;
    // A mount may show a directory that was removed where it was: nothing comes into it.
    if (parent.node.dead) return -errno.ENOENT;
    return { ...parent, entry: path.slice(slash + 1) };
  }

  /** The topmost of the mounts on a place. */
  top(place: Place): Place {
    for (const mount of place.node.mounts) {
      if (mount.at?.mount === place.mount && (mount.common || !this.foreign))
        return this.top({ mount, node: mount.root });
    }
    return place;
  }

  #walk(path: string, follow: boolean, count: Count, from?: Place): Place | number {
    const start = { mount: this.#root, node: this.#root.root };
    let place = this.top(path.startsWith('/') || from === undefined ? start : from);
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    for (const [index, part] of parts.entries()) {
      if (place.node.kind !== 'directory') return -errno.ENOTDIR;
      count.through?.add(place.node);
      if (part === '..') {
        place = this.#parent(place);
        continue;
      }
      const node = place.node.entries.get(part);
      if (node === undefined) return -errno.ENOENT;
      const next = this.top({ mount: place.mount, node });
      if (next.node.kind !== 'link' || (index === parts.length - 1 && !follow)) {
        place = next;
        continue;
      }
      if (++count.links > MAX_LINKS) return -errno.ELOOP;
      const led = this.#walk(next.node.target, true, count, place);
      if (typeof led === 'number') return led;
      place = led;
    }
    if (place.node.kind === 'directory') count.through?.add(place.node);
    return place;
  }

  #parent(place: Place): Place {
    let { mount, node } = place;
    while (node === mount.root && mount.at !== null) ({ mount, node } = mount.at);
    return this.top({ mount, node: node.parent ?? node });
  }
}
