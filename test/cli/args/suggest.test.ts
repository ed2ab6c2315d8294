/** Which word a mistyped one was meant to be. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { suggest } from '../../../src/cli/args/suggest.ts';

const WORDS = ['watch', 'wait', 'list', 'identify', 'created', 'directoryCreated'];

const cases: [typed: string, meant: string | null, why: string][] = [
  ['wach', 'watch', 'one letter is missing'],
  ['wtach', 'watch', 'two letters changed places'],
  ['watchh', 'watch', 'one letter too many'],
  ['liist', 'list', 'the nearest one'],
  ['LIST', 'list', 'case does not count'],
  ['Created', 'created', 'case, in a longer word'],
  ['ident', 'identify', 'the beginning of a word, however long'],
  ['directory', 'directoryCreated', 'the beginning, rather than the nearest'],
  ['ntify', null, 'the end of a word'],
  ['wxyzh', null, 'three edits'],
  ['li', null, 'too short to mean anything'],
  ['', null, 'nothing'],
];

for (const [typed, meant, why] of cases)
  test(`suggest ${JSON.stringify(typed)}: ${why}`, () => assert.equal(suggest(typed, WORDS), meant));

test('suggest nothing where there is nothing', () => assert.equal(suggest('watch', []), null));
