/**
 * Random histories of several hosts, through a broker that loses, doubles, holds back, is away, and
 * forgets; agents that start anew, boot, end, and are two under one key. When all faults have ended
 * and time has passed, every host is known as it is: by the watcher, and by whoever followed its
 * events.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HostModel } from '../../../../test/page/support/host-model.ts';
import { modelRuns } from '../../../../test/support/runs.ts';
import { FakeClock } from '../../../../test/watch/support/fake-clock.ts';
import { FleetWatcher } from '../../src/index.ts';
import { FleetConsumer } from '../support/fleet-consumer.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { LANES, MemoryBroker } from '../support/memory-transport.ts';
import { toldBySnapshot } from '../support/told-lines.ts';
import type { MemoryTransport } from '../support/memory-transport.ts';

const KEYS = ['one', 'two', 'three'];
const INTERVAL = 15_000;
const START = Date.parse('2026-11-30T12:00:00Z');

class World {
  readonly clock = new FakeClock();
  readonly broker = new MemoryBroker(() => this.clock.now());
  readonly transport: MemoryTransport = this.broker.transport({ manual: true });
  readonly agents = new Map<string, MemoryAgent>();
  /** Of a machine that was cloned: the same key. */
  readonly seconds = new Map<string, MemoryAgent>();
  /** All that ever were, by their epochs. */
  readonly #all: Map<string, MemoryAgent> = new Map<string, MemoryAgent>();
  consumer!: FleetConsumer;
  fleet!: FleetWatcher;
  #boots = 1;

  constructor() {
    for (const key of KEYS) this.agents.set(key, this.#agent(key));
  }

  async open(bufferSize: number): Promise<void> {
    const clock = this.clock;
    const reader = {
      now: () => clock.now(),
      after: (time: number, callback: () => void) => clock.after(time, callback),
      wall: () => START + clock.now(),
    };
    const opening = FleetWatcher.open({ transport: this.transport, bufferSize }, reader);
    this.transport.giveAll();
    this.fleet = await opening;
    this.consumer = new FleetConsumer(this.fleet);
  }

  get living(): MemoryAgent[] {
    return [...this.agents.values(), ...this.seconds.values()].filter(({ isAlive }) => isAlive);
  }

  #note(agent: MemoryAgent): MemoryAgent {
    this.#all.set(agent.epoch, agent);
    return agent;
  }

  step({ kind, at, what, by, and }: Step): void {
    const key = KEYS[at % KEYS.length] as string;
    const agents = by % 4 === 0 && this.seconds.has(key) ? this.seconds : this.agents;
    const agent = agents.get(key) as MemoryAgent;
    const lane = LANES[by % LANES.length] as (typeof LANES)[number];
    switch (kind) {
      case 'act':
        if (agent.isAlive) agent.act(what, by, and);
        return;
      case 'happen':
        if (agent.isAlive) agent.happen(what, by, and);
        return;
      case 'drop':
        agent.drop((['overflow', 'timeout', 'refused'] as const)[and % 3] as 'overflow');
        return;
      case 'head':
        agent.head();
        return;
      case 'snapshot':
        agent.snapshot();
        return;
      case 'restart':
        agents.set(key, this.#note(agent.restarted()));
        return;
      case 'boot': {
        const boot = (++this.#boots).toString(16).padStart(8, '0');
        agents.set(key, this.#note(agent.restarted({ boot, model: new HostModel() })));
        return;
      }
      case 'end':
        if (and % 2 === 0) agent.bye();
        else agent.crash();
        return;
      case 'second':
        if (!this.seconds.has(key)) this.seconds.set(key, this.#agent(key));
        return;
      case 'give':
        this.transport.give(lane, 1 + (and % 4));
        return;
      case 'giveAll':
        this.transport.giveAll();
        return;
      case 'lose':
        this.transport.lose(lane);
        return;
      case 'double':
        this.transport.double(lane);
        return;
      case 'cut':
        this.transport.cut();
        return;
      case 'heal':
        this.transport.heal(and % 2 === 0);
        return;
      case 'down':
        this.broker.isDown = !this.broker.isDown;
        return;
      case 'wipe':
        this.broker.wipe();
        return;
      case 'expire':
        this.broker.expire(this.clock.now());
        return;
      case 'malformed':
        this.broker.malformed(key);
        return;
      case 'time':
        this.clock.advance(and * 1000);
        return;
      case 'take':
        this.consumer.take(and % 2 === 0 ? Infinity : by);
    }
  }

  /** All faults are over, and time passes. */
  settle(): void {
    this.broker.isDown = false;
    this.transport.heal(true);
    for (const agent of this.living) agent.publish();
    for (let second = 0; second < 260; second++) {
      if (second % (INTERVAL / 1000) === 0) for (const agent of this.living) agent.head();
      this.transport.giveAll();
      this.clock.advance(1000);
      this.consumer.take();
    }
  }

  check(): void {
    const { fleet, consumer } = this;
    for (const agent of this.living) {
      const host = fleet.hosts().find(({ epoch }) => epoch === agent.epoch);
      assert.ok(host !== undefined, `no host of ${agent.key} ${agent.epoch}`);
      assert.deepEqual([host.state, host.picture, host.seq], ['live', 'current', agent.feed.seq], host.id);
      const isDouble = this.living.filter(({ key }) => key === agent.key).length > 1;
      assert.equal(host.duplicate, isDouble, `${host.id} duplicate`);
      const truth = toldBySnapshot(agent.json());
      assert.deepEqual(toldBySnapshot(fleet.snapshot(host.id)?.json ?? ''), truth, `snapshot of ${host.id}`);
      assert.deepEqual(consumer.told(host.id), truth, `events of ${host.id}`);
      assert.equal(consumer.hosts.get(host.id)?.host.epoch, agent.epoch);
    }
    const living = new Set(this.living.map(({ epoch }) => epoch));
    for (const { id, epoch, state } of fleet.hosts())
      if (!living.has(epoch)) assert.notEqual(state, 'live', `${id} is dead`);
    for (const event of consumer.events) {
      if (event.type !== 'namespaceEvent' || event.seq === null) continue;
      const { ring } = (this.#all.get(event.host.epoch) as MemoryAgent).feed;
      const [json] = ring.after(event.seq - 1, { events: 1, bytes: Infinity }) ?? [];
      assert.deepEqual(event.event, JSON.parse(json ?? 'null'), `event ${event.seq} of ${event.host.id}`);
    }
    const ids = (all: Iterable<string>): string[] => [...all].sort();
    assert.deepEqual(ids(consumer.hosts.keys()), ids(fleet.hosts().map(({ id }) => id)));
  }

  #agent(key: string): MemoryAgent {
    const boot = (++this.#boots).toString(16).padStart(8, '0');
    const wall = (): number => START + this.clock.now();
    return this.#note(new MemoryAgent(this.broker, key, { interval: INTERVAL, wall, boot }));
  }
}

const KINDS = {
  act: 30,
  happen: 6,
  drop: 3,
  head: 6,
  snapshot: 3,
  restart: 2,
  boot: 1,
  end: 1,
  second: 1,
  give: 20,
  giveAll: 8,
  lose: 5,
  double: 4,
  cut: 2,
  heal: 4,
  down: 2,
  wipe: 1,
  expire: 2,
  malformed: 1,
  time: 10,
  take: 10,
} as const;

interface Step {
  kind: keyof typeof KINDS;
  at: number;
  what: number;
  by: number;
  and: number;
}

const kinds = Object.entries(KINDS).map(([kind, weight]) => ({
  arbitrary: fc.constant(kind as Step['kind']),
  weight,
}));
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(...kinds),
  at: fc.nat(2),
  what: fc.nat(13),
  by: fc.nat(20),
  and: fc.nat(20),
});

test('after all faults every host is known as it is, by the list and by the events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20, size: 'max' }),
      fc.array(step, { maxLength: 120, size: 'max' }),
      fc.constantFrom(16, 4096),
      async (before, steps, bufferSize) => {
        const world = new World();
        for (const one of before) if (one.kind === 'act' || one.kind === 'snapshot') world.step(one);
        await world.open(bufferSize);
        for (const one of steps) world.step(one);
        world.settle();
        world.check();
        await world.fleet.stop();
      },
    ),
    { numRuns: modelRuns(300) },
  );
});
