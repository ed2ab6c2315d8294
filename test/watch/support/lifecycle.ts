/**
 * The ways in which any stream of events starts and ends, as tests: whichever it is, everything is
 * freed, whoever waits is told once, and nothing comes after the end. A rejection that nobody takes
 * fails the test in which it happens.
 */
import { strict as assert } from 'node:assert';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { EventStream, StreamStats } from '../../../src/watch/stream/event-stream.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import type { Storm } from '../../support/storm.ts';
import { waitFor, within } from '../../support/wait.ts';

type Stream<E> = EventStream<E> & { stats(): StreamStats };

/** A kind of stream, and a place that it watches and where nothing has happened yet. */
export interface Subject<E> {
  open(options?: { bufferSize?: number; signal?: AbortSignal }): Promise<Stream<E>>;
  /**
   * Makes something happen that every open stream tells by one event. @returns that event in brief
   */
  happen(): Promise<string>;
  brief(event: E): string;
  /** Makes things happen all the time. */
  storm(): Storm;
  /** Opens one in the storm, each round in another way. */
  openInStorm(round: number): Promise<Stream<E>>;
  /** What else shows whether it is open. */
  isOpen?(stream: Stream<E>): boolean;
}

const ABORTED = { name: 'AbortError', code: 'ABORT_ERR' };

