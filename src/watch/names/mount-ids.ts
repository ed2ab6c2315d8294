/**
 * The ids of the mounts below one, as listmount(2) gives them: ascending. Thousands are compared at
 * each change of mounts, as 32-bit words and bytes, and not as numbers.
 */
import { mountIdAt } from '../../sys/mount-list.ts';
import type { System } from '../../sys/system.ts';

/** Ids in the first list; it grows. */
const ROOM = 256;
/** So many ids are compared before Buffer.compare() has begun, in a program that is mostly idle. */
const FEW = 256;

/** The ids of a list, as words and as the bytes that are compared. */
export class MountIds {
  words: Uint32Array<ArrayBuffer> = new Uint32Array(2 * ROOM);
  bytes: Buffer = Buffer.from(this.words.buffer);
  count = 0;

  /** Reads all ids below a mount. @returns their number, or `-errno`, and then it has none */
  read(system: System, mount: number): number {
    this.count = 0;
    let found = system.listMounts(mount, 0, this.words);
    while (found >= 0) {
      this.count += found;
      if (this.count < this.words.length / 2) return this.count;
      this.#grow();
      const last = mountIdAt(this.words, this.count - 1);
      found = system.listMounts(mount, last, this.words.subarray(2 * this.count));
    }
    this.count = 0;
    return found;
  }

  has(id: number): boolean {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (mountIdAt(this.words, middle) < id) low = middle + 1;
      else high = middle;
    }
    return low < this.count && mountIdAt(this.words, low) === id;
  }

  /** How many ids at the beginning are those of another list. */
  commonWith(other: MountIds): number {
    let [low, high] = [0, Math.min(this.count, other.count)];
    if (this.#equals(other, 0, high)) return high;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (this.#equals(other, low, middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  #equals({ words, bytes }: MountIds, from: number, to: number): boolean {
    if (to - from > FEW) return this.bytes.compare(bytes, 8 * from, 8 * to, 8 * from, 8 * to) === 0;
    const mine = this.words;
    for (let at = 2 * from; at < 2 * to; at++) if (mine[at] !== words[at]) return false;
    return true;
  }

  #grow(): void {
    const words = new Uint32Array(2 * this.words.length);
    words.set(this.words);
    this.words = words;
    this.bytes = Buffer.from(words.buffer);
  }
}
