/**
 * What is on a host by what one start of its agent tells: the last snapshot and the events after
 * it. Heads, deltas and snapshots come each in their order, and in none among each other.
 *
 * `seq` is the number of the last event that is in the picture, `said` the highest number that a
 * head or a snapshot told to be published.
 *
 * | phase   | means                                                     | what waits               |
 * | ------- | --------------------------------------------------------- | ------------------------ |
 * | empty   | no snapshot yet                                           | events, in `ahead`       |
 * | current | nothing is known to be missing                            |                          |
 * | behind  | `said` > `seq`: the events may be on the way              | a barrier, in their way  |
 * | gap     | events after `seq` are lost                               | later events, in `ahead` |
 *
 * | what comes                | empty            | current, behind                 | gap            |
 * | ------------------------- | ---------------- | ------------------------------- | -------------- |
 * | delta, all <= seq         | passed over      | passed over: told twice         | passed over    |
 * | delta, first <= seq + 1   | to ahead         | its new part is told            | to ahead       |
 * | delta, first > seq + 1    | to ahead         | to ahead -> gap                 | to ahead       |
 * | - ahead does not reach it | ahead anew       |                                 | ahead anew     |
 * | head, seq <= ours         |                  |                                 |                |
 * | head, seq > ours          | said             | said -> behind                  | said           |
 * | snapshot, seq < base      | passed over      | passed over                     | passed over    |
 * | snapshot, seq <= ours     | -                | is the base, nothing is told    | the same       |
 * | snapshot, seq > ours      | is the base [1]  | held, said -> behind            | the base [1]   |
 * | barrier, ours < target    |                  | -> gap                          |                |
 * | barrier, else             |                  | -> current, or behind once more |                |
 * | connection lost           |                  | no barrier is waited for        |                |
 * | connection live           | asks             | behind: another barrier         | asks           |
 *
 * [1] What differs is told, then `resynced`, then those of `ahead` that are newer. Then it is
 * current if `ahead` follows the snapshot, else gap, with all that was said before in the one place
 * that looks at it: {@link Instance.look}. A snapshot that no agent makes is passed over, counted.
 * Whose snapshots cost much is not looked at again at once: a twentieth of the time is for it.
 */
import type { WireEvent } from '../core.ts';
import type { Delta } from '../wire/delta.ts';
import type { Snapshot } from '../wire/snapshot.ts';
import { Base } from './base.ts';
import { differences } from './differences.ts';
import type { ResyncedReason } from './fleet-types.ts';
import { checkEvents } from './message-checks.ts';
import { Picture } from './picture.ts';
import type { PictureCache } from './picture-cache.ts';
import { Tail } from './tail.ts';

/** Characters of events that wait for a snapshot. */
const MOST_AHEAD = 4 * 1024 * 1024;
/** Characters of events after a snapshot, before they are made part of one. */
const FOLD = 256 * 1024;
/** How many times as long as it took to read a snapshot of it the next one waits, at least. */
const REST = 20;

export interface InstanceOwner {
  readonly pictures: PictureCache;
  /** Whether something can be asked for. */
  readonly isLive: boolean;
  now(): number;
  /** ISO 8601. */
  time(): string;
  tell(seq: number | null, event: WireEvent): void;
  resynced(reason: ResyncedReason, complete: boolean): void;
  barrier(done: () => void): void;
  /** Whether a snapshot is wanted, from now on. */
  wants(isWanted: boolean): void;
  malformed(error: unknown): void;
}

export type Phase = 'empty' | 'current' | 'behind' | 'gap';