/** Enough turns of the event loop for anything that is still under way. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setTimeout(2);
}

/** @param prepare gives each test a subject of its own */
export function testLifecycle<E>(prepare: (t: TestContext) => Promise<Subject<E>>): void {
  /**
   * A test with a subject of which one was open before, so that what is opened once for all (koffi,
   * epoll of the process) is.
   */
  const lifecycle = (name: string, body: (subject: Subject<E>, t: TestContext) => Promise<void>): void => {
    test(name, async (t) => {
      const subject = await prepare(t);
      await (await subject.open()).stop();
      await body(subject, t);
    });
  };

  async function next(subject: Subject<E>, stream: Stream<E>): Promise<string> {
    const event = await within('an event', stream.recv());
    return event === undefined ? 'end' : subject.brief(event);
  }

  /** Fails unless the stream has ended and says so whoever asks. */
  async function checkEnded(subject: Subject<E>, stream: Stream<E>): Promise<void> {
    assert.equal(stream.tryRecv(), undefined);
    assert.equal(await within('the end', stream.recv()), undefined);
    assert.equal(stream.stats().buffered, 0);
    if (subject.isOpen !== undefined) assert.equal(subject.isOpen(stream), false);
  }

  /** A loop that fails if it is told anything. */
  async function loop(subject: Subject<E>, stream: Stream<E>): Promise<void> {
    for await (const event of stream) assert.fail(subject.brief(event));
  }

  lifecycle('two at once: each is told all, and one goes on without the other', async (subject, t) => {
    const one = await subject.open();
    const two = await subject.open({ bufferSize: 1 });
    t.after(() => Promise.all([one.stop(), two.stop()]));
    const first = await subject.happen();
    for (const stream of [one, two]) assert.equal(await next(subject, stream), first);
    await one.stop();
    for (const expected of [await subject.happen(), await subject.happen()])
      assert.equal(await next(subject, two), expected);
    await checkEnded(subject, one);
  });

  // Fails if stop leaves a descriptor open, or if a stream tells what happened before it.
  lifecycle('a hundred opened and stopped in a row, each with an event', async (subject) => {
    await withoutLeak(async () => {
      for (let round = 0; round < 100; round++) {
        const stream = await subject.open();
        assert.equal(stream.tryRecv(), undefined);
        const expected = await subject.happen();
        assert.equal(await next(subject, stream), expected);
        await stream.stop();
      }
    });
  });

  lifecycle('twenty open at once', async (subject) => {
    await withoutLeak(async () => {
      const streams = await Promise.all(Array.from({ length: 20 }, () => subject.open()));
      const expected = await subject.happen();
      for (const stream of streams) {
        assert.equal(await next(subject, stream), expected);
        assert.equal(stream.tryRecv(), undefined);
      }
      await Promise.all(streams.map((stream) => stream.stop()));
    });
  });

  lifecycle('break, return and an exception in a loop free everything', async (subject) => {
    const ways: (() => 'break' | 'return')[] = [
      () => 'break',
      () => 'return',
      () => {
        throw new Error('thrown in the loop');
      },
    ];
    const consume = async (stream: Stream<E>, way: (typeof ways)[0]): Promise<void> => {
      for await (const _ of stream) {
        if (way() === 'return') return;
        break;
      }
    };
    for (const [round, way] of ways.entries()) {
      await withoutLeak(async () => {
        const stream = await subject.open();
        await subject.happen();
        const consumed = within('the loop', consume(stream, way));
        if (round === 2) await assert.rejects(consumed, /thrown in the loop/);
        else await consumed;
        await checkEnded(subject, stream);
      });
    }
  });

  lifecycle('await using frees everything', async (subject) => {
    let kept: Stream<E> | undefined;
    await withoutLeak(async () => {
      await using stream = await subject.open();
      kept = stream;
      if (subject.isOpen !== undefined) assert.equal(subject.isOpen(stream), true);
    });
    assert.ok(kept);
    await checkEnded(subject, kept);
  });

  lifecycle('abort while recv waits: it rejects, and those after it end', async (subject) => {
    await withoutLeak(async () => {
      const controller = new AbortController();
      const stream = await subject.open({ signal: controller.signal });
      const [first, second] = [stream.recv(), stream.recv()];
      controller.abort(new Error('enough'));
      await assert.rejects(first, { ...ABORTED, cause: new Error('enough') });
      assert.equal(await second, undefined);
      await checkEnded(subject, stream);
    });
  });

  lifecycle('abort while a loop waits: the loop rejects', async (subject) => {
    await withoutLeak(async () => {
      const controller = new AbortController();
      const stream = await subject.open({ signal: controller.signal });
      const looping = loop(subject, stream);
      await someTurns();
      controller.abort();
      await assert.rejects(within('the loop', looping), ABORTED);
    });
  });

  // Events that still wait are dropped, as the program asked for an end.
  lifecycle('abort while nobody waits: the next recv rejects, once', async (subject) => {
    const controller = new AbortController();
    const stream = await subject.open({ signal: controller.signal });
    await subject.happen();
    await waitFor('an event that waits', () => stream.stats().buffered > 0);
    controller.abort();
    assert.equal(stream.tryRecv(), undefined);
    await assert.rejects(stream.recv(), ABORTED);
    await checkEnded(subject, stream);
  });

  lifecycle('a signal that was aborted before: opening rejects, and nothing is opened', async (subject) => {
    await withoutLeak(async () => {
      const opening = subject.open({ signal: AbortSignal.abort('reason') });
      await assert.rejects(opening, { ...ABORTED, cause: 'reason' });
    });
  });

  lifecycle('a signal that is aborted while it opens: rejects, or ends at once', async (subject) => {
    await withoutLeak(async () => {
      const controller = new AbortController();
      const opening = subject.open({ signal: controller.signal });
      controller.abort();
      // Whether it was open by then is the stream's own business.
      await assert.rejects(async () => (await opening).recv(), ABORTED);
    });
  });

  // Fails if each stream leaves a listener on a signal that outlives it.
  lifecycle('a signal is let go of when it has stopped', async (subject) => {
    const { signal } = new AbortController();
    const stream = await subject.open({ signal });
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    await stream.stop();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  lifecycle('stop while recv waits: all end with undefined, and it can be called again', async (subject) => {
    await withoutLeak(async () => {
      const stream = await subject.open();
      const waiting = [stream.recv(), stream.recv(), stream.recv()];
      await stream.stop();
      assert.deepEqual(await within('the end', Promise.all(waiting)), [undefined, undefined, undefined]);
      await stream.stop();
      await stream[Symbol.asyncDispose]();
      stream.ref();
      stream.unref();
      await checkEnded(subject, stream);
    });
  });

  // Fails if a wake that is under way reaches a stream that has stopped: its descriptor is closed,
  // or somebody else's by now.
  lifecycle('stop in the middle of a storm: nothing comes after', async (subject) => {
    const storm = subject.storm();
    try {
      await withoutLeak(async () => {
        for (let round = 0; round < 20; round++) {
          const stream = await subject.openInStorm(round);
          for (let taken = 0; taken < 10 * round; taken++) await next(subject, stream);
          const { events } = stream.stats();
          await stream.stop();
          await someTurns();
          await checkEnded(subject, stream);
          assert.equal(stream.stats().events, events);
        }
      });
    } finally {
      await storm.end();
    }
  });

  lifecycle('calls of recv are served in order', async (subject, t) => {
    const stream = await subject.open({ bufferSize: 1 });
    t.after(() => stream.stop());
    const calls = Array.from({ length: 20 }, () => next(subject, stream));
    const expected: string[] = [];
    while (expected.length < calls.length) expected.push(await subject.happen());
    assert.deepEqual(await Promise.all(calls), expected);
  });

  lifecycle('a second consumer is refused', async (subject, t) => {
    const stream = await subject.open();
    t.after(() => stream.stop());
    const first = stream[Symbol.asyncIterator]();
    assert.throws(() => stream[Symbol.asyncIterator](), { name: 'NlinkError', code: 'ERR_NLINK_CONSUMER' });
    await assert.rejects(loop(subject, stream), { code: 'ERR_NLINK_CONSUMER' });
    // The first one is served as before.
    const expected = await subject.happen();
    const { value } = await within('an event', first.next());
    assert.equal(subject.brief(value as E), expected);
  });
}
