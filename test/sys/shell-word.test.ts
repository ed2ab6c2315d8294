/**
 * Words of printed commands, as a real shell reads them: each is the word again, byte for byte, and
 * nothing is run.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord } from '../../src/sys/shell-word.ts';
import { encodeName } from '../../src/reference/names.ts';

const WORDS = [
  'blue',
  '/run/netns/blue-1_2.x',
  'my net',
  "it's",
  '$(id)`id`;&|<>*?~#!\\"',
  "\udce9\n\t' \\x41",
  'café',
  '\u202eabc',
  '\x1b[2J1',
];

test('what bash reads is what was meant', () => {
  for (const word of WORDS) {
    const read = execFileSync('bash', ['-c', `printf '%s\\0' ${shellWord(word)}`]);
    assert.deepEqual(read, Buffer.concat([encodeName(word), Buffer.of(0)]), word);
    assert.match(shellWord(word), /^[\x20-\x7e]+$/, 'to be printed as it is');
  }
});

test('what is plain stays as it is', () => {
  assert.equal(shellWord('/run/netns/blue-1_2.x'), '/run/netns/blue-1_2.x');
  assert.equal(shellWord('my net'), "'my net'");
});
