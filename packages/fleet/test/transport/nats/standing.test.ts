import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standing } from '../../../src/transport/nats/standing.ts';
import { ManualClock } from '../../support/manual-clock.ts';

test('a state is told at once, another reason when it has lasted', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const standing = new Standing(clock, (state, reason) => told.push(`${state} ${reason}`));
  standing.is('not connected');
  standing.is('on its way');
  standing.is(null);
  standing.is(null);
  assert.ok(standing.isLive);
  await clock.pass(1000);
  standing.is('lost');
  assert.ok(!standing.isLive);
  standing.is('one');
  await clock.pass(200);
  standing.is('two');
  await clock.pass(100);
  standing.is('three');
  standing.is('two');
  await clock.pass(1000);
  standing.is('four');
  standing.stop();
  await clock.pass(1000);
  assert.deepEqual(told, ['connecting not connected', 'live null', 'stale lost', 'stale two']);
});

test('a reason that did not last is not told after the next state', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const standing = new Standing(clock, (state, reason) => told.push(`${state} ${reason}`));
  standing.is('one');
  standing.is('two');
  await clock.pass(200);
  standing.is(null);
  standing.is('three');
  standing.is('four');
  await clock.pass(200);
  assert.deepEqual(told, ['connecting one', 'live null', 'stale three']);
  await clock.pass(50);
  assert.deepEqual(told.slice(3), ['stale four']);
});
