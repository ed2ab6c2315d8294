import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../src/agent/backoff.ts';

test('ever longer up to 3 s, or less where that is said; from the start after a success', () => {
  const backoff = new Backoff(() => 0.5);
  const pauses = Array.from({ length: 7 }, () => Math.round(backoff.next()));
  assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 3000, 3000]);
  assert.equal(backoff.next(1500), 1500);
  for (let n = 0; n < 2000; n++) assert.ok(backoff.next() <= 3000);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});

test('a fifth of it is left to chance', () => {
  assert.equal(new Backoff(() => 0).next(), 80);
  assert.equal(Math.round(new Backoff(() => 1).next()), 120);
});
