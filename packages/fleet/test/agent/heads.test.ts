/** When heads are published, by the table of heads.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heads } from '../../src/agent/heads.ts';
import type { Outcome } from '../../src/nats/publish.ts';
import { ManualClock } from '../support/manual-clock.ts';

const KEPT: Outcome = { kind: 'kept', stream: 'nlink-heads', seq: 1 };
const REFUSED: Outcome = { kind: 'refused', reason: 'full' };
const UNKNOWN: Outcome = { kind: 'unknown', reason: 'no answer in time' };

class Sending {
  readonly clock = new ManualClock();
  /** When each was sent. */
  readonly sent: number[] = [];
  readonly #answers: ((outcome: Outcome) => void)[] = [];
  readonly heads: Heads;

  constructor(random: () => number = () => 0.5) {
    const publish = (): Promise<Outcome> => {
      this.sent.push(this.clock.now());
      return new Promise((resolve) => this.#answers.push(resolve));
    };
    this.heads = new Heads({ clock: this.clock, random, interval: 15_000, publish });
    this.heads.open();
  }

  /** The head that was sent as number `at` is answered. */
  async answer(at: number, outcome: Outcome): Promise<void> {
    this.#answers[at]?.(outcome);
    await this.clock.pass(0);
  }
}

test('one at once, the next after the interval; one that is not answered is followed after 2 s', async () => {
  const { clock, sent } = new Sending();
  assert.deepEqual(sent, [0]);
  await clock.pass(4000);
  assert.deepEqual(sent, [0, 2000, 4000]);
});

test('kept: a rest; refused: ever longer pauses, but at once where one is wanted', async () => {
  const sending = new Sending();
  await sending.answer(0, KEPT);
  await sending.clock.pass(14_999);
  assert.equal(sending.sent.length, 1);
  await sending.clock.pass(1);
  await sending.answer(1, REFUSED);
  await sending.clock.pass(100);
  await sending.answer(2, REFUSED);
  await sending.clock.pass(200);
  assert.deepEqual(sending.sent, [0, 15_000, 15_100, 15_300]);
  await sending.answer(3, REFUSED);
  void sending.heads.now();
  assert.equal(sending.sent.at(-1), 15_300);
  assert.equal(sending.sent.length, 5);
});

test('who wants one while one is on its way has the answer to that one', async () => {
  const sending = new Sending();
  const outcomes: Outcome[] = [];
  for (let at = 0; at < 2; at++) void sending.heads.now().then((outcome) => outcomes.push(outcome));
  assert.equal(sending.sent.length, 1);
  await sending.answer(0, UNKNOWN);
  assert.deepEqual(outcomes, []);
  await sending.clock.pass(2000);
  await sending.answer(1, KEPT);
  assert.deepEqual(outcomes, [KEPT, KEPT]);
});

test('one of the connection before that is answered late counts for nothing', async () => {
  const sending = new Sending();
  sending.heads.close();
  sending.heads.open();
  await sending.answer(0, KEPT);
  await sending.clock.pass(2000);
  assert.deepEqual(sending.sent, [0, 0, 2000]);
});

test('closed: none is sent, and who waits is told', async () => {
  const sending = new Sending();
  const waiting = sending.heads.now();
  sending.heads.close();
  assert.deepEqual(await waiting, { kind: 'unknown', reason: 'not connected' });
  assert.deepEqual(await sending.heads.now(), { kind: 'unknown', reason: 'not connected' });
  await sending.clock.pass(60_000);
  assert.deepEqual(sending.sent, [0]);
});

test('not all hosts at once: a fifth sooner or later, by chance', async () => {
  for (const [chance, at] of [
    [0, 12_000],
    [0.5, 15_000],
    [1, 18_000],
  ] as const) {
    const sending = new Sending(() => chance);
    await sending.answer(0, KEPT);
    await sending.clock.pass(20_000);
    assert.equal(Math.round(sending.sent[1] ?? 0), at);
  }
});
