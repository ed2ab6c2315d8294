/**
 * A little model of a broker for tests, and transports that read it: three lanes (heads, deltas,
 * snapshots) that are each in order and not in step. A transport gives at once what comes, or, where
 * it is made with `{ manual: true }`, what the test lets through: {@link MemoryTransport.give}.
 *
 * | fault                       | what it does                                                   |
 * | --------------------------- | -------------------------------------------------------------- |
 * | `transport.lose(lane)`      | the next message of a lane never comes, and nobody says so     |
 * | `transport.double(lane)`    | it comes twice                                                 |
 * | `transport.cut()`           | nothing comes; `stale`; barriers are forgotten                 |
 * | `transport.heal()`          | goes on where it was, or from scratch                          |
 * | `broker.wipe()`             | all that was kept is gone                                      |
 * | `broker.isDown`             | what agents publish is lost                                    |
 */
import type { ConnectionState, FleetTransport, TransportTarget } from '../../src/transport/transport.ts';
import type { Delta } from '../../src/wire/delta.ts';
import type { Head } from '../../src/wire/head.ts';
import type { Snapshot } from '../../src/wire/snapshot.ts';

export type Lane = 'heads' | 'deltas' | 'snapshots';
export const LANES: readonly Lane[] = ['heads', 'deltas', 'snapshots'];

interface Kept {
  /** Milliseconds, by the clock of the broker. */
  at: number;
  key: string;
  give(target: TransportTarget, age: number): void;
}
interface Marker {
  done(): void;
}
type Item = Kept | Marker;

/** Who is asked for a head and a snapshot. */
export interface Asked {
  asked(): void;
  /** The broker lost what was published. */
  wiped(): void;
}

export class MemoryBroker {
  /** Whether what is published is lost. */
  isDown = false;
  /** How often each was asked. */
  readonly asks: Map<string, number> = new Map();
  readonly now: () => number;
  readonly #heads = new Map<string, Kept>();
  #deltas: Kept[] = [];
  readonly #snapshots = new Map<string, Kept>();
  readonly #agents = new Map<string, Set<Asked>>();
  readonly #transports = new Set<MemoryTransport>();

  /** @param now milliseconds that only grow */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** @param before milliseconds: it was kept so long ago */
  head(key: string, head: Head, before = 0): void {
    this.#publish('heads', key, (target, age) => target.head(key, head, age + before));
  }

  delta(key: string, delta: Delta): void {
    this.deltaText(key, JSON.stringify(delta));
  }

  /** As JSON: whoever reads it may not share objects with whoever wrote it. */
  deltaText(key: string, json: string): void {
    this.#publish('deltas', key, (target) => target.delta(key, JSON.parse(json) as Delta));
  }

  snapshot(key: string, snapshot: Snapshot): void {
    this.#publish('snapshots', key, (target) => target.snapshot(key, snapshot));
  }

  malformed(key: string): void {
    this.#publish('deltas', key, (target) => target.malformed(key, new Error('no agent makes it')));
  }

  /** It answers when it is asked; what is returned ends that. */
  listen(key: string, agent: Asked): () => void {
    const agents = this.#agents.get(key) ?? new Set();
    this.#agents.set(key, agents.add(agent));
    return () => agents.delete(agent);
  }

