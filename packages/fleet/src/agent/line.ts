/**
 * What is published of a host's events, one message at a time: deltas, and snapshots where they are
 * due or something is lost. The ring of events is the queue; nothing here waits for the watcher, or
 * holds it up.
 *
 * | state  | means                    | on                                 | next                 |
 * | ------ | ------------------------ | ---------------------------------- | -------------------- |
 * | closed | there is no connection   | a connection                       | ready                |
 * | ready  | nothing is on its way    | events, and the pace is over       | delta                |
 * |        |                          | a snapshot is due                  | ready, it is held    |
 * |        |                          | one is held, all before it is kept | parts                |
 * |        |                          | one is owed (first goes a head)    | parts                |
 * |        |                          | the ring lacks an event            | ready: owed overflow |
 * | delta  | one is on its way        | kept                               | ready                |
 * |        |                          | refused, missing                   | later: owed refused  |
 * |        |                          | unknown                            | later: owed timeout  |
 * |        |                          | the connection is lost             | closed: owed timeout |
 * | parts  | a snapshot is on its way | all kept                           | ready                |
 * |        |                          | else: it is due, or owed, again    | later                |
 * | later  | a moment of backoff      | time, a new connection             | ready                |
 *
 * A snapshot that is due is made at once and held until the deltas before it are kept: so who has
 * those misses nothing by it. One that is owed takes the place of events that may never be told.
 *
 * What is unknown may have been kept, or may yet be: it is never sent again. Before the next
 * snapshot then goes a head, so that a server that stands still is not sent much.
 */
import type { Clock, EventRing } from '../core.ts';
import type { Outcome } from '../nats/publish.ts';
import { encodeDelta } from '../wire/delta.ts';
import { encodeSnapshot } from '../wire/snapshot.ts';
import type { ResyncReason } from '../wire/snapshot.ts';
import { Backoff } from './backoff.ts';
import { SnapshotDue } from './snapshot-due.ts';

const PACE = 250;
/** Of one delta: it fits into a message even where packing gains nothing. */
const MOST = { events: 4096, bytes: 512 * 1024 };
/** Of a backoff, in milliseconds, after what was waited for already. */
const MOST_UNANSWERED = 1500;

export interface LineIo {
  clock: Clock;
  random: () => number;
  epoch: string;
  ring: EventRing;
  snapshot: () => { seq: number; json: string };
  delta: (payload: Uint8Array) => Promise<Outcome>;
  part: (payload: Uint8Array, part: number) => Promise<Outcome>;
  head: () => Promise<Outcome>;
  /** Events will not be told: a snapshot takes their place. */
  onResync: (reason: ResyncReason) => void;
}

interface Made {
  seq: number;
  reason: ResyncReason | null;
  parts: Buffer[];
  size: number;
  /** Bytes of all events by then. */
  total: number;
}

export class Line {
  readonly #io: LineIo;
  readonly #backoff: Backoff;
  readonly #due: SnapshotDue;
  #isOpen = false;
  /** The number of the last event that is kept for sure, by itself or in a snapshot. */
  #kept = 0;
  /** Bytes of all events when the last delta was made. */
  #total = 0;
  /** Instead of what is on its way: whatever comes of an older one is not heeded. */
  #flight: { isDelta: boolean } | null = null;
  /** The first snapshot is owed, too. */
  #owed: { reason: ResyncReason | null } | null = { reason: null };
  #held: Made | null = null;
  /** Whether a head goes before the next snapshot. */
  #isHeadFirst = true;
  #paceEnd = -Infinity;
  #notBefore = -Infinity;
  #alarm: (() => void) | null = null;
  #draining: (() => void) | null = null;

  constructor(io: LineIo) {
    this.#io = io;
    this.#backoff = new Backoff(io.random);
    this.#due = new SnapshotDue(io.random);
  }

  get kept(): number {
    return this.#kept;
  }

  open(): void {
    this.#isOpen = true;
    this.#backoff.reset();
    this.#notBefore = -Infinity;
    this.#isHeadFirst = true;
    this.#step();
  }

  close(): void {
    const flight = this.#flight;
    this.#isOpen = false;
    this.#flight = null;
    if (flight?.isDelta === true) this.#owe('timeout');
    if (this.#held !== null) this.#again();
    this.#cancel();
    this.#drained();
  }

  /** There are more events. */
  wake(): void {
    if (this.#flight === null) this.#step();
  }

  /** One event more: what would soon be kept no longer goes at once. */
  heard(): void {
    if (this.#flight === null && this.#io.ring.isHalfNew(this.#kept, this.#total)) this.#step();
  }

  /** A reader asks for a snapshot. @param isAll it asks all hosts */
  ask(isAll: boolean): void {
    this.#due.ask(this.#io.clock.now(), isAll);
    this.wake();
  }

  /** What was published is in no store any more: a snapshot, soon. */
  renew(): void {
    this.ask(true);
  }

  /**
   * Deltas alone, at once. Done when all events are kept, or will not be: where a snapshot would
   * have to take their place, at the first failure, or at the deadline.
   */
  drain(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#io.clock.after(deadline, () => this.#drained());
      this.#draining = () => {
        cancel();
        resolve();
      };
      if (this.#isOpen) this.wake();
      else this.#drained();
    });
  }

  #drained(): void {
    this.#draining?.();
    this.#draining = null;
  }

