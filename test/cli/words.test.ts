/** Words of the command line with bytes that are not UTF-8. (Of a real one: exec.live.test.ts.) */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { exactWords } from '../../src/cli/words.ts';

const line = (text: string): Buffer => Buffer.from(text, 'latin1');

test('taken from the line, empty ones too', () => {
  assert.deepEqual(exactWords(['id', '\ufffd', '', 'é'], line('node\0main\0id\0\xff\0\0\xc3\xa9\0')), [
    'id',
    '\udcff',
    '',
    'é',
  ]);
});

test('a true U+FFFD stays one', () => {
  assert.deepEqual(exactWords(['\ufffd'], line('node\0\xef\xbf\xbd\0')), ['\ufffd']);
});

test('a line that is not that of these words, or is missing: as Node has them', () => {
  for (const text of ['', 'other\0', 'id\0x\0', 'nlink: a title'])
    assert.deepEqual(exactWords(['id', '\ufffd'], line(text)), ['id', '\ufffd'], text);
});
