/**
 * The agent's machines against a model of the broker, on a clock of the test's own: whatever happens
 * in between, once the broker is well what is kept says what is true.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { modelRuns } from '../../../../test/support/runs.ts';
import { namesOf } from '../support/kept.ts';
import type { Mode } from '../support/model-broker.ts';
import { Setting } from './support/setting.ts';

type Step =
  | { do: 'happen'; count: number }
  | { do: 'pass'; time: number }
  | { do: 'connect' | 'disconnect' | 'ask' | 'askAll' | 'wipe' }
  | { do: 'mode'; mode: Exclude<Mode, 'well'> }
  | { do: 'well'; isLost: boolean };

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('happen' as const), count: fc.integer({ min: 1, max: 12 }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 1, max: 20_000 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'connect' as const,
          'disconnect' as const,
          'ask' as const,
          'askAll' as const,
          'wipe' as const,
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('mode' as const),
        mode: fc.constantFrom('stalled' as const, 'refusing' as const, 'missing' as const, 'lossy' as const),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('well' as const), isLost: fc.boolean() }) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

async function take(setting: Setting, step: Step): Promise<void> {
  const { broker, clock, publisher } = setting;
  if (step.do === 'happen') setting.happen(step.count);
  else if (step.do === 'pass') await clock.pass(step.time);
  else if (step.do === 'connect' && !broker.isConnected) setting.connect();
  else if (step.do === 'disconnect' && broker.isConnected) setting.disconnect();
  else if (step.do === 'ask') publisher.ask(false);
  else if (step.do === 'askAll') publisher.ask(true);
  else if (step.do === 'wipe') broker.wipe();
  else if (step.do === 'mode') broker.mode = step.mode;
  else if (step.do === 'well') broker.resume(step.isLost);
  await clock.pass(0);
}

test('whatever happens, 5 s after all is well what is kept is true, and nothing was sent twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (all, chances) => {
        const setting = new Setting(() => chances.next().value as number);
        setting.connect();
        await setting.clock.pass(1000);
        for (const step of all) await take(setting, step);
        // A reader that finds no snapshot asks, as all readers do that come new.
        setting.broker.resume(true);
        if (!setting.broker.isConnected) setting.connect();
        await setting.clock.pass(5000);
        if (namesOf(setting.broker.kept()) === null) setting.publisher.ask(false);
        await setting.clock.pass(5000);
        setting.requireTruth();

        let last = 0;
        for (const { first, last: end } of setting.deltas()) {
          assert.ok(first > last, `events from ${first} on were sent once more after ${last}`);
          last = end;
        }
      },
    ),
    { numRuns: modelRuns(600) },
  );
});

test('the first event goes at once, those after it gather for 250 ms', async () => {
  const setting = new Setting();
  setting.connect();
  await setting.clock.pass(1000);
  for (let n = 0; n < 100; n++) {
    setting.happen(1);
    await setting.clock.pass(10);
  }
  await setting.clock.pass(250);
  const deltas = setting.deltas();
  assert.equal(deltas[0]?.first, 1);
  assert.equal(deltas[0]?.last, 1);
  assert.equal(deltas[0]?.sent, 1000);
  assert.equal(deltas.at(-1)?.last, 100);
  // Half a ring of 8 is not waited for.
  assert.ok(deltas.every(({ first, last }) => last - first < 8));
  setting.requireTruth();
});

test('at most one delta goes in 250 ms while the ring has room', async () => {
  const setting = new Setting(() => 0.5, { events: 10_000, bytes: 10_000_000 });
  setting.connect();
  await setting.clock.pass(1000);
  for (let n = 0; n < 500; n++) {
    setting.happen(3);
    await setting.clock.pass(10);
  }
  const times = setting.deltas().map(({ sent }) => sent);
  for (const [at, time] of times.entries())
    if (at > 0) assert.ok(time - (times[at - 1] as number) >= 250, `${times[at - 1]} and ${time}`);
  assert.ok(times.length >= 19, `${times.length} in 5 s`);
  await setting.clock.pass(250);
  setting.requireTruth();
});

test('heads come each 15 s, give or take a fifth, and a snapshot within 10 minutes', async () => {
  let chance = 0;
  const setting = new Setting(() => (chance = (chance + 0.37) % 1));
  setting.connect();
  await setting.clock.pass(1_800_000);
  const heads = setting.broker.sent.filter(({ lane }) => lane === 'heads').map(({ sent }) => sent);
  for (const [at, time] of heads.entries()) {
    if (at === 0) continue;
    const gap = time - (heads[at - 1] as number);
    assert.ok(gap >= 12_000 && gap <= 18_000, `${gap} ms`);
  }
  const snapshots = setting.snapshots();
  assert.ok(snapshots.length >= 4, `${snapshots.length} in half an hour`);
  for (const [at, time] of snapshots.entries())
    if (at > 0) assert.ok(time - (snapshots[at - 1] as number) <= 600_000);
});

test('however many ask, snapshots are 2 s apart', async () => {
  const setting = new Setting();
  setting.connect();
  for (let n = 0; n < 1000; n++) {
    setting.publisher.ask(n % 2 === 0);
    await setting.clock.pass(10);
  }
  const times = setting.snapshots();
  assert.ok(times.length >= 4 && times.length <= 6, `${times.length} in 10 s`);
  for (const [at, time] of times.entries()) if (at > 0) assert.ok(time - (times[at - 1] as number) >= 2000);
});

test('a snapshot that is asked for comes after the deltas before it', async () => {
  const setting = new Setting(() => 0.5, { events: 10_000, bytes: 10_000_000 });
  setting.connect();
  await setting.clock.pass(5000);
  setting.happen(1);
  await setting.clock.pass(10);
  setting.happen(3);
  setting.publisher.ask(false);
  await setting.clock.pass(0);
  const lanes = setting.broker.sent.map(({ lane }) => lane);
  assert.deepEqual(lanes.slice(-4), ['deltas-0', 'deltas-0', 'heads', 'snapshots']);
  assert.equal(setting.broker.kept().snapshot?.seq, 4);
  assert.deepEqual(setting.resyncs, []);
});

test('a server that stands still is sent one delta, and then heads alone', async () => {
  const setting = new Setting();
  setting.connect();
  await setting.clock.pass(5000);
  const before = setting.broker.sent.length;
  setting.broker.mode = 'stalled';
  for (let n = 0; n < 60; n++) {
    setting.happen(5);
    await setting.clock.pass(1000);
  }
  const lanes = setting.broker.sent.slice(before).map(({ lane }) => lane);
  assert.deepEqual(new Set(lanes), new Set(['deltas-0', 'heads']));
  assert.equal(lanes.filter((lane) => lane === 'deltas-0').length, 1);
  assert.ok(lanes.length <= 2 + 60 / 1.6, `${lanes.length} messages`);
  setting.broker.resume(false);
  await setting.clock.pass(5000);
  setting.requireTruth();
  assert.deepEqual(setting.resyncs, ['timeout']);
});

test('a storm that is longer than the ring: a snapshot each 2 s at most, and the truth after it', async () => {
  const setting = new Setting();
  setting.connect();
  await setting.clock.pass(5000);
  for (let n = 0; n < 1000; n++) {
    setting.happen(20);
    await setting.clock.pass(10);
  }
  const { length } = setting.snapshots();
  assert.ok(length <= 8, `${length} snapshots in 15 s`);
  assert.ok(setting.resyncs.includes('overflow'));
  await setting.clock.pass(5000);
  setting.requireTruth();
});

test('so many events that a new reader had much to read: a snapshot is made', async () => {
  const setting = new Setting(() => 0.5, { events: 10_000, bytes: 10_000_000 });
  setting.connect();
  await setting.clock.pass(5000);
  assert.equal(setting.snapshots().length, 1);
  while (setting.publisher.feed.ring.total < 300_000) {
    setting.happen(10);
    await setting.clock.pass(20);
  }
  await setting.clock.pass(10_000);
  assert.equal(setting.snapshots().length, 2);
});
