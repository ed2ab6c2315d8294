/** The phases of an event stream, over an engine whose events and wakes are the test's. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { EventStream } from '../../../src/watch/stream/event-stream.ts';
import type { EventEngine, StreamStats } from '../../../src/watch/stream/event-stream.ts';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { within } from '../../support/wait.ts';

class Engine implements EventEngine<string> {
  ended = false;
  hasJobs = false;
  failure: Error | null = null;
  /** What the stream called, and how often it asked for an event. */
  readonly calls: string[] = [];
  asked = 0;
  wake: () => void = () => {};
  readonly #events: string[];

  /** Has these events from the start. */
  constructor(...events: string[]) {
    this.#events = events;
  }

  /** Has more events, and wakes the stream. */
  bring(...events: string[]): void {
    this.#events.push(...events);
    this.wake();
  }

  next(): string | undefined {
    this.asked++;
    const event = this.#events.shift();
    if (event === undefined && this.failure !== null) throw this.failure;
    return event;
  }

  recheck(): void {
    this.calls.push('recheck');
  }
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  ref(): void {
    this.calls.push('ref');
  }
  unref(): void {
    this.calls.push('unref');
  }
  async close(): Promise<void> {
    this.calls.push('close');
  }
}

class Stream extends EventStream<string> {
  readonly engine: Engine;

  constructor(engine: Engine, bufferSize = 2, signal?: AbortSignal, atStart: () => void = () => {}) {
    super({ bufferSize, signal }, (wake) => {
      engine.wake = wake;
      atStart();
      return engine;
    });
    this.engine = engine;
  }

  get stats(): StreamStats {
    return this.streamStats;
  }
}

// Fails if a watcher that had events when it was opened is silent until something else happens.
test('emits what an engine has at the start without a wake', async () => {
  const stream = new Stream(new Engine('a', 'b', 'c', 'd'));
  const taken: (string | undefined)[] = [];
  for (let count = 0; count < 4; count++) taken.push(await within('an event', stream.recv()));
  assert.deepEqual(taken, ['a', 'b', 'c', 'd']);
  await stream.stop();
});

test('iterates over what an engine has at the start', async () => {
  const taken: string[] = [];
  for await (const event of new Stream(new Engine('a', 'b', 'c'))) {
    taken.push(event);
    if (event === 'c') break;
  }
  assert.deepEqual(taken, ['a', 'b', 'c']);
});

// Whatever an engine starts with may have found something while it was opened.
test('a wake while the engine starts is passed over', async () => {
  const engine = new Engine();
  const stream = new Stream(engine, 2, undefined, () => engine.bring('a'));
  assert.equal(await within('an event', stream.recv()), 'a');
  await stream.stop();
});

test('idle: asks the engine again only after a wake, or for tryRecv', async () => {
  const stream = new Stream(new Engine());
  const { engine } = stream;
  assert.equal(stream.tryRecv(), undefined);
  const { asked } = engine;
  const waiting = stream.recv();
  assert.equal(engine.asked, asked);
  engine.bring('a');
  assert.equal(await waiting, 'a');
  assert.equal(stream.tryRecv(), undefined);
  assert.ok(engine.asked > asked);
});

test('full: counts a pause, and fills up again once half of the room is free', () => {
  const stream = new Stream(new Engine(), 4);
  stream.engine.bring('a', 'b', 'c', 'd', 'e', 'f');
  assert.deepEqual(stream.stats, { events: 4, buffered: 4, pauses: 1, paused: true });
  assert.equal(stream.tryRecv(), 'a');
  assert.deepEqual(stream.stats, { events: 4, buffered: 3, pauses: 1, paused: true });
  assert.equal(stream.tryRecv(), 'b');
  assert.deepEqual(stream.stats, { events: 6, buffered: 4, pauses: 2, paused: true });
});

test('full at a wake: pauses the engine, and resumes it when it has no more events', () => {
  const stream = new Stream(new Engine(), 2);
  const { engine } = stream;
  engine.bring('a', 'b', 'c');
  assert.deepEqual(engine.calls, ['pause']);
  assert.equal(stream.tryRecv(), 'a');
  assert.equal(stream.tryRecv(), 'b');
  assert.deepEqual(engine.calls, ['pause', 'resume']);
  assert.equal(stream.tryRecv(), 'c');
  assert.equal(stream.stats.paused, false);
});

test('full: a wake does not count as another pause', () => {
  const stream = new Stream(new Engine(), 1);
  stream.engine.bring('a', 'b');
  stream.engine.wake();
  assert.equal(stream.stats.pauses, 1);
});

test('gives the event loop a turn after 2048 events for a consumer that keeps up', async () => {
  const stream = new Stream(new Engine(), 4096);
  stream.engine.bring(...Array.from({ length: 3000 }, String));
  assert.equal(stream.stats.events, 2048);
  await setImmediate();
  await setImmediate();
  assert.equal(stream.stats.events, 3000);
  await stream.stop();
});

test('stop: drops events, ends calls, closes the engine once', async () => {
  const stream = new Stream(new Engine());
  const waiting = [stream.recv(), stream.recv()];
  await stream.stop();
  await stream.stop();
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
  stream.engine.bring('a');
  stream.ref();
  stream.unref();
  assert.equal(await stream.recv(), undefined);
  assert.deepEqual(stream.engine.calls, ['close']);
});

test('an error of the engine is thrown once, after the events before it', async () => {
  const engine = new Engine('a');
  engine.failure = new Error('gone');
  const stream = new Stream(engine);
  assert.equal(await stream.recv(), 'a');
  await assert.rejects(stream.recv(), engine.failure);
  assert.equal(await stream.recv(), undefined);
  assert.deepEqual(engine.calls, ['close']);
});

test('an engine that has ended ends the stream after its events', async () => {
  const stream = new Stream(new Engine());
  stream.engine.ended = true;
  stream.engine.bring('a', 'b');
  assert.deepEqual([await stream.recv(), await stream.recv(), await stream.recv()], ['a', 'b', undefined]);
  assert.ok(stream.engine.calls.includes('close'));
});

test('abort: rejects the call that waits, and drops events', async () => {
  const abort = new AbortController();
  const stream = new Stream(new Engine(), 2, abort.signal);
  const waiting = stream.recv();
  abort.abort();
  await assert.rejects(waiting, { code: 'ABORT_ERR' });
  assert.equal(await stream.recv(), undefined);
  assert.throws(() => new Stream(new Engine(), 2, abort.signal), { code: 'ABORT_ERR' });
});

test('a second iteration is refused', async () => {
  const stream = new Stream(new Engine());
  stream[Symbol.asyncIterator]();
  assert.throws(() => stream[Symbol.asyncIterator](), { code: 'ERR_NLINK_CONSUMER' });
  await stream.stop();
});

for (const watcher of [NamespaceWatcher, NamespaceEventSubscriber, UnifiedNamespaceWatcher])
  test(`new ${watcher.name}, as JavaScript may write it, is refused with what to do instead`, () => {
    const refusal = { name: 'TypeError', message: 'a watcher is made by open(), not by new' };
    assert.throws(() => Reflect.construct(watcher, []) as unknown, refusal);
  });
