/**
 * What is on a host, small: a snapshot as it came, and the events after it. Objects of it are made
 * when somebody looks. When the events have become many they are made part of a snapshot.
 */
import type { WireEvent } from '../core.ts';
import { Base } from './base.ts';
import type { PictureCache } from './picture-cache.ts';
import { Picture } from './picture.ts';
import { Tail } from './tail.ts';

/** Characters of events, or twice those of the snapshot where that is more. */
const FOLD = 256 * 1024;

/** What was told of a host, as JSON. */
export interface Told {
  /** Another one where {@link base} is. */
  of: object;
  /** Of a `WireSnapshot`. */
  base(): string;
  /** The events after it, with commas between; some may be in it. */
  after(): string;
}

export class Content {
  #base: Base;
  #tail: Tail;

  constructor(base: Base) {
    this.#base = base;
    this.#tail = new Tail(base.seq + 1);
  }

  /** The number of the last event that is in it. */
  get seq(): number {
    return this.#tail.last;
  }

  /** Of its snapshot. */
  get baseSeq(): number {
    return this.#base.seq;
  }

  /** Those that follow. */
  append(events: readonly WireEvent[]): void {
    this.#tail.push(events);
  }

  /** A newer snapshot, that is not ahead of the events: it has what no event tells. */
  rebase(base: Base, cache: PictureCache): void {
    this.#base = base;
    this.#tail.dropTo(base.seq);
    cache.drop(this);
  }

  /** @throws what it says makes no sense, though each field is right */
  picture(cache: PictureCache): Picture {
    const picture = cache.get(this) ?? new Picture(this.#base.snapshot());
    if (picture.seq < this.seq) picture.add(this.#tail.after(picture.seq), this.seq);
    cache.set(this, picture);
    return picture;
  }

  /** As JSON of a `WireSnapshot`. @throws as {@link picture} */
  json(cache: PictureCache): { seq: number; json: string } {
    if (this.#tail.isEmpty) return { seq: this.#base.seq, json: this.#base.json() };
    const picture = this.picture(cache);
    return { seq: picture.seq, json: picture.json() };
  }

  /** As it came: nothing is made of it. */
  get told(): Told {
    const base = this.#base;
    return { of: base, base: () => base.json(), after: () => this.#tail.text };
  }

  /** @throws as {@link picture} */
  foldIfLong(cache: PictureCache): void {
    if (this.#tail.size <= Math.max(FOLD, 2 * this.#base.size)) return;
    const picture = this.picture(cache);
    this.#base = Base.made(picture.seq, picture.json());
    this.#tail = new Tail(picture.seq + 1);
  }
}
