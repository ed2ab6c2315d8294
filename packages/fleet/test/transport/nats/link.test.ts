/** The connection, by the table of link.ts: dialled, lost, back, no good, stopped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NatsConnection } from '@nats-io/transport-node';
import { Link } from '../../../src/transport/nats/link.ts';
import { ManualClock } from '../../support/manual-clock.ts';

type Said = 'disconnect' | 'reconnecting' | 'reconnect' | 'error';

/** A connection that says and does what a test lets it. */
class Line {
  isClosed = false;
  #end: (error: Error | undefined) => void = () => {};
  #status: (type: Said) => void = () => {};
  readonly #closed: Promise<Error | undefined> = new Promise((resolve) => (this.#end = resolve));

  get nc(): NatsConnection {
    return this as unknown as NatsConnection;
  }

  closed(): Promise<Error | undefined> {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#end(undefined);
  }

  async *status(): AsyncGenerator<{ type: Said; server: string; error: Error }> {
    const error = new Error('no such user');
    for (;;) {
      const type = await new Promise<Said>((resolve) => (this.#status = resolve));
      yield { type, server: 'here', error };
    }
  }

  says(type: Said): void {
    this.#status(type);
  }

  /** The client gives up. */
  ends(): void {
    this.#end(new Error('credentials expired'));
  }
}

class Dialled {
  readonly clock = new ManualClock();
  readonly told: string[] = [];
  readonly lines: Line[] = [];
  /** When each was dialled. */
  readonly dials: number[] = [];
  isRefused = false;
  /** Dialling takes until somebody says so. */
  isSlow = false;
  answer: () => void = () => {};
  /** Of the last attempt. */
  signal: AbortSignal | null = null;
  readonly link: Link = new Link(
    (signal) => this.#dial(signal),
    { up: () => this.told.push('up'), down: (reason) => this.told.push(`down: ${reason}`) },
    this.clock,
  );

  async #dial(signal: AbortSignal): Promise<NatsConnection> {
    this.dials.push(this.clock.now());
    this.signal = signal;
    if (this.isSlow) await new Promise<void>((resolve) => (this.answer = resolve));
    if (this.isRefused) throw new Error('refused');
    const line = new Line();
    this.lines.push(line);
    return line.nc;
  }

  line(at: number): Line {
    return this.lines[at] as Line;
  }

  /** @returns what was told since the last time */
  async take(milliseconds = 0): Promise<string[]> {
    await this.clock.pass(milliseconds);
    return this.told.splice(0);
  }
}

async function started(): Promise<Dialled> {
  const dialled = new Dialled();
  await dialled.link.start();
  assert.deepEqual(await dialled.take(), ['up']);
  return dialled;
}

test('the first one that fails is an error, and is not tried again', async () => {
  const dialled = new Dialled();
  dialled.isRefused = true;
  await assert.rejects(dialled.link.start(), { message: 'refused' });
  assert.deepEqual([await dialled.take(60_000), dialled.dials.length], [[], 1]);
});

test('lost, and back by itself: said, and nothing is dialled', async () => {
  const dialled = await started();
  dialled.line(0).says('disconnect');
  assert.deepEqual(await dialled.take(), ['down: no connection to here']);
  dialled.line(0).says('reconnect');
  assert.deepEqual([await dialled.take(60_000), dialled.dials.length], [['up'], 1]);
});

test('lost, and not tried for ten seconds: another one is dialled', async () => {
  const dialled = await started();
  dialled.line(0).says('disconnect');
  await dialled.take(9000);
  dialled.line(0).says('reconnecting');
  assert.deepEqual([await dialled.take(9999), dialled.dials.length], [[], 1]);
  assert.deepEqual(await dialled.take(1), ['down: the client does not try to connect', 'up']);
  assert.ok(dialled.line(0).isClosed);
  // The next one is looked after in the same way, and nobody is while it is connected.
  dialled.line(1).says('disconnect');
  await dialled.take();
  dialled.line(1).says('reconnect');
  assert.deepEqual([await dialled.take(60_000), dialled.dials.length], [['up'], 2]);
});

test('lost, and refused: another one is dialled, with pauses; an error while it is up is none of that', async () => {
  const dialled = await started();
  dialled.line(0).says('error');
  assert.deepEqual([await dialled.take(1000), dialled.dials.length], [[], 1]);
  dialled.line(0).says('disconnect');
  await dialled.take();
  dialled.isRefused = true;
  dialled.line(0).says('error');
  assert.deepEqual(await dialled.take(), ['down: no such user', 'down: refused']);
  dialled.isRefused = false;
  assert.deepEqual([await dialled.take(250), dialled.dials.length], [['up'], 3]);
});

test('given up by the client: dialled after pauses that grow to 2 s, and from the start after a success', async () => {
  const dialled = await started();
  dialled.isRefused = true;
  dialled.line(0).ends();
  assert.deepEqual(await dialled.take(), ['down: credentials expired']);
  await dialled.clock.pass(10_000);
  const gaps = dialled.dials.map((at, index) => at - (dialled.dials[index - 1] ?? at)).slice(1);
  assert.deepEqual(gaps.slice(0, 6), [250, 500, 1000, 2000, 2000, 2000]);
  dialled.isRefused = false;
  assert.equal((await dialled.take(2000)).at(-1), 'up');
  dialled.line(1).ends();
  assert.deepEqual(await dialled.take(249), ['down: credentials expired']);
  assert.deepEqual(await dialled.take(1), ['up']);
});

test('no good: closed, and another one is dialled at once; what the old one says then counts for nothing', async () => {
  const dialled = await started();
  dialled.link.renew('nothing comes');
  dialled.link.renew('nothing comes');
  assert.deepEqual(await dialled.take(), ['down: nothing comes', 'up']);
  assert.ok(dialled.line(0).isClosed);
  dialled.line(0).says('disconnect');
  assert.deepEqual([await dialled.take(60_000), dialled.dials.length], [[], 2]);
  assert.equal(dialled.link.connection, dialled.line(1).nc);
});

test('stopped while a pause lasts: nothing is dialled any more', async () => {
  const dialled = await started();
  dialled.line(0).ends();
  await dialled.clock.pass(100);
  await dialled.link.stop();
  dialled.told.length = 0;
  assert.deepEqual([await dialled.take(60_000), dialled.dials.length], [[], 1]);
});

test('stopped while one is dialled: it is closed when it is there, and nobody is told', async () => {
  const dialled = await started();
  dialled.isSlow = true;
  dialled.link.renew('nothing comes');
  assert.equal(dialled.signal?.aborted, false);
  await dialled.link.stop();
  assert.equal(dialled.signal?.aborted, true);
  await dialled.take();
  dialled.answer();
  assert.deepEqual(await dialled.take(), []);
  assert.ok(dialled.line(1).isClosed);
  assert.equal(dialled.link.connection, null);
});
