/**
 * The newest snapshot that came and is not used yet. A host whose snapshots cost much to read is
 * read less often, so that it holds up no other: a twentieth of the time is for it, at most.
 */
import type { Snapshot } from '../wire/snapshot.ts';

/** How many times as long as the use of one took the next one waits, at least. */
const REST = 20;

export class HeldSnapshot {
  #snapshot: Snapshot | null = null;
  #notBefore = 0;

  /** 0: there is none. */
  get seq(): number {
    return this.#snapshot?.seq ?? 0;
  }

  get isThere(): boolean {
    return this.#snapshot !== null;
  }

  put(snapshot: Snapshot): void {
    if (snapshot.seq >= this.seq) this.#snapshot = snapshot;
  }

  /** @returns null: there is none, or it is not time for it */
  take(now: number): Snapshot | null {
    if (now < this.#notBefore) return null;
    const snapshot = this.#snapshot;
    this.#snapshot = null;
    return snapshot;
  }

  /** @param spent milliseconds */
  used(now: number, spent: number): void {
    this.#notBefore = now + REST * spent;
  }
}
