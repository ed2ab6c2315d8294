/**
 * What is on a host by what one start of its agent tells: the last snapshot and the events after
 * it. Heads, deltas and snapshots come each in their order, and in none among each other.
 *
 * `seq` is the number of the last event that is known, `said` the highest number that a head or a
 * snapshot told to be published, `ahead` later events that wait for a snapshot.
 *
 * | phase   | means                                        | what waits               |
 * | ------- | -------------------------------------------- | ------------------------ |
 * | empty   | no snapshot yet                              | events, in `ahead`       |
 * | current | nothing is known to be missing               |                          |
 * | behind  | `said` > `seq`: the events may be on the way | a barrier, in their way  |
 * | gap     | events after `seq` are lost                  | later events, in `ahead` |
 *
 * | what comes                | empty            | current, behind           | gap              |
 * | ------------------------- | ---------------- | ------------------------- | ---------------- |
 * | delta, all <= seq         | -                | passed over: told twice   | passed over      |
 * | delta, first <= seq + 1   | -                | its new part is told      | the same [1]     |
 * | delta, first > seq + 1    | to ahead         | to ahead -> gap           | to ahead         |
 * | - ahead does not reach it | ahead anew       |                           | ahead anew       |
 * | head, seq <= ours         |                  |                           |                  |
 * | head, seq > ours          | said             | said -> behind            | said             |
 * | snapshot, seq < its own   | -                | passed over               | passed over      |
 * | snapshot, seq <= ours     | -                | in its place, untold      | the same         |
 * | snapshot, seq > ours      | in its place [2] | held, said -> behind      | in its place [2] |
 * | barrier, ours < target    |                  | -> gap                    |                  |
 * | barrier, else             |                  | -> current, or behind     |                  |
 * | connection lost           |                  | no barrier is waited for  |                  |
 * | connection live           | asks             | behind: a barrier again   | asks             |
 * | `…Unavailable` told       |                  | asks: a snapshot has more | asks             |
 *
 * [1] To `ahead` where there is one. [2] What differs is told, then `resynced`, then those of
 * `ahead` that are newer; it is current if `ahead` follows the snapshot, else still a gap. A
 * snapshot that no agent makes is passed over and counted; so is a delta, whose numbers are missing
 * then. Where the whole of it makes no sense to the replay, it is empty once more.
 */
import type { WireEvent } from '../core.ts';
import type { Delta } from '../wire/delta.ts';
import type { Snapshot } from '../wire/snapshot.ts';
import { Base } from './base.ts';
import { Content } from './content.ts';
import type { Told } from './content.ts';
import { differences } from './differences.ts';
import type { ResyncedReason } from './fleet-types.ts';
import { HeldSnapshot } from './held-snapshot.ts';
import { checkEvents } from './message-checks.ts';
import type { Picture } from './picture.ts';
import type { PictureCache } from './picture-cache.ts';
import { Tail } from './tail.ts';

/** Characters of events that wait for a snapshot. */
const MOST_AHEAD = 4 * 1024 * 1024;

/** Who it is told to, and what it asks. */
export interface InstanceOwner {
  readonly pictures: PictureCache;
  /** Whether something can be asked for. */
  readonly isLive: boolean;
  /** Milliseconds that only grow. */
  now(): number;
  /** ISO 8601. */
  time(): string;
  tell(seq: number | null, event: WireEvent): void;
  resynced(reason: ResyncedReason, complete: boolean): void;
  barrier(done: () => void): void;
  /** Whether a snapshot is wanted, from now on. */
  wants(isWanted: boolean): void;
  malformed(): void;
}

export type Phase = 'empty' | 'current' | 'behind' | 'gap';

export class Instance {
  /** Null: nobody is told, and nothing is asked; what comes is kept. */
  owner: InstanceOwner | null = null;
  #phase: Phase = 'empty';
  #content: Content | null = null;
  #ahead: Tail | null = null;
  readonly #held = new HeldSnapshot();
  #said = 0;
  /** What was there before its agent started anew. */
  #before: Content | null = null;
  /** The barrier that counts. */
  #waiting: object | null = null;
  /** The number of an event that says that only a snapshot can tell all. */
  #unavailable = 0;

  get phase(): Phase {
    return this.#phase;
  }

  get seq(): number {
    return this.#content?.seq ?? 0;
  }

  /** Whether there is anything to look at, if only of before. */
  get hasPicture(): boolean {
    return (this.#content ?? this.#before) !== null;
  }

  /** The agent started anew: what it had is shown until there is a snapshot. */
  follow(last: Instance): void {
    const before = last.#content ?? last.#before;
    const { owner } = this;
    if (this.#content === null || owner === null) {
      this.#before = before;
      return;
    }
    this.#tellDifferences(owner, this.#pictureOf(owner, before), 'restart');
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
    } catch {
      this.owner?.malformed();
      return;
    }
    const { seq } = this;
    const isNext = this.#content !== null && this.#ahead === null && first <= seq + 1;
    if (isNext) this.#append(events.slice(seq + 1 - first));
    else this.#keep(first, events);
    this.look();
  }