  #cancel(): void {
    this.#alarm?.();
    this.#alarm = null;
  }

  #step(): void {
    this.#cancel();
    if (!this.#isOpen || this.#flight !== null) return;
    const { clock, ring } = this.#io;
    const now = clock.now();
    if (now < this.#notBefore) return this.#wakeAt(this.#notBefore, now);
    if (this.#owed === null && !ring.has(this.#kept)) this.#owe('overflow');
    if (this.#owed !== null) {
      // What is there is not known any more when the agent ends.
      if (this.#draining !== null) return this.#drained();
      // In a storm that is longer than the ring each one would be followed by another.
      const at = this.#owed.reason === 'overflow' ? this.#due.earliest : now;
      return now < at ? this.#wakeAt(at, now) : this.#resync(this.#owed.reason);
    }
    if (this.#held === null && this.#draining === null && now >= this.#due.at(ring.total)) {
      if (this.#due.isAsked) this.#isHeadFirst = true;
      this.#held = this.#make(null);
    }
    const held = this.#held;
    if (held !== null && held.seq <= this.#kept) return this.#parts(held);
    if (ring.last === this.#kept) return this.#rest(now);
    const isHurried = held !== null || this.#draining !== null || ring.isHalfNew(this.#kept, this.#total);
    if (isHurried || now >= this.#paceEnd) return this.#delta(now);
    this.#wakeAt(Math.min(this.#paceEnd, this.#due.at(ring.total)), now);
  }

  #rest(now: number): void {
    this.#drained();
    this.#wakeAt(this.#due.at(this.#io.ring.total), now);
  }

  #wakeAt(at: number, now: number): void {
    if (at === Infinity) return;
    this.#alarm = this.#io.clock.after(at - now, () => this.#step());
  }

  #delta(now: number): void {
    const { epoch, ring, delta } = this.#io;
    const events = ring.after(this.#kept, MOST) as readonly string[];
    const last = this.#kept + events.length;
    this.#total = ring.total;
    // What did not fit goes at once after it.
    this.#paceEnd = last === ring.last ? now + PACE : now;
    this.#fly(true, delta(encodeDelta(epoch, this.#kept + 1, events)), (outcome) => {
      if (outcome.kind === 'kept') {
        this.#kept = last;
        this.#backoff.reset();
      } else {
        this.#owe(outcome.kind === 'unknown' ? 'timeout' : 'refused');
        this.#later(outcome);
      }
    });
  }

  #resync(reason: ResyncReason | null): void {
    if (this.#isHeadFirst) this.#head();
    else this.#parts(this.#make(reason));
  }

  #head(): void {
    this.#fly(false, this.#io.head(), (outcome) => {
      // An answer, whatever it says: the server is there.
      if (outcome.kind === 'unknown') this.#later(outcome);
      else this.#isHeadFirst = false;
    });
  }

  #make(reason: ResyncReason | null): Made {
    const { total } = this.#io.ring;
    const { seq, json } = this.#io.snapshot();
    this.#due.made();
    return {
      seq,
      reason,
      parts: encodeSnapshot(this.#io.epoch, seq, json, reason),
      size: json.length,
      total,
    };
  }

  #parts(made: Made, part = 0): void {
    if (this.#isHeadFirst) return this.#head();
    this.#fly(false, this.#io.part(made.parts[part] as Buffer, part), (outcome) => {
      if (outcome.kind !== 'kept') {
        this.#later(outcome);
        if (made === this.#held) this.#again();
      } else if (part + 1 < made.parts.length) this.#parts(made, part + 1);
      else this.#done(made);
    });
  }

  #done(made: Made): void {
    this.#due.kept(this.#io.clock.now(), made.total, made.size);
    if (made === this.#held) this.#held = null;
    else this.#owed = null;
    this.#kept = Math.max(this.#kept, made.seq);
  }

  /** One that was due is so again. */
  #again(): void {
    this.#held = null;
    this.ask(false);
  }

  #owe(reason: ResyncReason): void {
    if (this.#owed !== null) return;
    this.#owed = { reason };
    this.#held = null;
    this.#io.onResync(reason);
  }

  #later({ kind }: Outcome): void {
    const isUnknown = kind === 'unknown';
    if (isUnknown) this.#isHeadFirst = true;
    this.#notBefore = this.#io.clock.now() + this.#backoff.next(isUnknown ? MOST_UNANSWERED : undefined);
    this.#drained();
  }

  #fly(isDelta: boolean, published: Promise<Outcome>, landed: (outcome: Outcome) => void): void {
    const flight = { isDelta };
    this.#flight = flight;
    void this.#land(flight, published, landed);
  }

  async #land(
    flight: object,
    published: Promise<Outcome>,
    landed: (outcome: Outcome) => void,
  ): Promise<void> {
    const outcome = await published;
    if (this.#flight !== flight) return;
    this.#flight = null;
    landed(outcome);
    this.#step();
  }
}
