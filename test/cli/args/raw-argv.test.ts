/** The words of the command line with the bytes that Node makes U+FFFD of. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { rawArgv } from '../../../src/cli/args/raw-argv.ts';

const line = (...words: (string | number[])[]): Buffer =>
  Buffer.concat(words.flatMap((word) => [Buffer.from(word as string), Buffer.from([0])]));

test('bytes that are not UTF-8, among words that are', () => {
  const bytes = line('node', '--option', '/main.js', 'add', [0x61, 0xff], '', 'ü', '\uFFFD');
  const words = ['add', 'a\uFFFD', '', 'ü', '\uFFFD'];
  assert.deepEqual(
    rawArgv(words, () => bytes),
    ['add', 'a\udcff', '', 'ü', '\uFFFD'],
  );
});

test('what is no longer the command line, or may not be read: as Node gives it', () => {
  const words = ['add', 'a\uFFFD'];
  for (const bytes of [
    line('title'),
    line('node', 'other', 'words'),
    Buffer.alloc(0),
    line('node', 'a\uFFFD'),
  ])
    assert.deepEqual(
      rawArgv(words, () => bytes),
      words,
    );
  assert.deepEqual(
    rawArgv(words, () => {
      throw new Error('EACCES');
    }),
    words,
  );
});