  snapshot(snapshot: Snapshot): void {
    if (snapshot.seq < (this.#content?.baseSeq ?? 0)) return;
    this.#held.put(snapshot);
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
    if (this.#content === null) {
      owner.wants(true);
      return;
    }
    if (this.#ahead !== null) this.#phase = 'gap';
    else if (this.seq >= this.#target()) this.#phase = 'current';
    else if (this.#phase !== 'gap') this.#phase = 'behind';
    if (this.#phase === 'behind') this.#wait(owner);
    else this.#waiting = null;
    owner.wants(this.#phase === 'gap' || this.#unavailable > this.#content.baseSeq);
  }

  /** @returns null: nothing is known yet, or what was told makes no sense */
  picture(owner: InstanceOwner): Picture | null {
    return this.#pictureOf(owner, this.#content ?? this.#before);
  }

  /** As JSON of a `WireSnapshot`; null: as {@link picture}. */
  json(owner: InstanceOwner): { seq: number; json: string } | null {
    const content = this.#content ?? this.#before;
    return content === null ? null : this.#sensible(owner, content, () => content.json(owner.pictures));
  }

  /** Null: nothing is known yet. */
  get told(): Told | null {
    return (this.#content ?? this.#before)?.told ?? null;
  }

  #target(): number {
    return Math.max(this.#said, this.#held.seq);
  }

  #append(events: readonly WireEvent[]): void {
    const { owner } = this;
    const content = this.#content as Content;
    let { seq } = content;
    content.append(events);
    for (const event of events) {
      seq++;
      if (event.type.endsWith('Unavailable')) this.#unavailable = seq;
      owner?.tell(seq, event);
    }
    if (owner !== null) this.#sensible(owner, content, () => content.foldIfLong(owner.pictures));
  }

  #keep(first: number, events: readonly WireEvent[]): void {
    const ahead = this.#ahead;
    if (ahead === null || first > ahead.last + 1 || ahead.size > MOST_AHEAD) {
      this.#ahead = new Tail(first);
      this.#ahead.push(events);
    } else ahead.push(events.slice(ahead.last + 1 - first));
  }

  #useHeld(owner: InstanceOwner): void {
    if (!this.#held.isThere) return;
    const isWhole = this.#content !== null && this.#phase !== 'gap' && this.#ahead === null;
    // What is between may be on the way.
    if (isWhole && this.#held.seq > this.seq) return;
    const start = owner.now();
    const snapshot = this.#held.take(start);
    if (snapshot === null) return;
    try {
      this.#take(owner, Base.of(snapshot), snapshot.resync ?? 'lost');
    } catch {
      owner.malformed();
    }
    const end = owner.now();
    this.#held.used(end, end - start);
  }

  /** @param reason where some were known */
  #take(owner: InstanceOwner, base: Base, reason: ResyncedReason): void {
    const known = this.#content;
    if (known !== null && base.seq <= known.seq) return known.rebase(base, owner.pictures);
    const old = this.#pictureOf(owner, known ?? this.#before);
    const isRestart = known === null && this.#before !== null;
    const content = new Content(base);
    this.#content = content;
    this.#before = null;
    this.#phase = 'current';
    const ahead = this.#ahead;
    const isReached = ahead !== null && ahead.first <= base.seq + 1;
    if (isReached) this.#ahead = null;
    this.#tellDifferences(owner, old, known === null ? (isRestart ? 'restart' : 'first') : reason);
    if (isReached && this.#content === content) this.#append(ahead.after(base.seq));
  }

  #tellDifferences(owner: InstanceOwner, old: Picture | null, reason: ResyncedReason): void {
    const picture = old === null ? null : this.picture(owner);
    if (old === null || picture === null) return owner.resynced(reason, false);
    const { events, isComplete } = differences(old, picture, owner.time());
    for (const event of events) owner.tell(null, event);
    owner.resynced(reason, isComplete);
  }

  #pictureOf(owner: InstanceOwner, content: Content | null): Picture | null {
    return content === null ? null : this.#sensible(owner, content, () => content.picture(owner.pictures));
  }

  #sensible<T>(owner: InstanceOwner, content: Content, look: () => T): T | null {
    try {
      return look();
    } catch {
      owner.pictures.drop(content);
      owner.malformed();
      if (this.#before === content) this.#before = null;
      if (this.#content === content) {
        this.#content = null;
        this.#phase = 'empty';
        owner.wants(true);
      }
      return null;
    }
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
