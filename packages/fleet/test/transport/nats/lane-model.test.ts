import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Lane } from '../../../src/transport/nats/lane.ts';
import type { StoredMessage } from '../../../src/transport/nats/lane-types.ts';
import { modelRuns } from '../../../../../test/support/runs.ts';
import { ModelStore } from './support/model-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

type Step =
  | { kind: 'publish'; subject: string; count: number }
  | { kind: 'wait'; time: number }
  | { kind: 'deleteStream'; isTold: boolean }
  | { kind: 'rollBack'; count: number }
  | { kind: 'remake'; isTold: boolean; count: number }
  | { kind: (typeof PLAIN)[number] };

const PLAIN = [
  'makeStream',
  'loseConsumers',
  'muteConsumers',
  'crash',
  'back',
  'stall',
  'goOn',
  'full',
  'room',
  'barrier',
] as const;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      subject: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      time: fc.constantFrom(1, 4, 6, 20, 200, 1500, 4000, 12_000, 40_000),
    }),
  },
  fc.record({ kind: fc.constant('deleteStream' as const), isTold: fc.boolean() }),
  fc.record({ kind: fc.constant('rollBack' as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    kind: fc.constant('remake' as const),
    isTold: fc.boolean(),
    count: fc.integer({ min: 0, max: 12 }),
  }),
  ...PLAIN.map((kind) => fc.constant({ kind })),
);

/** What a reader has been told, and what it holds true. */
class Told {
  readonly clock: ManualClock = new ManualClock();
  readonly store: ModelStore;
  readonly lane: Lane;
  readonly #isLast: boolean;
  /** Of this store, in the order in which they were told. */
  messages: StoredMessage[] = [];
  anews = 0;
  mutes = 0;
  /** When it became live. */
  atLive: Record<string, string> = {};
  #count = 0;
  #wasLive = false;

  constructor(isLast: boolean, random: () => number) {
    this.#isLast = isLast;
    this.store = new ModelStore(this.clock, isLast);
    this.lane = new Lane({
      name: 'nlink-test',
      store: this.store,
      clock: this.clock,
      random,
      events: {
        message: (message, age) => this.#take(message, age),
        changed: () => this.#changed(),
        anew: () => {
          this.anews++;
          this.messages = [];
        },
        mute: () => {
          this.mutes++;
          this.lane.disconnected();
          this.lane.connected();
        },
        tried: () => {},
      },
    });
    this.lane.connected();
  }

