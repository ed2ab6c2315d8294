/**
 * All that speaks under one key: the agent that counts, at times a second one, those before it, and
 * epochs of which no head came yet (heads may be behind deltas).
 *
 * | a head of an epoch that is | does                                                            |
 * | -------------------------- | --------------------------------------------------------------- |
 * | the first one              | `hostAdded`                                                     |
 * | that of the main one       | is heard: `hostLive`, `hostGone` where that is new              |
 * | that of the second one     | the same                                                        |
 * | none, of one not reached   | passed over, but as the first one; another one takes its place  |
 * | not known, newer           | is the main one: `hostRestarted`; the one before it is a former |
 * | - too often                | passed over, counted as malformed; the next head of it counts   |
 * | not known, older           | is a former one                                                 |
 * | former, 20 s after its end | still speaks: is the second one, `hostDuplicate` on both        |
 * | former, before that        | passed over: it was on the way                                  |
 *
 * | time                                         | does                                 |
 * | -------------------------------------------- | ------------------------------------ |
 * | 3 intervals without a head                   | `hostLate`                           |
 * | the second one has not been live for a while | `hostRemoved`; the main one is alone |
 * | the main one has not, and the second one is  | the second one is the main one       |
 * | late or gone for `forgetAfter`               | `hostRemoved`                        |
 *
 * Deltas and snapshots go to the instance of their epoch; of a former epoch they are passed over;
 * of one that is not known they wait for its head, for some seconds, of the last two such epochs.
 */
import type { Delta } from '../wire/delta.ts';
import { UNREACHED } from '../wire/head.ts';
import type { Head } from '../wire/head.ts';
import type { Snapshot } from '../wire/snapshot.ts';
import type { HostEventType } from './fleet-types.ts';
import { Instance } from './instance.ts';
import type { InstanceOwner } from './instance.ts';
import { Member } from './member.ts';
import type { Clocks } from './member.ts';

/** Milliseconds after which a former epoch that still speaks is another agent. */
const DUPLICATE_AFTER = 20_000;
/** Of one that is not live any more, until it is another's place. */
const DUPLICATE_OVER = 60_000;
/** How long what came before a head waits for it. */
const UNKNOWN_FOR = 60_000;
const MOST = { formers: 4, unknown: 2 } as const;
/** New epochs: so many at once, then one each so many milliseconds. */
const RESTARTS = { burst: 5, every: 5000 } as const;
const AGE_ERROR = 1000;

export interface HostSink extends Clocks {
  event(type: HostEventType, member: Member): void;
  /** What an instance of this member is told with; null: only its heads count. */
  owner(member: Member, host: Host): InstanceOwner | null;
  /** Nothing is asked of it any more. */
  unowned(member: Member): void;
}

export class Host {
  readonly key: string;
  /** When it is looked at, among all hosts. */
  readonly turn: number;
  malformed = 0;
  main: Member | null = null;
  second: Member | null = null;
  readonly #sink: HostSink;
  /** Since when each is not the main one. */
  readonly #formers = new Map<string, number>();
  readonly #unknown = new Map<string, { instance: Instance; since: number }>();
  #restarts: number = RESTARTS.burst;
  #restartedAt = -Infinity;

  constructor(key: string, turn: number, sink: HostSink) {
    this.key = key;
    this.turn = turn;
    this.#sink = sink;
  }

  get members(): readonly Member[] {
    return [this.main, this.second].filter((member) => member !== null);
  }

  get isEmpty(): boolean {
    return this.main === null && this.#unknown.size === 0;
  }

