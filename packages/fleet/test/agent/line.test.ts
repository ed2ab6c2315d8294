/** Orders and endings of what is published, step by step; the whole by chance: host-publisher.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Setting } from './support/setting.ts';

const WIDE = { events: 20_000, bytes: 20_000_000 };

async function settled(ring = WIDE): Promise<Setting> {
  const setting = new Setting(() => 0.5, ring);
  setting.connect();
  await setting.clock.pass(5000);
  setting.lanes();
  return setting;
}

test('more events than one delta takes go one after the other, at once', async () => {
  const setting = await settled();
  setting.happen(9000);
  await setting.clock.pass(0);
  const deltas = setting.deltas();
  assert.ok(deltas.length >= 3 && deltas.every(({ sent }) => sent === 5000));
  setting.requireTruth();
});

test('a snapshot in several parts is kept when each of them is', async () => {
  const setting = await settled();
  const noise = (): string => Math.random().toString(36).slice(2, 12).padEnd(10, 'x');
  setting.host.create(...Array.from({ length: 5000 }, () => Array.from({ length: 23 }, noise).join('-')));
  setting.happen(0);
  await setting.clock.pass(10);
  setting.lanes();
  setting.publisher.ask(false);
  await setting.clock.pass(0);
  const [head, ...parts] = setting.lanes();
  assert.equal(head, 'heads');
  assert.ok(parts.length >= 2 && parts.every((lane) => lane === 'snapshots'), String(parts));
  setting.requireTruth();
  assert.equal(setting.broker.kept().snapshot?.seq, 5000);
});

test('over a new connection nothing large is sent before something was answered', async () => {
  const setting = await settled();
  setting.broker.mode = 'stalled';
  setting.happen(1);
  await setting.clock.pass(10);
  assert.deepEqual(setting.lanes(), ['deltas-0']);
  setting.disconnect();
  setting.connect();
  await setting.clock.pass(20_000);
  assert.deepEqual(new Set(setting.lanes()), new Set(['heads']));
  setting.broker.resume(false);
  await setting.clock.pass(5000);
  assert.ok(setting.lanes().includes('snapshots'));
});

test('an answer that comes after the connection was lost counts for nothing', async () => {
  const setting = await settled();
  setting.broker.mode = 'stalled';
  setting.happen(1);
  await setting.clock.pass(10);
  setting.disconnect();
  setting.connect();
  setting.broker.mode = 'well';
  setting.happen(2);
  // The delta is kept late, and says so, while a head of the new connection is on its way.
  setting.broker.resume(false);
  assert.deepEqual(setting.resyncs, ['timeout']);
  await setting.clock.pass(1000);
  assert.deepEqual(setting.lanes(), ['deltas-0', 'heads', 'snapshots']);
  setting.requireTruth();
});

test('a snapshot that was due and was refused is due again', async () => {
  const setting = await settled();
  setting.publisher.ask(false);
  setting.broker.mode = 'refusing';
  await setting.clock.pass(10);
  assert.deepEqual(setting.lanes(), ['heads', 'snapshots']);
  setting.broker.resume(false);
  await setting.clock.pass(5000);
  assert.equal(setting.lanes().filter((lane) => lane === 'snapshots').length, 1);
});

test('a stream of deltas that was made anew: a snapshot has what was in it', async () => {
  const setting = await settled();
  setting.happen(3);
  await setting.clock.pass(1000);
  setting.broker.remake('deltas-0');
  setting.lanes();
  setting.happen(1);
  await setting.clock.pass(2000);
  // One head for the readers, and one to see whether anybody answers.
  assert.deepEqual(setting.lanes(), ['deltas-0', 'heads', 'heads', 'snapshots']);
  setting.requireTruth();
});

test('at the end what remains is sent, then a goodbye, and nothing after it', async () => {
  const setting = await settled();
  setting.happen(1);
  await setting.clock.pass(10);
  setting.happen(2);
  setting.lanes();
  let isDone = false;
  const finishing = setting.publisher.finish(2000).then(() => (isDone = true));
  await setting.clock.pass(0);
  assert.ok(isDone);
  await finishing;
  assert.deepEqual(setting.lanes(), ['deltas-0', 'heads']);
  const { head } = setting.broker.kept();
  assert.deepEqual([head?.bye, head?.seq], [true, 3]);
  await setting.clock.pass(60_000);
  assert.deepEqual(setting.lanes(), []);
});

test('at the end what is refused is not waited for, and what is not answered no longer than told', async () => {
  const refused = await settled();
  refused.broker.mode = 'refusing';
  let isDone = false;
  refused.happen(1);
  refused.happen(2);
  void refused.publisher.finish(2000).then(() => (isDone = true));
  await refused.clock.pass(0);
  assert.ok(isDone);
  const silent = await settled();
  silent.broker.mode = 'stalled';
  silent.happen(1);
  isDone = false;
  void silent.publisher.finish(2000).then(() => (isDone = true));
  await silent.clock.pass(3999);
  assert.equal(isDone, false);
  await silent.clock.pass(1);
  assert.ok(isDone);
});
