import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServerClock } from '../../../src/transport/nats/server-clock.ts';

const sample = fc.record({
  /** Since the one before it. */
  pause: fc.integer({ min: 0, max: 20_000 }),
  there: fc.integer({ min: 0, max: 3000 }),
  back: fc.integer({ min: 0, max: 3000 }),
});

test('an age is as exact as the quickest answer, and never less than nothing', () => {
  const ahead = fc.integer({ min: -1e12, max: 2e12 });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), ahead, (samples, offset) => {
      const clock = new ServerClock();
      let now = 1000;
      let best = Infinity;
      for (const { pause, there, back } of samples) {
        const sent = now + pause;
        now = sent + there + back;
        clock.sample(sent, now, sent + there + offset);
        best = Math.min(best, there + back);
        const error = Math.abs(clock.age(now, now + offset - 50_000) - 50_000);
        // Clocks may drift apart meanwhile.
        assert.ok(error <= best / 2 + now * 0.0005, `${error} with ${best}`);
        assert.equal(clock.age(now, now + offset + best + 10_000 + now), 0);
      }
    }),
  );
});

test('a clock that was set is followed by the next answer', () => {
  const clock = new ServerClock();
  assert.equal(clock.age(5, 1_700_000_000_000), 0);
  clock.sample(1000, 1002, 1_700_000_000_000);
  assert.equal(clock.age(2001, 1_700_000_000_000), 1000);
  clock.sample(3000, 3500, 1_600_000_000_000);
  assert.equal(clock.age(4250, 1_600_000_000_000), 1000);
  // A worse one that says the same changes nothing.
  clock.sample(5000, 9000, 1_600_000_005_000);
  assert.equal(clock.age(9250, 1_600_000_005_000), 1000);
});
