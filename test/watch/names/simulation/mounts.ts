/**
 * The mounts of the simulated mount namespace, as a tree and by their ids (`fs/namespace.c`): how
 * they come, move and go, and how listmount(2) and statmount(2) tell of them. An id is given when a
 * mount is made, which may be long before it is attached: a greater one can be there before it.
 */
import { errno } from '../../../../src/sys/errno.ts';
import type { Mount, Node, Place } from './tree.ts';

/** No id is as small: those of `/proc/self/mountinfo` are (MNT_UNIQUE_ID_OFFSET). */
const OFFSET = 2 ** 31;
/** Soon past 32 bits. */
const FIRST_ID = 2 ** 32 - 10;

export class Mounts {
  /** Where all paths begin. */
  readonly root: Mount;
  /** How often mounts changed. */
  changes = 0;
  readonly #attached = new Map<number, Mount>();
  #lastId = FIRST_ID - 1;

  constructor(root: Node) {
    this.root = this.make(root, true);
    this.#attached.set(this.root.id, this.root);
  }

  /** A mount that is in no tree yet, as open_tree(2) gives one. */
  make(root: Node, common: boolean): Mount {
    root.fs.mounts++;
    root.holders++;
    return { id: ++this.#lastId, root, at: null, children: new Set(), common };
  }

  attach(mount: Mount, at: Place): void {
    mount.at = at;
    at.node.mounts.add(mount);
    at.mount.children.add(mount);
    this.#attached.set(mount.id, mount);
  }

  /** A copy of a mount from this directory or file on, with the mounts below, in no tree yet. */
  copy({ mount, node }: Place): Mount {
    const copy = this.make(node, false);
    for (const child of mount.children) {
      const at = child.at?.node;
      if (at !== undefined && isWithin(at, node))
        this.attach(this.copy({ mount: child, node: child.root }), { mount: copy, node: at });
    }
    return copy;
  }

  /** With its id, and all that is mounted below. */
  move(mount: Mount, to: Place): void {
    this.#takeOff(mount);
    this.attach(mount, to);
  }

  /** With all that is mounted below. The roots that may be unused now. */
  detach(mount: Mount): Set<Node> {
    if (!this.#takeOff(mount)) return new Set();
    mount.root.fs.mounts--;
    mount.root.holders--;
    const unused = new Set([mount.root]);
    for (const child of mount.children) for (const root of this.detach(child)) unused.add(root);
    return unused;
  }

  /** The ids of all mounts below one, ascending, those after `after`; or `-errno`. */
  below(id: number, after: number): number[] | number {
    if (after !== 0 && after <= OFFSET) return -errno.EINVAL;
    const above = this.#find(id);
    if (typeof above === 'number') return above;
    return [...descendants(above)].filter((each) => each > after).sort((a, b) => a - b);
  }

  /** The path that a mount stands on, whatever covers it; or `-errno`. */
  point(id: number): string | number {
    const found = this.#find(id);
    return typeof found === 'number' ? found : pathOf(found.at);
  }

  #find(id: number): Mount | number {
    if (id <= OFFSET) return -errno.EINVAL;
    return this.#attached.get(id) ?? -errno.ENOENT;
  }

  #takeOff(mount: Mount): boolean {
    if (mount.at?.node.mounts.delete(mount) !== true) return false;
    mount.at.mount.children.delete(mount);
    this.#attached.delete(mount.id);
    return true;
  }
}

/** Whether a directory's entry at whatever depth, or the directory itself. */
export function isWithin(node: Node, directory: Node): boolean {
  for (let above: Node | null = node; above !== null; above = above.parent)
    if (above === directory) return true;
  return false;
}

function* descendants({ children }: Mount): Generator<number> {
  for (const child of children) {
    yield child.id;
    yield* descendants(child);
  }
}

export function pathOf(to: Place | null): string {
  const names: string[] = [];
  for (let place = to; place !== null; place = place.mount.at) {
    for (let { node } = place; node !== place.mount.root && node.parent !== null; node = node.parent)
      names.unshift(node.name);
  }
  return `/${names.join('/')}`;
}
