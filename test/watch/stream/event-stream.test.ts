/**
 * What a stream makes of its engine, where that is not plain from the watchers: an engine that
 * never wakes it.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { EventStream } from '../../../src/watch/stream/event-stream.ts';
import type { EventEngine } from '../../../src/watch/stream/event-stream.ts';
import { within } from '../../support/wait.ts';

/** Has events from the start. */
class Engine implements EventEngine<string> {
  readonly ended = false;
  readonly #events: string[];

  constructor(...events: string[]) {
    this.#events = events;
  }

  next(): string | undefined {
    return this.#events.shift();
  }

  pause(): void {}
  resume(): void {}
  ref(): void {}
  unref(): void {}
  async close(): Promise<void> {}
}

class Stream extends EventStream<string> {
  constructor(engine: Engine) {
    super({ bufferSize: 2, signal: undefined }, () => engine);
  }
}

// Fails if a watcher that had something to tell when it was opened is silent until something else
// happens.
test('what an engine has to tell at the start is told without a wake', async () => {
  const stream = new Stream(new Engine('a', 'b', 'c', 'd'));
  const told: (string | undefined)[] = [];
  for (let count = 0; count < 4; count++) told.push(await within('an event', stream.recv()));
  assert.deepEqual(told, ['a', 'b', 'c', 'd']);
  await stream.stop();
});

test('the same by iteration', async () => {
  const told: string[] = [];
  for await (const event of new Stream(new Engine('a', 'b', 'c'))) {
    told.push(event);
    if (event === 'c') break;
  }
  assert.deepEqual(told, ['a', 'b', 'c']);
});