export class Instance {
  readonly epoch: string;
  /** Null: nobody is told yet. */
  owner: InstanceOwner | null = null;
  #phase: Phase = 'empty';
  #base: Base | null = null;
  #tail = new Tail(1);
  #ahead: Tail | null = null;
  #held: Snapshot | null = null;
  #said = 0;
  /** What was there before its agent started anew. */
  #before: Instance | null = null;
  #waiting: object | null = null;
  #notBefore = 0;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get seq(): number {
    return this.#base === null ? 0 : this.#tail.last;
  }

  /** Whether there is anything to look at, if only of before. */
  get hasPicture(): boolean {
    return this.#base !== null || this.#before?.hasPicture === true;
  }

  /** The agent started anew: what it had is shown until there is a snapshot. */
  follow(before: Instance): void {
    if (this.#base !== null) return this.#replace(before);
    this.#before = before.#base === null ? before.#before : before;
  }

  head(seq: number): void {
    this.#said = Math.max(this.#said, seq);
    this.look();
  }

  delta({ first, events }: Delta): void {
    const last = first + events.length - 1;
    if (last <= Math.max(this.seq, this.#ahead?.last ?? 0)) return;
    try {
      checkEvents(events);
    } catch (error) {
      // Its numbers are missing then, as if it had been lost.
      this.owner?.malformed(error);
      return;
    }
    const isWhole = this.#base !== null && this.#ahead === null;
    if (isWhole && first <= this.seq + 1) this.#append(events.slice(this.seq + 1 - first));
    else this.#keep(first, events);
    this.look();
  }

  snapshot(snapshot: Snapshot): void {
    if (snapshot.seq < Math.max(this.#base?.seq ?? 0, this.#held?.seq ?? 0)) return;
    this.#held = snapshot;
    this.look();
  }

  /** Nothing that was waited for will come. */
  lost(): void {
    this.#waiting = null;
  }

  /** Does what is to be done by what is known. */
  look(): void {
    const { owner } = this;
    if (owner === null) return;
    this.#useHeld(owner);
    if (this.#base === null) {
      owner.wants(true);
      return;
    }
    if (this.#ahead !== null || this.#phase === 'gap') {
      this.#phase = this.seq < this.#target() || this.#ahead !== null ? 'gap' : 'current';
    }
    if (this.#phase !== 'gap') this.#phase = this.seq < this.#target() ? 'behind' : 'current';
    if (this.#phase === 'behind') this.#wait(owner);
    else this.#waiting = null;
    owner.wants(this.#phase === 'gap');
  }

  /** @returns null: nothing is known yet, or what was told makes no sense */
  picture(owner: InstanceOwner): Picture | null {
    if (this.#base === null) return this.#before?.picture(owner) ?? null;
    try {
      const picture = owner.pictures.get(this) ?? new Picture(this.#base.snapshot());
      const { seq } = this;
      if (picture.seq < seq) picture.add(this.#tail.after(picture.seq), seq);
      owner.pictures.set(this, picture);
      return picture;
    } catch (error) {
      this.#discard(owner, error);
      return null;
    }
  }

  /** As JSON of a `WireSnapshot`; null: as {@link picture}. */
  json(owner: InstanceOwner): { seq: number; json: string } | null {
    if (this.#base !== null && this.#tail.isEmpty) return { seq: this.#base.seq, json: this.#base.json() };
    const picture = this.picture(owner);
    return picture === null ? null : { seq: picture.seq, json: picture.json() };
  }

  #target(): number {
    return Math.max(this.#said, this.#held?.seq ?? 0);
  }

  #append(events: readonly WireEvent[]): void {
    const { owner } = this;
    let seq = this.seq;
    this.#tail.push(events);
    for (const event of events) owner?.tell(++seq, event);
    if (owner !== null && this.#tail.size > Math.max(FOLD, 2 * (this.#base?.size ?? 0))) this.#fold(owner);
  }

  #keep(first: number, events: readonly WireEvent[]): void {
    const ahead = this.#ahead;
    if (ahead === null || first > ahead.last + 1 || ahead.size > MOST_AHEAD) {
      this.#ahead = new Tail(first);
      this.#ahead.push(events);
    } else ahead.push(events.slice(ahead.last + 1 - first));
  }

  #useHeld(owner: InstanceOwner): void {
    const held = this.#held;
    if (held === null) return;
    const isWhole = this.#base !== null && this.#phase !== 'gap' && this.#ahead === null;
    // What is between may be on the way.
    if (isWhole && held.seq > this.seq) return;
    const start = owner.now();
    if (start < this.#notBefore) return;
    this.#held = null;
    try {
      const base = Base.of(held);
      if (this.#base !== null && base.seq <= this.seq) this.#rebase(owner, base);
      else this.#take(owner, base, this.#base === null ? null : (held.resync ?? 'lost'));
    } catch (error) {
      owner.malformed(error);
    }
    const end = owner.now();
    this.#notBefore = end + REST * (end - start);
  }

  #rebase(owner: InstanceOwner, base: Base): void {
    this.#base = base;
    this.#tail.dropTo(base.seq);
    owner.pictures.drop(this);
  }

  /** @param reason null: it is the first one */
  #take(owner: InstanceOwner, base: Base, reason: ResyncedReason | null): void {
    const old = this.hasPicture ? this.picture(owner) : null;
    owner.pictures.drop(this);
    this.#before = null;
    this.#base = base;
    this.#tail = new Tail(base.seq + 1);
    const ahead = this.#ahead;
    const isReached = ahead !== null && ahead.first <= base.seq + 1;
    if (isReached || (ahead !== null && ahead.last <= base.seq)) this.#ahead = null;
    this.#phase = 'current';
    this.#tellDifferences(owner, old, reason);
    if (isReached) this.#append(ahead.after(base.seq));
  }

  #tellDifferences(owner: InstanceOwner, old: Picture | null, reason: ResyncedReason | null): void {
    if (old === null) return owner.resynced(reason ?? 'first', false);
    const picture = this.picture(owner);
    if (picture === null) return owner.resynced(reason ?? 'first', false);
    const { events, isComplete } = differences(old, picture, owner.time());
    for (const event of events) owner.tell(null, event);
    owner.resynced(reason ?? 'restart', isComplete);
  }

  /** Another agent under the key is the one that counts now. */
  #replace(before: Instance): void {
    const { owner } = this;
    if (owner === null) return;
    const old = before.picture(owner);
    this.#tellDifferences(owner, old, 'restart');
  }

  /** Events after a snapshot become part of it. */
  #fold(owner: InstanceOwner): void {
    const picture = this.picture(owner);
    if (picture === null) return;
    this.#base = Base.made(picture.seq, picture.json());
    this.#tail = new Tail(picture.seq + 1);
  }

  #discard(owner: InstanceOwner, error: unknown): void {
    owner.pictures.drop(this);
    owner.malformed(error);
    this.#base = null;
    this.#ahead = null;
    this.#phase = 'empty';
    owner.wants(true);
  }

  #wait(owner: InstanceOwner): void {
    if (this.#waiting !== null || !owner.isLive) return;
    const target = this.#target();
    const waiting = {};
    this.#waiting = waiting;
    owner.barrier(() => {
      if (this.#waiting !== waiting) return;
      this.#waiting = null;
      if (this.seq < target) this.#phase = 'gap';
      this.look();
    });
  }
}
