/**
 * The network namespaces of the machine by their kernel ids, list after list: what has come since
 * the last one, and what has gone (listns(2), Linux 6.19). That needs no look at processes, and
 * takes some microseconds. What nothing but sockets holds is not listed: what has gone may live on,
 * and may come again.
 *
 * Each list is one call, with room for all: a list in pages may end early (sys/namespace-list.ts),
 * and what is made meanwhile may have a lower id than what is listed already.
 */
import { seesAllNamespaces } from '../../reference/initial-rights.ts';
import { littleEndian } from '../../sys/endian.ts';
import { check } from '../../sys/errno.ts';
import { CLONE_NEWNET } from '../../sys/flags.ts';
import { MOST_LISTED, namespaceListSystem } from '../../sys/namespace-list.ts';
import type { NamespaceListSystem } from '../../sys/namespace-list.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';

/** How a list differs from the one before, ids ascending. */
export interface ListedChanges {
  readonly found: readonly bigint[];
  readonly gone: readonly bigint[];
}

/** For some hundred namespaces. */
const ROOM = 512;
/** Positions of the low and the high word of an id. */
const LOW = littleEndian ? 0 : 1;
const HIGH = 1 - LOW;

/** One list: room, and how much of it is filled. */
class List {
  /** In the order of the kernel. */
  ids: BigUint64Array;
  count = 0;
  #words: Uint32Array;

  constructor(room: number) {
    this.ids = new BigUint64Array(room);
    this.#words = new Uint32Array(this.ids.buffer);
  }

  get isFull(): boolean {
    return this.count === this.ids.length;
  }

  get bytes(): Buffer {
    return Buffer.from(this.ids.buffer, 0, this.count * this.ids.BYTES_PER_ELEMENT);
  }

  /** Negative: the id at `at` is less than that of another list at `there`. Makes no bigint. */
  compare(at: number, other: List, there: number): number {
    const high = (this.#words[2 * at + HIGH] as number) - (other.#words[2 * there + HIGH] as number);
    if (high !== 0) return high;
    return (this.#words[2 * at + LOW] as number) - (other.#words[2 * there + LOW] as number);
  }
}

export class NamespaceLister {
  readonly #system: NamespaceListSystem;
  #last = new List(0);
  #spare = new List(ROOM);

  private constructor(system: NamespaceListSystem) {
    this.#system = system;
  }

  /**
   * Null: there is no such list, or it may not be asked for, or it would not be of all namespaces.
   */
  static open(
    list: NamespaceListSystem = namespaceListSystem(),
    system: System = linux(),
  ): NamespaceLister | null {
    if (!seesAllNamespaces(system)) return null;
    return list.listNamespaces(CLONE_NEWNET, 0n, new BigUint64Array(1)) < 0
      ? null
      : new NamespaceLister(list);
  }

  /**
   * Lists anew. The first time all are found.
   * @throws SystemError
   */
  update(): ListedChanges {
    const [last, list] = [this.#last, this.#read()];
    this.#last = list;
    this.#spare = last.ids.length === 0 ? new List(ROOM) : last;
    return last.bytes.equals(list.bytes) ? NONE : changesOf(last, list);
  }

  #read(): List {
    let list = this.#spare;
    for (;;) {
      list.count = check(this.#system.listNamespaces(CLONE_NEWNET, 0n, list.ids), 'listns');
      // No machine has memory for as many as one call can list.
      if (!list.isFull || list.count === MOST_LISTED) return list;
      list = new List(Math.min(2 * list.count, MOST_LISTED));
    }
  }
}

const NONE: ListedChanges = { found: [], gone: [] };

function changesOf(last: List, list: List): ListedChanges {
  const found: bigint[] = [];
  const gone: bigint[] = [];
  let at = 0;
  let there = 0;
  while (at < list.count || there < last.count) {
    const order = at === list.count ? 1 : there === last.count ? -1 : list.compare(at, last, there);
    if (order < 0) found.push(list.ids[at] as bigint);
    else if (order > 0) gone.push(last.ids[there] as bigint);
    if (order <= 0) at++;
    if (order >= 0) there++;
  }
  return { found, gone };
}
