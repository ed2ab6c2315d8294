/**
 * One agent under a key, while it is listed: what its heads tell, and when one was heard. One with
 * a lower `seq` than the last is passed over.
 *
 * | state | a head                     | a head that says bye | 3 intervals without a head |
 * | ----- | -------------------------- | -------------------- | -------------------------- |
 * | live  | live                       | gone                 | late                       |
 * | late  | live                       | gone                 |                            |
 * | gone  | live, if its seq is higher | gone                 |                            |
 *
 * When it was heard is by the clock here that only grows, and by the age that the transport tells:
 * what the host says of the time is shown, and counts for nothing.
 */
import type { ConnectionState } from '../transport/transport.ts';
import type { Head } from '../wire/head.ts';
import type { FleetHost, HostState, PictureState } from './fleet-types.ts';
import type { Instance } from './instance.ts';

const LATE_AFTER = 3;

/** @param age milliseconds since it was kept */
export const isLateBy = ({ interval }: Head, age: number): boolean => age > LATE_AFTER * interval;

export interface Clocks {
  /** Milliseconds that only grow. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
}

export class Member {
  readonly id: string;
  readonly key: string;
  instance: Instance;
  isDuplicate = false;
  #head: Head;
  /** When its last head was kept. */
  #at: number;
  #skew: number | null;
  #state: HostState = 'live';
  #since: number;

  constructor(id: string, key: string, instance: Instance, head: Head, at: number, clocks: Clocks) {
    this.id = id;
    this.key = key;
    this.instance = instance;
    this.#head = head;
    this.#at = at;
    this.#skew = skewOf(head, at, clocks);
    this.#since = clocks.wall();
    if (head.bye) this.#state = 'gone';
    else this.lapse(clocks);
  }

  get state(): HostState {
    return this.#state;
  }

  /** When its last head was kept, by the clock that only grows. */
  get heardAt(): number {
    return this.#at;
  }

  get head(): Head {
    return this.#head;
  }

  /** @returns whether its state is another one now */
  hear(head: Head, at: number, clocks: Clocks): boolean {
    // What a stalled server keeps late is older, and says so by its number. It was sent before the
    // one that is known, and so is no sign of life.
    const isOlder = head.seq < this.#head.seq || (this.#head.bye && !head.bye && head.seq === this.#head.seq);
    if (isOlder) return false;
    this.#head = head;
    this.#at = Math.max(this.#at, at);
    this.#skew = skewOf(head, at, clocks);
    return this.#enter(head.bye ? 'gone' : this.#isLate(clocks) ? 'late' : 'live', clocks);
  }

  /** Time has passed. @returns whether its state is another one now */
  lapse(clocks: Clocks): boolean {
    return this.#state === 'live' && this.#isLate(clocks) && this.#enter('late', clocks);
  }

  view(connection: ConnectionState, malformed: number, isHeads: boolean, clocks: Clocks): FleetHost {
    const { epoch, name, interval, shard, counts, versions, target, unavailable } = this.#head;
    return {
      id: this.id,
      key: this.key,
      epoch,
      name,
      state: this.#state,
      since: this.#since,
      heard: Math.max(0, Math.round(clocks.now() - this.#at)),
      interval,
      shard,
      seq: this.instance.seq,
      counts,
      versions,
      target,
      unavailable,
      skew: this.#skew,
      duplicate: this.isDuplicate,
      picture: isHeads ? 'none' : this.#picture(connection),
      malformed,
    };
  }

  #picture(connection: ConnectionState): PictureState {
    const { instance } = this;
    if (!instance.hasPicture) return 'none';
    if (this.#state !== 'live' || connection === 'stale') return 'stale';
    return instance.phase === 'current' ? 'current' : 'pending';
  }

  #isLate(clocks: Clocks): boolean {
    return isLateBy(this.#head, clocks.now() - this.#at);
  }

  #enter(state: HostState, clocks: Clocks): boolean {
    if (this.#state === state) return false;
    this.#state = state;
    this.#since = clocks.wall();
    return true;
  }
}

/** Its clock against the one here, at the moment when the head was kept. */
function skewOf({ time }: Head, at: number, clocks: Clocks): number | null {
  const told = Date.parse(time);
  return Number.isNaN(told) ? null : Math.round(told - (clocks.wall() - (clocks.now() - at)));
}