  publish(subject: string, count: number): void {
    for (let left = count; left > 0; left--) this.store.publish(subject, String(++this.#count));
  }

  /** Called back: all that was kept when it was asked for has been told. */
  barrier(): void {
    const kept = this.#hosts();
    const { anews } = this;
    this.lane.barrier(() => {
      if (anews === this.anews) this.#requireTold(kept);
    });
  }

  /** @returns what was told last of each subject */
  picture(): Record<string, string> {
    return pictureOf(this.messages);
  }

  truth(): Record<string, string> {
    return pictureOf(this.#hosts());
  }

  /** Nothing of an earlier store is held true. */
  requireOneStore(): void {
    const stamps = new Map(this.#hosts().map(({ seq, stamp }) => [seq, stamp]));
    for (const { seq, stamp } of this.messages)
      assert.ok((stamps.get(seq) ?? stamp) === stamp, `${seq} is of another store`);
    assert.ok((this.messages.at(-1)?.seq ?? 0) <= (this.store.stream?.last ?? 0), 'told of another store');
  }

  /**
   * What is kept was told, except for what took its place meanwhile; where that was replaced, too,
   * before it was told, it is on its way.
   */
  #requireTold(kept: readonly StoredMessage[]): void {
    const told = new Map(this.messages.map(({ seq, stamp }) => [seq, stamp]));
    const latest = new Map(this.messages.map(({ subject, seq }) => [subject, seq]));
    const replaced = new Map(this.#hosts().map(({ subject, seq }) => [subject, seq]));
    const newest = this.messages.at(-1)?.seq ?? 0;
    for (const { subject, seq, stamp } of kept)
      assert.ok(
        told.get(seq) === stamp ||
          (latest.get(subject) ?? 0) > seq ||
          (this.#isLast && (replaced.get(subject) ?? 0) > Math.max(seq, newest)),
        `${subject} ${seq} was not told`,
      );
  }

  #hosts(): StoredMessage[] {
    return (this.store.stream?.messages ?? []).filter(({ subject }) => subject !== 'mark');
  }

  #take(message: StoredMessage, age: number): void {
    assert.ok(message.seq > (this.messages.at(-1)?.seq ?? 0), `${message.seq} is told twice`);
    assert.ok(Number.isFinite(age) && age >= 0);
    this.messages.push(message);
  }

  #changed(): void {
    const { isLive, reason } = this.lane;
    assert.equal(reason === null, isLive);
    if (isLive) this.atLive = this.picture();
    if (isLive && !this.#wasLive)
      this.#requireTold(this.store.keptAtOpen.filter(({ subject }) => subject !== 'mark'));
    this.#wasLive = isLive;
  }
}

const pictureOf = (messages: readonly StoredMessage[]): Record<string, string> =>
  Object.fromEntries(messages.map(({ subject, data }) => [subject, Buffer.from(data).toString()]));

async function carryOut(told: Told, steps: readonly Step[]): Promise<void> {
  const { store, lane, clock } = told;
  for (const one of steps) {
    if (one.kind === 'publish') told.publish(one.subject, one.count);
    else if (one.kind === 'wait') await clock.pass(one.time);
    else if (one.kind === 'deleteStream') store.deleteStream(one.isTold);
    else if (one.kind === 'rollBack') store.rollBack(one.count);
    else if (one.kind === 'remake') {
      store.deleteStream(one.isTold);
      store.makeStream();
      for (const subject of ['c', 'b', 'a']) told.publish(subject, Math.ceil(one.count / 3));
    } else if (one.kind === 'barrier') told.barrier();
    else if (one.kind === 'crash') {
      store.down();
      lane.disconnected();
    } else if (one.kind === 'back') {
      store.up();
      lane.connected();
    } else store[one.kind]();
  }
}

async function recover(told: Told, steps: readonly Step[]): Promise<void> {
  const { store, lane, clock } = told;
  store.goOn();
  store.room();
  store.up();
  store.makeStream();
  lane.connected();
  // What nobody tells of shows only by markers that do not come.
  await clock.pass(steps.some(({ kind }) => kind === 'muteConsumers') ? 60_000 : 5000);
}

async function check(told: Told): Promise<void> {
  const { store, lane, clock } = told;
  assert.ok(lane.isLive, `not live: ${lane.reason}`);
  assert.deepEqual(told.picture(), { ...told.picture(), ...told.truth() });
  told.requireOneStore();
  assert.equal(store.consumers, 1);
  let isDone = false;
  told.publish('a', 1);
  lane.barrier(() => {
    isDone = true;
  });
  await clock.pass(50);
  assert.ok(isDone);
  assert.equal(told.picture()['a'], told.truth()['a']);
}

/** As `steps`, where each store that is another one is told by `anew` once. */
const othersIn = (steps: readonly Step[]): number =>
  steps.filter(({ kind }) => kind === 'deleteStream' || kind === 'remake' || kind === 'rollBack').length;

for (const isLast of [true, false])
  test(`${isLast ? 'the last of each subject' : 'all that is kept'} is read through every loss, and soon after the last one it is live`, async () => {
    const scenario = fc.tuple(fc.array(step, { maxLength: 40 }), fc.double({ min: 0, max: 1, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(scenario, async ([drawn, luck]) => {
        // Of subjects whose last message alone is kept, not every loss of power shows.
        const steps = isLast ? drawn.filter(({ kind }) => kind !== 'rollBack') : drawn;
        const told = new Told(isLast, () => luck);
        await carryOut(told, steps);
        await recover(told, steps);
        await check(told);
        assert.ok(told.anews <= othersIn(steps), `${told.anews} times another store`);
        told.lane.stop();
        const before = told.messages.length;
        told.publish('a', 1);
        await told.clock.pass(60_000);
        assert.equal(told.messages.length, before);
        assert.equal(told.store.consumers, 0);
      }),
      { numRuns: modelRuns(1000) },
    );
  });

test('a stream that keeps no more is no reason to connect anew: it answers', async () => {
  const told = new Told(true, () => 0.5);
  const { clock, store, lane } = told;
  await clock.pass(100);
  store.full();
  await clock.pass(120_000);
  assert.deepEqual([lane.isLive, lane.reason, told.mutes], [false, 'no space', 0]);
  store.room();
  await clock.pass(4000);
  assert.ok(lane.isLive);
});

test('what is replaced before it is delivered is told before it is live', async () => {
  const told = new Told(true, () => 0.5);
  const { clock, store, lane } = told;
  told.publish('a', 1);
  while (store.consumers === 0) await clock.pass(1);
  // Before it is delivered the marker is kept behind it, and then another one takes its place.
  store.stall();
  await clock.pass(20);
  told.publish('a', 1);
  store.goOn();
  while (!lane.isLive) await clock.pass(1);
  assert.deepEqual(told.atLive, told.truth());
});

for (const [count, isLast, what] of [
  [1, true, 'has fewer'],
  // Where of each subject the last alone is kept, there may be none under the number that was read.
  [9, false, 'has others under their numbers'],
] as const)
  test(`a store that has lost its newest messages, and ${what}, is read from scratch`, async () => {
    const told = new Told(isLast, () => 0.5);
    const { clock, store, lane } = told;
    for (const subject of ['a', 'b', 'c']) told.publish(subject, 3);
    await clock.pass(100);
    assert.ok(lane.isLive);
    store.down();
    lane.disconnected();
    store.rollBack(6);
    store.up();
    told.publish('a', count);
    lane.connected();
    await clock.pass(100);
    assert.equal(told.anews, 1);
    assert.deepEqual(told.picture(), told.truth());
  });
