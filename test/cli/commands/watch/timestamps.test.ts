/** The time of a line in every style. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Timestamps } from '../../../../src/cli/commands/watch/timestamps.ts';
import type { TimeStyle } from '../../../../src/cli/spec/watch.ts';

const at = new Date(2026, 0, 2, 3, 4, 5, 6);
const later = new Date(at.getTime() + 61_250);

const texts = (style: TimeStyle): (string | null)[] => {
  const timestamps = new Timestamps(style);
  return [at, later].map((time) => timestamps.text(time));
};
const values = (style: TimeStyle): (string | number | undefined)[] => {
  const timestamps = new Timestamps(style);
  return [at, later].map((time) => timestamps.value(time));
};

test('for lines', () => {
  assert.deepEqual(texts('clock'), ['03:04:05.006', '03:05:06.256']);
  assert.deepEqual(texts('none'), [null, null]);
  assert.deepEqual(texts('iso'), [at.toISOString(), later.toISOString()]);
  const unix = at.getTime() / 1000;
  assert.deepEqual(texts('unix'), [unix.toFixed(3), (unix + 61.25).toFixed(3)]);
  assert.deepEqual(texts('delta'), ['    0.000', '   61.250']);
});

test('for JSON', () => {
  assert.deepEqual(values('clock'), [at.toISOString(), later.toISOString()]);
  assert.deepEqual(values('none'), [undefined, undefined]);
  assert.deepEqual(values('iso'), values('clock'));
  assert.deepEqual(values('unix'), [at.getTime() / 1000, later.getTime() / 1000]);
  assert.deepEqual(values('delta'), [0, 61.25]);
});