  head(head: Head, age: number): void {
    const sink = this.#sink;
    const at = sink.now() - Math.max(0, age);
    const member = this.#memberOf(head.epoch);
    if (member !== null) {
      const isOther = member.hear(head, at, sink);
      if (isOther) sink.event(stateEvent(member), member);
      member.instance.head(head.seq);
      return;
    }
    const former = this.#formers.get(head.epoch);
    if (former !== undefined) {
      if (at > former + DUPLICATE_AFTER && !head.bye && this.second === null) this.#double(head, at);
      return;
    }
    const { main } = this;
    if (main === null) this.main = this.#join(this.key, head, at, 'hostAdded');
    else if (head.epoch === UNREACHED) return;
    else if (main.head.epoch === UNREACHED) this.main = this.#reached(main, head, at);
    else if (at + AGE_ERROR < main.heardAt) this.#former(head.epoch, sink.now());
    else if (this.#mayRestart()) this.#restart(main, head, at);
    else this.malformed++;
  }

  delta(delta: Delta): void {
    this.#instanceOf(delta.epoch)?.delta(delta);
  }

  snapshot(snapshot: Snapshot): void {
    this.#instanceOf(snapshot.epoch)?.snapshot(snapshot);
  }

  /** Looks again at all that may go on: a while has passed. */
  lapse(forgetAfter: number): void {
    const sink = this.#sink;
    const now = sink.now();
    for (const [epoch, { since }] of this.#unknown)
      if (now - since > UNKNOWN_FOR) this.#unknown.delete(epoch);
    for (const member of this.members) {
      if (member.lapse(sink)) sink.event('hostLate', member);
      member.instance.look();
    }
    this.#undouble(now);
    const { main } = this;
    if (main === null || main.state === 'live' || now - main.heardAt <= forgetAfter) return;
    for (const member of this.members) this.#leave(member);
    this.main = null;
    this.second = null;
  }

  #memberOf(epoch: string): Member | null {
    return this.members.find(({ head }) => head.epoch === epoch) ?? null;
  }

  #instanceOf(epoch: string): Instance | null {
    const member = this.#memberOf(epoch);
    if (member !== null) return member.instance;
    if (this.#formers.has(epoch)) return null;
    const known = this.#unknown.get(epoch);
    if (known !== undefined) return known.instance;
    const instance = new Instance();
    this.#unknown.set(epoch, { instance, since: this.#sink.now() });
    dropOldest(this.#unknown, MOST.unknown);
    return instance;
  }

  #join(id: string, head: Head, at: number, type: HostEventType): Member {
    const instance = this.#unknown.get(head.epoch)?.instance ?? new Instance();
    this.#unknown.delete(head.epoch);
    const member = new Member(id, this.key, instance, head, at, this.#sink);
    this.#own(member, type);
    return member;
  }

  #reached(main: Member, head: Head, at: number): Member {
    main.instance.owner = null;
    this.#sink.unowned(main);
    return this.#join(this.key, head, at, head.bye ? 'hostGone' : 'hostLive');
  }

  /** It is listed before anything is told of it. */
  #own(member: Member, type: HostEventType): void {
    this.#sink.event(type, member);
    member.instance.owner = this.#sink.owner(member, this);
    member.instance.head(member.head.seq);
  }

  #restart(main: Member, head: Head, at: number): void {
    this.#former(main.head.epoch, at);
    this.#replace(main, () => this.#unknown.get(head.epoch)?.instance ?? new Instance(), head, at);
    this.#unknown.delete(head.epoch);
  }

  #replace(main: Member, instanceOf: () => Instance, head: Head, at: number): void {
    const sink = this.#sink;
    main.instance.owner = null;
    sink.unowned(main);
    const instance = instanceOf();
    const member = new Member(this.key, this.key, instance, head, at, sink);
    member.isDuplicate = main.isDuplicate;
    this.main = member;
    instance.owner = null;
    sink.event('hostRestarted', member);
    instance.owner = sink.owner(member, this);
    instance.follow(main.instance);
    instance.head(head.seq);
  }

  #double(head: Head, at: number): void {
    const { main } = this;
    if (main === null) return;
    this.#formers.delete(head.epoch);
    main.isDuplicate = true;
    this.#sink.event('hostDuplicate', main);
    const instance = new Instance();
    const second = new Member(`${this.key}~${head.epoch}`, this.key, instance, head, at, this.#sink);
    second.isDuplicate = true;
    this.second = second;
    this.#own(second, 'hostDuplicate');
  }

  #undouble(now: number): void {
    const { main, second } = this;
    if (main === null || second === null) return;
    if (isOver(second, now)) {
      this.#former(second.head.epoch, now);
      this.#leave(second);
    } else if (isOver(main, now) && second.state === 'live') {
      this.#former(main.head.epoch, now);
      this.#leave(second);
      this.#replace(main, () => second.instance, second.head, second.heardAt);
    } else return;
    this.second = null;
    if (this.main !== null) this.main.isDuplicate = false;
  }

  #leave(member: Member): void {
    this.#sink.event('hostRemoved', member);
    member.instance.owner = null;
    this.#sink.unowned(member);
  }

  #former(epoch: string, since: number): void {
    this.#formers.set(epoch, since);
    dropOldest(this.#formers, MOST.formers);
  }

  #mayRestart(): boolean {
    const now = this.#sink.now();
    const more = (now - this.#restartedAt) / RESTARTS.every;
    this.#restarts = Math.min(RESTARTS.burst, this.#restarts + more);
    this.#restartedAt = now;
    if (this.#restarts < 1) return false;
    this.#restarts--;
    return true;
  }
}

const stateEvent = ({ state }: Member): HostEventType =>
  state === 'live' ? 'hostLive' : state === 'late' ? 'hostLate' : 'hostGone';

const isOver = ({ state, heardAt, head }: Member, now: number): boolean =>
  state !== 'live' && now - heardAt > Math.max(DUPLICATE_OVER, 4 * head.interval);

function dropOldest(all: Map<string, unknown>, most: number): void {
  for (const key of all.keys()) {
    if (all.size <= most) return;
    all.delete(key);
  }
}
