/** One stream, step by step, by a store whose every answer is given; by chance: lane-model.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../../src/transport/nats/lane.ts';
import type { LaneStore, Reading, ReadingHandlers } from '../../../src/transport/nats/lane-types.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const STAMP = 1_000_000n;

class Script implements LaneStore {
  readonly clock = new ManualClock();
  readonly told: string[] = [];
  /** When each reading was asked for. */
  readonly opens: number[] = [];
  readonly closed: number[] = [];
  /** That were published: each is the message of the stream with its number. */
  readonly marks: number[] = [];
  handlers: ReadingHandlers[] = [];
  /** Whether readings are there at once. */
  isPrompt = true;
  /** Whether markers come back. */
  isHeard = true;
  #answers: (() => void)[] = [];
  readonly lane: Lane = new Lane({
    name: 's',
    store: this,
    clock: this.clock,
    random: () => 0.5,
    events: {
      message: ({ seq }) => this.told.push(`message ${seq}`),
      changed: () => this.told.push(this.lane.isLive ? 'live' : `not live: ${this.lane.reason}`),
      anew: () => this.told.push('anew'),
      mute: () => this.told.push(`mute at ${this.clock.now()}`),
      tried: () => {},
    },
  });

  async open(_position: unknown, handlers: ReadingHandlers): Promise<Reading> {
    const at = this.opens.push(this.clock.now()) - 1;
    this.handlers.push(handlers);
    if (!this.isPrompt) await new Promise<void>((resolve) => this.#answers.push(resolve));
    const last = this.marks.at(-1) ?? 0;
    return { created: 'c', last, time: 0, begin: () => {}, close: () => this.closed.push(at) };
  }

  answer(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }

  async mark(number: number): Promise<void> {
    this.marks.push(number);
    if (this.isHeard) queueMicrotask(() => this.returned(number));
  }

  /** A marker comes back through the last reading. */
  returned(number: number): void {
    const message = { seq: number, stamp: STAMP * BigInt(number), subject: 'mark', data: Buffer.alloc(0) };
    this.handlers.at(-1)?.message(message);
  }

  ownMark({ seq }: { seq: number }): number {
    return seq;
  }

  /** @returns what was told since the last time */
  async take(milliseconds = 0): Promise<string[]> {
    await this.clock.pass(milliseconds);
    return this.told.splice(0);
  }
}

const UNREAD = 'not live: s: not all that was kept has been read';

test('a reading that was asked for before the connection was lost is closed, and read no more', async () => {
  const script = new Script();
  script.isPrompt = false;
  script.lane.connected();
  script.lane.disconnected();
  script.answer();
  assert.deepEqual(await script.take(5000), []);
  assert.deepEqual([script.closed, script.marks], [[0], []]);
  script.lane.connected();
  await script.clock.pass(0);
  script.answer();
  assert.deepEqual(await script.take(), [UNREAD, 'live']);
  assert.deepEqual([script.opens.length, script.closed], [2, [0]]);
});

test('another message under the number of the last one: the store is another one', async () => {
  const script = new Script();
  script.lane.connected();
  await script.take();
  const seq = script.marks.at(-1) as number;
  const message = { seq, stamp: STAMP * BigInt(seq), subject: 'mark', data: Buffer.alloc(0) };
  script.handlers.at(-1)?.message(message);
  assert.deepEqual(await script.take(), []);
  script.handlers.at(-1)?.message({ ...message, stamp: message.stamp + 1n });
  assert.deepEqual(await script.take(), ['not live: s: the stream was made anew', 'anew', UNREAD, 'live']);
});

test('whoever waits when the connection is lost is not called', async () => {
  const script = new Script();
  script.lane.connected();
  await script.take();
  script.isHeard = false;
  let calls = 0;
  script.lane.barrier(() => calls++);
  await script.take();
  script.lane.disconnected();
  script.isHeard = true;
  script.lane.connected();
  assert.deepEqual(await script.take(60_000), ['not live: not connected', UNREAD, 'live']);
  assert.equal(calls, 0);
  script.lane.barrier(() => calls++);
  await script.take();
  assert.equal(calls, 1);
});

test('30 s without any message: the connection is no good; said once in 30 s', async () => {
  const script = new Script();
  script.lane.connected();
  await script.take();
  script.isHeard = false;
  const told = await script.take(100_000);
  const mutes = told.filter((text) => text.startsWith('mute')).map((text) => Number(text.split(' ').at(-1)));
  assert.equal(mutes.length, 3, told.join('\n'));
  const gaps = mutes.map((at, index) => at - (mutes[index - 1] ?? 0));
  for (const gap of gaps) assert.ok(gap >= 30_000 && gap <= 36_000, String(gap));
});

test('a reading that lasted was no failure: after it no pause is longer than the first one', async () => {
  const script = new Script();
  script.lane.connected();
  await script.take();
  /** @returns how long after its end the next one was asked for */
  const pauseAfter = async (lasted: number): Promise<number> => {
    await script.clock.pass(lasted);
    const at = script.clock.now();
    script.handlers.at(-1)?.ended('gone');
    for (const { length } = script.opens; script.opens.length === length;) await script.clock.pass(25);
    return (script.opens.at(-1) as number) - at;
  };
  const pauses: number[] = [];
  for (const lasted of [0, 0, 0, 0, 0, 9999, 10_000, 10_000, 0]) pauses.push(await pauseAfter(lasted));
  assert.deepEqual(pauses, [75, 150, 300, 600, 750, 750, 75, 75, 150]);
});
