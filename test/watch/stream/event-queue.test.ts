/**
 * The bounded queue between a watcher and its consumer: order, bounds, who waits, and how it ends.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EventQueue } from '../../../src/watch/stream/event-queue.ts';

/** A queue that counts how often it asked for more. */
function queue(capacity: number): { queue: EventQueue<number>; asked: () => number } {
  let count = 0;
  const made = new EventQueue<number>(capacity, () => count++);
  return { queue: made, asked: () => count };
}

/** What the promise is by now: promise jobs have run. */
async function stateOf(promise: Promise<number | undefined>): Promise<string> {
  const waiting = new Promise<string>((resolve) => {
    setImmediate(resolve, 'waiting');
  });
  return Promise.race([
    promise.then(
      (value) => `${value}`,
      (error: Error) => error.message,
    ),
    waiting,
  ]);
}

test('gives events in order, and holds no more than its capacity', () => {
  const { queue: events } = queue(2);
  assert.equal(events.take(), undefined);
  assert.equal(events.hasRoom, true);
  assert.equal(events.push(1), false);
  assert.equal(events.hasRoom, true);
  assert.equal(events.push(2), false);
  assert.equal(events.hasRoom, false);
  assert.equal(events.size, 2);
  assert.equal(events.take(), 1);
  assert.equal(events.hasRoom, true);
  assert.equal(events.take(), 2);
  assert.equal(events.take(), undefined);
  assert.equal(events.size, 0);
});

test('serves waiting calls in order, each of which makes room of its own', async () => {
  const { queue: events, asked } = queue(1);
  const [first, second] = [events.recv(), events.recv()];
  assert.equal(asked(), 2);
  assert.equal(events.hasRoom, true);
  assert.equal(events.push(1), true);
  assert.equal(events.push(2), true);
  assert.equal(events.push(3), false);
  assert.equal(events.hasRoom, false);
  assert.equal(events.size, 1);
  assert.deepEqual([await first, await second, await events.recv()], [1, 2, 3]);
});

test('asks for more when half of the room is free, not at each event', () => {
  for (const [capacity, free] of [
    [1, 1],
    [2, 1],
    [3, 2],
    [100, 50],
  ] as const) {
    const { queue: events, asked } = queue(capacity);
    for (let event = 0; event < capacity; event++) events.push(event);
    for (let taken = 1; taken <= capacity; taken++) {
      events.take();
      assert.equal(asked(), taken >= free ? 1 : 0, `${taken} of ${capacity} taken`);
    }
  }
});

test('can be refilled while it asks for more', () => {
  let next = 0;
  const events = new EventQueue<number>(2, () => {
    while (events.hasRoom) events.push(next++);
  });
  events.push(next++);
  events.push(next++);
  for (let wanted = 0; wanted < 1000; wanted++) assert.equal(events.take(), wanted);
});

test('ends calls that wait, and later ones', async () => {
  const { queue: events } = queue(1);
  const [first, second] = [events.recv(), events.recv()];
  events.end(null, true);
  assert.deepEqual([await first, await second, await events.recv()], [undefined, undefined, undefined]);
  assert.equal(events.take(), undefined);
  assert.equal(events.hasRoom, false);
});

test('rejects the first call that waits with the error of the end, once', async () => {
  const { queue: events } = queue(1);
  const [first, second] = [events.recv(), events.recv()];
  events.end(new Error('broken'), true);
  await assert.rejects(first, /broken/);
  assert.equal(await second, undefined);
  assert.equal(await events.recv(), undefined);
});

test('rejects with the error of the end once, after the events before it', async () => {
  const { queue: events, asked } = queue(4);
  for (const event of [1, 2]) events.push(event);
  events.end(new Error('broken'), true);
  assert.equal(await events.recv(), 1);
  assert.equal(events.take(), 2);
  assert.equal(events.take(), undefined);
  await assert.rejects(events.recv(), /broken/);
  assert.equal(await events.recv(), undefined);
  assert.equal(asked(), 0);
});

test('drops events at an end that does not keep them, but not the error', async () => {
  const { queue: events } = queue(4);
  events.push(1);
  events.end(new Error('broken'), false);
  assert.equal(events.size, 0);
  await assert.rejects(events.recv(), /broken/);
  assert.equal(await events.recv(), undefined);
});

test('keeps the first end; a later one may drop the events', async () => {
  const { queue: events } = queue(4);
  events.push(1);
  events.end(new Error('first'), true);
  events.end(new Error('second'), true);
  assert.equal(events.size, 1);
  events.end(null, false);
  assert.equal(events.size, 0);
  assert.equal(await events.recv(), undefined);
});

test('gives each event once and in order, and never holds more than its capacity', async () => {
  const step = fc.constantFrom('push', 'push', 'push', 'take', 'recv');
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 4 }),
    fc.array(step),
    async (capacity, steps) => {
      const { queue: events } = queue(capacity);
      const received: Promise<number | undefined>[] = [];
      const taken: number[] = [];
      let [pushed, waiting] = [0, 0];
      for (const each of steps) {
        const size = events.size;
        assert.equal(events.hasRoom, waiting > 0 || size < capacity);
        if (each === 'push' && events.hasRoom) {
          assert.equal(events.push(pushed++), waiting > 0);
          waiting = Math.max(0, waiting - 1);
        } else if (each === 'recv') {
          if (size === 0) waiting++;
          received.push(events.recv());
        } else if (each === 'take' && waiting === 0) {
          const event = events.take();
          if (event !== undefined) taken.push(event);
        }
        assert.ok(events.size <= capacity);
      }
      events.end(null, false);
      for (const event of await Promise.all(received)) if (event !== undefined) taken.push(event);
      // What was dropped at the end was pushed last.
      assert.deepEqual(
        taken.sort((a, b) => a - b),
        Array.from({ length: taken.length }, (_, index) => index),
      );
    },
  );
  await fc.assert(property, { numRuns: 500 });
});

test('leaves a recv pending until there is an event', async () => {
  const { queue: events } = queue(1);
  const promise = events.recv();
  assert.equal(await stateOf(promise), 'waiting');
  events.push(5);
  assert.equal(await stateOf(promise), '5');
});
