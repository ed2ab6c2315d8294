/**
 * inotify instances of the simulated kernel, as inotify(7) and `fs/notify/` have them: numbers that
 * only grow, a queue that leaves out a record equal to the last one, and a full queue that takes
 * one overflow record and then nothing.
 */
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MASK_ADD,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_MOVE_SELF,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
} from '../../../../src/inotify/constants.ts';
import { HEADER_SIZE } from '../../../../src/inotify/records.ts';
import { encodeName } from '../../../../src/reference/names.ts';
import { littleEndian } from '../../../../src/sys/endian.ts';
import { errno } from '../../../../src/sys/errno.ts';
import type { Node } from './tree.ts';

/** What a watch may ask for here; the rest of the mask says how to watch. */
const EVENTS = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

interface Watch {
  readonly wd: number;
  readonly node: Node;
  mask: number;
}

export interface QueuedRecord {
  wd: number;
  mask: number;
  cookie: number;
  name: string;
}

export class SimulatedInotify {
  readonly queue: QueuedRecord[] = [];
  readonly #limit: number;
  readonly #byNode = new Map<Node, Watch>();
  #lastWd = 0;

  /** @param limit records that the queue holds (`fs.inotify.max_queued_events`) */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get watched(): Node[] {
    return [...this.#byNode.keys()];
  }

  /** Whether the sign of an overflow is queued: there is one at most. */
  get overflowed(): boolean {
    return this.queue.some(({ mask }) => mask === IN_Q_OVERFLOW);
  }

  /** @param between what happens while a mask is replaced: it is empty for an instant */
  add(node: Node, mask: number, between: () => void): number {
    const known = this.#byNode.get(node);
    if (known === undefined) {
      this.#byNode.set(node, { wd: ++this.#lastWd, node, mask: mask & EVENTS });
      return this.#lastWd;
    }
    if ((mask & IN_MASK_ADD) === 0) {
      known.mask = 0;
      between();
    }
    known.mask |= mask & EVENTS;
    return known.wd;
  }

  remove(wd: number): number {
    const watch = [...this.#byNode.values()].find((each) => each.wd === wd);
    if (watch === undefined) return -errno.EINVAL;
    this.#ignore(watch);
    return 0;
  }

  /** Something happened to an inode, or to an entry of it. */
  tell(node: Node, mask: number, cookie = 0, name = ''): void {
    const watch = this.#byNode.get(node);
    if (watch === undefined || (mask & watch.mask) === 0) return;
    // The kernel does not say of these whether they are of a directory.
    const shown = (mask & (IN_DELETE_SELF | IN_MOVE_SELF)) === 0 ? mask : mask & ~IN_ISDIR;
    this.#push({ wd: watch.wd, mask: shown, cookie, name });
  }

  /** The inode is no more. */
  drop(node: Node): void {
    const watch = this.#byNode.get(node);
    if (watch === undefined) return;
    this.tell(node, IN_DELETE_SELF);
    this.#ignore(watch);
  }

  /** The file system is no more. */
  unmount(of: (node: Node) => boolean): void {
    for (const watch of this.#byNode.values()) {
      if (!of(watch.node)) continue;
      this.#push({ wd: watch.wd, mask: IN_UNMOUNT | IN_ISDIR, cookie: 0, name: '' });
      this.#ignore(watch);
    }
  }

  get bytes(): number {
    return this.queue.reduce((sum, { name }) => sum + HEADER_SIZE + paddedLength(name), 0);
  }

  /** Takes as many records as there is room for. Bytes, or `-errno`. */
  read(buffer: Uint8Array): number {
    if (this.queue.length === 0) return -errno.EAGAIN;
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    let at = 0;
    for (let record = this.queue[0]; record !== undefined; record = this.queue[0]) {
      const length = paddedLength(record.name);
      if (at + HEADER_SIZE + length > buffer.byteLength) break;
      view.setInt32(at, record.wd, littleEndian);
      view.setUint32(at + 4, record.mask, littleEndian);
      view.setUint32(at + 8, record.cookie, littleEndian);
      view.setUint32(at + 12, length, littleEndian);
      buffer.fill(0, at + HEADER_SIZE, at + HEADER_SIZE + length);
      buffer.set(encodeName(record.name), at + HEADER_SIZE);
      at += HEADER_SIZE + length;
      this.queue.shift();
    }
    return at === 0 ? -errno.EINVAL : at;
  }

  #ignore(watch: Watch): void {
    this.#byNode.delete(watch.node);
    this.#push({ wd: watch.wd, mask: IN_IGNORED, cookie: 0, name: '' });
  }

  #push(record: QueuedRecord): void {
    if (this.queue.length >= this.#limit) {
      if (this.overflowed) return;
      this.queue.push({ wd: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: '' });
      return;
    }
    const last = this.queue.at(-1);
    const equal =
      last !== undefined && last.wd === record.wd && last.mask === record.mask && last.name === record.name;
    if (!equal || (record.mask & IN_IGNORED) !== 0) this.queue.push(record);
  }
}

function paddedLength(name: string): number {
  return name === '' ? 0 : Math.ceil((encodeName(name).length + 1) / 16) * 16;
}
