/** Lengths of time as they are written. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { durationOf } from '../../../src/cli/args/duration.ts';

const read = (text: string): number => durationOf(text, '--for');

test('every unit, fractions, and seconds where none is given', () => {
  const texts = {
    '0': 0,
    '2': 2000,
    '500ms': 500,
    '1.5s': 1500,
    '.5': 500,
    '2.': 2000,
    '5m': 300_000,
    '1h': 3_600_000,
    '24d': 2_073_600_000,
  };
  for (const [text, milliseconds] of Object.entries(texts)) assert.equal(read(text), milliseconds, text);
  assert.equal(read('0.4ms'), 1, 'a little is not nothing');
});

test('everything else is refused, and what is possible is said', () => {
  for (const text of [
    '',
    '-1',
    '1 s',
    's',
    '1w',
    '1e3',
    '.',
    '25d',
    '9'.repeat(400),
    '5M',
    'NaN',
    '1s ',
    '0x10',
  ])
    assert.throws(() => read(text), /^UsageError: --for must be a duration such as 500ms, .*, not "/, text);
});
