/** What is done again after a while: full reads after losses, full reads for once, ends without a pair. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LossBackoff } from '../../../src/watch/links/loss-backoff.ts';
import { Reread } from '../../../src/watch/links/reread.ts';
import { UnpairedRetry } from '../../../src/watch/links/unpaired-retry.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { end, facts, TestGraph } from './support/graph-parts.ts';

test('losses one after the other are made up for more and more slowly, and no slower than that', () => {
  const clock = new FakeClock();
  const losses = new LossBackoff(() => clock.now());
  assert.equal(losses.isRepeated, false);
  const delays = Array.from({ length: 8 }, () => {
    const delay = losses.nextDelay();
    clock.advance(delay + 100);
    return delay;
  });
  assert.deepEqual(delays, [0, 250, 500, 1000, 2000, 4000, 5000, 5000]);
  assert.equal(losses.isRepeated, true);
});

test('after a while without a loss the next one is the first', () => {
  const clock = new FakeClock();
  const losses = new LossBackoff(() => clock.now());
  losses.nextDelay();
  assert.equal(losses.isRepeated, false);
  assert.equal(losses.nextDelay(), 250);
  clock.advance(10_250);
  assert.equal(losses.isRepeated, true);
  clock.advance(1);
  assert.equal(losses.isRepeated, false);
  assert.equal(losses.nextDelay(), 0);
  assert.equal(losses.isRepeated, false);
});

test('all is in doubt every five minutes, until it is closed', () => {
  const clock = new FakeClock();
  const parts = new TestGraph();
  const namespaces = [parts.namespace(1, facts(5)), parts.namespace(2)];
  let due = 0;
  const reread = new Reread(parts.graph, clock, () => due++);
  reread.start();
  clock.advance(299_999);
  assert.deepEqual([due, parts.graph.unread.size], [0, 0]);
  clock.advance(1);
  assert.deepEqual([due, [...parts.graph.unread]], [1, namespaces]);
  clock.advance(600_000);
  assert.equal(due, 3);
  reread.close();
  assert.equal(clock.timers, 0);
});

test('an end that has no pair is asked for once more, for each end that it leads to', () => {
  const clock = new FakeClock();
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6), facts(7), end(8, null, 0));
  parts.namespace(2);
  const { graph } = parts;
  let due = 0;
  const retry = new UnpairedRetry(graph, clock, () => due++);
  const tell = (): void => {
    const touched = [...graph.touched];
    parts.publish();
    retry.add(touched);
  };
  parts.dirty();
  tell();
  assert.equal(clock.timers, 1);
  clock.advance(100);
  assert.deepEqual([due, parts.dirty()], [1, ['1:5']]);
  // The answer is the same.
  graph.take(one, 5, end(5, 2, 6));
  tell();
  assert.equal(clock.timers, 0);
  // It leads elsewhere.
  graph.take(one, 5, end(5, 2, 9));
  parts.dirty();
  tell();
  clock.advance(100);
  assert.deepEqual([due, parts.dirty()], [2, ['1:5']]);
  // It is gone meanwhile.
  graph.take(one, 5, end(5, 2, 10));
  tell();
  graph.take(one, 5, null);
  parts.dirty();
  clock.advance(100);
  assert.deepEqual([due, parts.dirty()], [3, []]);
  retry.close();
});
