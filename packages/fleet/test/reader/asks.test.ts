/** Which hosts are asked for a snapshot, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Asks } from '../../src/reader/asks.ts';

class Asking {
  readonly asks = new Asks();
  now = 10_000;
  readonly asked: string[] = [];

  /** Time passes. @returns who is asked then */
  pass(milliseconds: number, mayAsk = true): string[] {
    const end = this.now + milliseconds;
    while (this.now < end) {
      this.now += 50;
      this.asks.lapse(
        this.now,
        () => mayAsk,
        (key) => this.asked.push(key),
      );
    }
    return this.asked.splice(0);
  }

  want(...keys: string[]): void {
    for (const key of keys) this.asks.want(key, this.now);
  }
}

test('not at once: it may be on the way, and then nobody is asked', () => {
  const asking = new Asking();
  asking.want('a', 'b');
  assert.deepEqual(asking.pass(250), []);
  asking.asks.done('a');
  assert.deepEqual(asking.pass(50), ['b']);
  assert.equal(asking.asks.total, 1);
});

test('who does not answer is asked ever less often', () => {
  const asking = new Asking();
  asking.want('a');
  assert.equal(asking.pass(300).length, 1);
  assert.equal(asking.pass(1950).length, 0);
  assert.equal(asking.pass(50).length, 1);
  assert.equal(asking.pass(3950).length, 0);
  assert.equal(asking.pass(50).length, 1);
  asking.pass(600_000);
  assert.ok(asking.pass(1_200_000).length <= 11);
});

test('who answers with what does not help is not asked all the time', () => {
  const asking = new Asking();
  let count = 0;
  for (let at = 0; at < 100; at++) {
    asking.want('a');
    count += asking.pass(500).length;
    asking.asks.done('a');
  }
  assert.ok(count >= 5 && count <= 25, `${count} in 50 s`);
});

test('who is well for a while is asked soon again', () => {
  const asking = new Asking();
  asking.want('a');
  assert.equal(asking.pass(300).length, 1);
  asking.asks.done('a');
  asking.pass(5000);
  asking.want('a');
  assert.equal(asking.pass(300).length, 1);
});

test('few of many in a second, each in its turn; and nobody who cannot answer', () => {
  const asking = new Asking();
  const all = Array.from({ length: 400 }, (_, at) => `h${at}`);
  asking.want(...all);
  assert.deepEqual(asking.pass(1000, false), []);
  const asked = asking.pass(1000);
  assert.ok(asked.length >= 100 && asked.length <= 160, String(asked.length));
  const rest = asking.pass(6000);
  assert.ok(rest.length <= 310, String(rest.length));
  assert.equal(new Set([...asked, ...rest]).size, 400);
  asking.asks.forget('h0');
  assert.ok(!asking.pass(60_000).includes('h0'));
});