  ask(key: string): void {
    this.asks.set(key, (this.asks.get(key) ?? 0) + 1);
    if (this.isDown) return;
    for (const agent of this.#agents.get(key) ?? []) agent.asked();
  }

  /** Deltas that were kept before are thrown away. */
  expire(before: number): void {
    this.#deltas = this.#deltas.filter(({ at }) => at >= before);
  }

  wipe(): void {
    this.#heads.clear();
    this.#deltas = [];
    this.#snapshots.clear();
    for (const agents of this.#agents.values()) for (const agent of agents) agent.wiped();
  }

  transport(options: { manual?: boolean } = {}): MemoryTransport {
    return new MemoryTransport(this, options.manual === true);
  }

  attach(transport: MemoryTransport): void {
    this.#transports.add(transport);
  }

  detach(transport: MemoryTransport): void {
    this.#transports.delete(transport);
  }

  kept(lane: Lane): readonly Kept[] {
    if (lane === 'deltas') return this.#deltas;
    return [...(lane === 'heads' ? this.#heads : this.#snapshots).values()];
  }

  #publish(lane: Lane, key: string, give: Kept['give']): void {
    if (this.isDown) return;
    const kept = { at: this.now(), key, give };
    if (lane === 'heads') this.#heads.set(key, kept);
    else if (lane === 'snapshots') this.#snapshots.set(key, kept);
    else this.#deltas.push(kept);
    for (const transport of this.#transports) transport.come(lane, kept);
  }
}

export class MemoryTransport implements FleetTransport {
  readonly #broker: MemoryBroker;
  readonly #isManual: boolean;
  #target: TransportTarget | null = null;
  #state: ConnectionState = 'connecting';
  #isCut = false;
  readonly #lanes: Record<Lane, Item[]> = { heads: [], deltas: [], snapshots: [] };
  /** Items of each lane before it is live. */
  #left: Record<Lane, number> = { heads: 0, deltas: 0, snapshots: 0 };

  constructor(broker: MemoryBroker, isManual: boolean) {
    this.#broker = broker;
    this.#isManual = isManual;
  }

  start(target: TransportTarget): Promise<void> {
    this.#target = target;
    this.#broker.attach(this);
    target.connection('connecting', 'starts');
    this.#begin();
    return Promise.resolve();
  }

  ask(key: string): void {
    if (!this.#isCut) this.#broker.ask(key);
  }

  barrier(_key: string, done: () => void): void {
    if (this.#isCut) return;
    this.#lanes.deltas.push({ done });
    this.#flow();
  }

  stop(): Promise<void> {
    this.#target = null;
    this.#broker.detach(this);
    return Promise.resolve();
  }

  /** Of the broker. */
  come(lane: Lane, kept: Kept): void {
    this.#lanes[lane].push(kept);
    this.#flow();
  }

  waiting(lane: Lane): number {
    return this.#lanes[lane].length;
  }

  /** Lets some of a lane through. @returns how many */
  give(lane: Lane, most: number = Infinity): number {
    let count = 0;
    while (count < most && !this.#isCut) {
      const item = this.#lanes[lane].shift();
      if (item === undefined) break;
      count++;
      if (this.#left[lane] > 0) this.#left[lane]--;
      if ('done' in item) item.done();
      else if (this.#target !== null) item.give(this.#target, this.#broker.now() - item.at);
      this.#check();
    }
    return count;
  }

  giveAll(): void {
    let given = 1;
    while (given > 0) given = LANES.reduce((sum, lane) => sum + this.give(lane), 0);
  }

  /** @returns whether there was one */
  lose(lane: Lane): boolean {
    const at = this.#lanes[lane].findIndex((item) => !('done' in item));
    if (at < 0) return false;
    this.#lanes[lane].splice(at, 1);
    if (at < this.#left[lane]) this.#left[lane]--;
    this.#check();
    return true;
  }

  double(lane: Lane): void {
    const at = this.#lanes[lane].findIndex((item) => !('done' in item));
    if (at >= 0) this.#lanes[lane].splice(at, 0, this.#lanes[lane][at] as Item);
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const lane of LANES) this.#lanes[lane] = this.#lanes[lane].filter((item) => !('done' in item));
    this.#tell('stale', 'nothing comes');
  }

  /** @param isScratch whether all that is kept is told once more, and what was on its way is lost */
  heal(isScratch: boolean): void {
    if (!this.#isCut) return;
    this.#isCut = false;
    if (isScratch) this.#begin();
    else {
      this.#left = this.#waitingNow();
      this.#check();
    }
    this.#flow();
  }

  #begin(): void {
    for (const lane of LANES) this.#lanes[lane] = [...this.#broker.kept(lane)];
    this.#left = this.#waitingNow();
    this.#flow();
    this.#check();
  }

  #waitingNow(): Record<Lane, number> {
    const { heads, deltas, snapshots } = this.#lanes;
    return { heads: heads.length, deltas: deltas.length, snapshots: snapshots.length };
  }

  #flow(): void {
    if (!this.#isManual && this.#target !== null) for (const lane of LANES) this.give(lane);
  }

  #check(): void {
    if (!this.#isCut && LANES.every((lane) => this.#left[lane] === 0)) this.#tell('live', null);
  }

  #tell(state: ConnectionState, reason: string | null): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#target?.connection(state, reason);
  }
}
