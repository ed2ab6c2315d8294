/**
 * What is swept when mounts changed (sweep-queue.ts): the names, each of which is looked at; or,
 * where the kernel lists mounts, their mount points, which takes a tenth of that.
 */
import type { MountTable } from './mount-table.ts';
import type { NameStates, WatchedName } from './name-states.ts';
import type { Sweep } from './sweep-queue.ts';

/** Looked at in one go: some milliseconds of looks, one of mount points. */
const PIECE = 200;

export class NameSweep implements Sweep {
  readonly #table: NameStates;
  #left: Iterator<WatchedName> = [].values();

  constructor(table: NameStates) {
    this.#table = table;
  }

  begin(): void {
    this.#left = this.#table.records.values();
  }

  piece(look: (record: WatchedName) => void): boolean {
    for (let taken = 0; taken < PIECE; taken++) {
      const { done, value } = this.#left.next();
      if (done === true) return false;
      look(value);
    }
    return true;
  }
}

export class MountSweep implements Sweep {
  readonly #mounts: Pick<MountTable, 'size' | 'verify'>;
  #next = 0;

  constructor(mounts: Pick<MountTable, 'size' | 'verify'>) {
    this.#mounts = mounts;
  }

  begin(): void {
    this.#next = 0;
  }

  piece(): boolean {
    this.#next += this.#mounts.verify(this.#next, PIECE);
    return this.#next < this.#mounts.size;
  }
}
